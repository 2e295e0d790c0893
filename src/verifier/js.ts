import { type Address, type Hex, keccak256, recoverPublicKey } from "viem";
import { isPlainSignature } from "../protocol/signature.ts";
import type { Verifier } from "./verifier.ts";

/** The verifier that runs everywhere: viem's own curve, in JavaScript. */
export function jsVerifier(): Verifier {
  return { name: "js", recover };
}

async function recover(digest: Hex, signature: Hex): Promise<Address | undefined> {
  if (!isPlainSignature(signature) || !isDigest(digest)) return undefined;
  try {
    const publicKey = await recoverPublicKey({ hash: digest, signature });
    // An address is the end of the key's hash; viem's `recoverAddress` would hash once more for a checksum that nobody reads.
    return `0x${keccak256(`0x${publicKey.slice(4)}`).slice(26)}`;
  } catch {
    // An r that is no point of the curve, or a key at infinity: recovers to nobody.
    return undefined;
  }
}

function isDigest(digest: unknown): boolean {
  return typeof digest === "string" && /^0x[0-9a-fA-F]{64}$/.test(digest);
}
