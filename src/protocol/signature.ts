import type { Hex } from "viem";

/**
 * Whether a signature is in the one form that messages travel in: 65 bytes of hexadecimal, `r` and `s` not 0 and below the
 * curve's order, `s` in its lower half (so that nobody can make a second valid copy), `v` 27 or 28. Says nothing of who signed.
 * Source: draft-evm-session-00, "Signature Malleability"; EIP-2.
 */
export function isPlainSignature(signature: unknown): signature is Hex {
  if (typeof signature !== "string" || !plain.test(signature)) return false;
  const lower = signature.toLowerCase();
  // Hexadecimal of one length and case orders as its numbers do, at a fraction of the cost of parsing them.
  const r = lower.slice(2, 66);
  const s = lower.slice(66, 130);
  return r > zero && r < order && s > zero && s <= halfOrder;
}

const plain = /^0x[0-9a-fA-F]{128}(?:1b|1c|1B|1C)$/;
const zero = "0".repeat(64);
/** The order of secp256k1, and half of it. Source: SEC 2, section 2.4.1. */
const order = "fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141";
const halfOrder = "7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0";
