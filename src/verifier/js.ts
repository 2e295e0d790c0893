import { bytesToHex, type Hex, keccak256, recoverPublicKey } from "viem";
import { hexToBytes } from "../protocol/bytes.ts";
import { isPlainSignatureBytes } from "../protocol/signature.ts";
import { fromCurve } from "./fromCurve.ts";
import type { Verifier } from "./verifier.ts";

/** The verifier that runs everywhere: viem's own curve, in JavaScript. */
export function jsVerifier(): Verifier {
  return fromCurve("js", {
    keccak256: (bytes) => keccak256(bytes, "bytes"),
    recoverKey(digest, signature) {
      if (digest.length !== 32 || !isPlainSignatureBytes(signature)) return undefined;
      return recover(bytesToHex(digest), bytesToHex(signature));
    },
  });
}

async function recover(hash: Hex, signature: Hex): Promise<Uint8Array | undefined> {
  try {
    return hexToBytes(`0x${(await recoverPublicKey({ hash, signature })).slice(4)}`);
  } catch {
    // An r that is no point of the curve, or a key at infinity: recovers to nobody.
    return undefined;
  }
}
