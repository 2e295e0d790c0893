import { bytesToHex, type Hex, hashTypedData } from "viem";
import { hexToBytes } from "../protocol/bytes.ts";
import type { Signer } from "../protocol/signer.ts";
import { addressOf } from "./fromCurve.ts";
import { startKeccak } from "./keccak.ts";
import { VerifierUnavailableError } from "./selectVerifier.ts";

/**
 * A local key that signs by libsecp256k1: the very bytes that viem's account makes (RFC 6979, low `s`), many times faster.
 * @param secret 32 bytes in hexadecimal.
 * @throws {@link VerifierUnavailableError} where the package `secp256k1` has no binding; use viem's `privateKeyToAccount` there.
 */
export async function nativeSigner(secret: Hex): Promise<Signer & { sign: NonNullable<Signer["sign"]> }> {
  const key = secret.length === 66 ? hexToBytes(secret) : undefined;
  if (!key) throw new TypeError("A private key has 32 bytes in hexadecimal.");
  const { default: bindings } = await import("secp256k1/bindings.js").catch(() => {
    throw new VerifierUnavailableError(["native"]);
  });
  const publicKey = bindings.publicKeyCreate(key, false);
  async function sign({ hash }: { hash: Hex }): Promise<Hex> {
    const { signature, recid } = bindings.ecdsaSign(hexToBytes(hash) ?? new Uint8Array(), key as Uint8Array);
    return `${bytesToHex(signature)}${recid === 0 ? "1b" : "1c"}`;
  }
  return {
    address: addressOf(publicKey.subarray(1), { keccak256: await startKeccak() }),
    sign,
    signTypedData: (typedData) => sign({ hash: hashTypedData(typedData) }),
  };
}
