import { bytesToHex, keccak256, recoverPublicKey } from "viem";
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
      return recover(digest, signature);
    },
  });
}

async function recover(digest: Uint8Array, signature: Uint8Array): Promise<Uint8Array | undefined> {
  try {
    return hexToBytes(await recoverPublicKey({ hash: digest, signature: bytesToHex(signature) }));
  } catch {
    // An r that is no point of the curve, or a key at infinity: recovers to nobody.
    return undefined;
  }
}
