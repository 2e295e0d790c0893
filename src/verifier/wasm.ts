import { isPlainSignatureBytes } from "../protocol/signature.ts";
import { fromCurve } from "./fromCurve.ts";
import { startKeccak } from "./keccak.ts";
import type { Offer } from "./verifier.ts";

/**
 * libsecp256k1 compiled to WASM, by the package `tiny-secp256k1`, for {@link selectVerifier}: for systems without a native binding.
 * @example
 * const verifier = selectVerifier({ order: ["wasm", "js"], offers: [await wasmVerifier()] });
 */
export async function wasmVerifier(): Promise<Offer> {
  let recover: typeof import("tiny-secp256k1").recover;
  try {
    ({ recover } = await import("tiny-secp256k1"));
  } catch (error) {
    const reason = error instanceof Error ? (error.message.split("\n")[0] ?? "") : String(error);
    return { name: "wasm", missing: `the package tiny-secp256k1 is not installed or does not run here (${reason})` };
  }
  const verifier = fromCurve("wasm", {
    keccak256: await startKeccak(),
    recoverKey(digest, signature) {
      if (digest.length !== 32 || !isPlainSignatureBytes(signature)) return undefined;
      try {
        return recover(digest, signature.subarray(0, 64), signature[64] === 27 ? 0 : 1, false)?.slice(1);
      } catch {
        // An r that is no point of the curve, the package's way to say so: recovers to nobody.
        return undefined;
      }
    },
  });
  return { name: "wasm", verifier };
}
