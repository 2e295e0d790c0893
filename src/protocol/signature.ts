import type { Hex } from "viem";
import { hexToBytes } from "./bytes.ts";

/**
 * Whether a signature is in the one form that messages travel in: 65 bytes of hexadecimal, `r` and `s` not 0 and below the
 * curve's order, `s` in its lower half (so that nobody can make a second valid copy), `v` 27 or 28. Says nothing of who signed.
 * Source: draft-evm-session-00, "Signature Malleability"; EIP-2.
 */
export function isPlainSignature(signature: unknown): signature is Hex {
  if (typeof signature !== "string" || signature.length !== 132) return false;
  return hexToBytes(signature as Hex, scratch) !== undefined && isPlainSignatureBytes(scratch);
}

/** Where a text is read to, to be judged at once. */
const scratch = new Uint8Array(65);

/** {@link isPlainSignature} over bytes. */
export function isPlainSignatureBytes(signature: Uint8Array): boolean {
  if (signature.length !== 65) return false;
  const v = signature[64];
  return (v === 27 || v === 28) && isWithin(signature, 0, lastScalar) && isWithin(signature, 32, halfScalar);
}

/** Whether the 32 bytes at `offset`, as a number, are from 1 to `most`. */
function isWithin(bytes: Uint8Array, offset: number, most: Uint8Array): boolean {
  let isZero = true;
  for (let index = 0; index < 32; index++) {
    const byte = bytes[offset + index] as number;
    const bound = most[index] as number;
    if (byte > bound) return false;
    // From the first byte that is below its bound on, nothing can exceed it any more: only zero is left to rule out.
    if (byte < bound)
      return byte !== 0 || !isZero || bytes.subarray(offset + index, offset + 32).some((rest) => rest !== 0);
    isZero &&= byte === 0;
  }
  return true;
}

/** The order of secp256k1, and half of it. Source: SEC 2, section 2.4.1. */
const order = "fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141";
const halfOrder = "7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0";
const lastScalar = bytesOf(order);
lastScalar[31] = (lastScalar[31] as number) - 1;
const halfScalar = bytesOf(halfOrder);

function bytesOf(scalar: string): Uint8Array {
  return hexToBytes(`0x${scalar}`) as Uint8Array;
}
