import type { Address } from "viem";
import { addressOf } from "../verifier/fromCurve.ts";
import type { Curve } from "../verifier/verifier.ts";

/** The public keys behind the signers that were met: comparing 64 bytes spares hashing them into an address each time. */
export type KnownKeys = {
  /** @param signer Lower case. */
  isOf(key: Uint8Array, signer: Address, curve: Curve): boolean;
};

/** About 2 MB of the keys that were met last. */
const mostKeys = 16_384;

export function createKnownKeys(): KnownKeys {
  const keys = new Map<Address, Uint8Array>();
  return {
    isOf(key, signer, curve) {
      const known = keys.get(signer);
      // An address is the end of its one key's hash: nobody finds a second key to it, so another key is another signer.
      if (known) return isSame(key, known);
      if (addressOf(key, curve) !== signer) return false;
      if (keys.size >= mostKeys) keys.delete(keys.keys().next().value as Address);
      keys.set(signer, key);
      return true;
    },
  };
}

function isSame(a: Uint8Array, b: Uint8Array): boolean {
  for (let index = 0; index < 64; index++) if (a[index] !== b[index]) return false;
  return true;
}
