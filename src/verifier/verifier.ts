import type { Address, Hex } from "viem";

/**
 * Recovers who signed a digest. Synchronous work behind a promise, so that a pool of workers fits the same shape.
 * Malformed, high-s and zero signatures recover to `undefined`, never to an address and never by throwing.
 */
export type Verifier = {
  /** Which implementation was chosen. */
  readonly name: "native" | "wasm" | "js";
  /** @param signature 65 bytes `r`, `s`, `v` with `v` 27 or 28, low `s`. */
  recover(digest: Hex, signature: Hex): Promise<Address | undefined>;
};
