import type { Address, Hex } from "viem";

/** Implementations of the curve, fastest first. */
export type VerifierName = "native" | "wasm" | "js";

/** Recovers who signed a digest. Malformed, high-s and zero signatures recover to `undefined`, never to an address and never by throwing. */
export type Verifier = {
  /** Which implementation was chosen. */
  readonly name: VerifierName;
  /** Those that were asked for before this one, and why each was not taken; empty when the first was. Set by `selectVerifier`. */
  readonly skipped?: readonly Skipped[];
  /** Threads that verify beside the caller's own; 0 or absent when work is done where it is asked for. */
  readonly workers?: number;
  /** @param signature 65 bytes `r`, `s`, `v` with `v` 27 or 28, low `s`. */
  recover(digest: Hex, signature: Hex): Promise<Address | undefined>;
  /** The same over bytes, as a payee that counts microseconds does it. Absent in a verifier that has text alone. */
  readonly curve?: Curve;
  /** Ends the workers, if there are any. */
  close?(): Promise<void>;
};

/** An implementation over bytes: neither hexadecimal nor, where the work is done in this thread, a promise. */
export type Curve = {
  /** 32 bytes that the caller may keep. */
  keccak256(bytes: Uint8Array): Uint8Array;
  /**
   * The signer's public key, its 64 bytes x and y that the caller may keep, or undefined for whatever `recover` calls nobody. Both
   * inputs are read before it returns, so the caller may use them again. It holds `v` to the curve's point too, which checking against
   * a known key cannot: the escrow recovers.
   */
  recoverKey(digest: Uint8Array, signature: Uint8Array): Uint8Array | undefined | Promise<Uint8Array | undefined>;
};

/** Why an implementation was passed over. */
export type Skipped = { readonly name: VerifierName; readonly reason: string };

/** What a subpath brings to `selectVerifier`: an implementation, or why this system has none. */
export type Offer = { readonly name: VerifierName } & (
  | { readonly verifier: Verifier; readonly missing?: undefined }
  | { readonly missing: string; readonly verifier?: undefined }
);
