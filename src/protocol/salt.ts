import { bytesToHex, type Hex, pad } from "viem";

/** Random bytes of the length asked for, fit for keys. */
export type Random = (length: number) => Uint8Array;

/**
 * A channel's salt: 8 random bytes, zero-padded to 32, since a salt need only be unique for its payer and payee, and zero bytes are
 * the cheapest calldata.
 * @param random The platform's cryptographic source unless told.
 */
export function randomSalt(random: Random = platformRandom): Hex {
  return pad(bytesToHex(random(8)), { size: 32 });
}

/** The platform's cryptographic source: WebCrypto, in browsers and Node alike. */
export function platformRandom(length: number): Uint8Array {
  return globalThis.crypto.getRandomValues(new Uint8Array(length));
}
