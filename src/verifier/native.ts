import { fromCurve } from "./fromCurve.ts";
import { nativeCurve } from "./nativeCurve.ts";
import { startPool } from "./pool.ts";
import type { Offer } from "./verifier.ts";

export { nativeSigner } from "./nativeSigner.ts";

/**
 * libsecp256k1 itself, by the bindings of the package `secp256k1`, for {@link selectVerifier}. Where the package is not installed or
 * has no binding for this system, the offer says so; the package's own fallback to JavaScript is never used.
 * @param options.workers Threads that verify while this one goes on; 0 unless told. Worth it where cores are idle: see docs/speed.md.
 * @example
 * const verifier = selectVerifier({ order: ["native", "js"], offers: [await nativeVerifier()] });
 */
export async function nativeVerifier(options: { workers?: number } = {}): Promise<Offer> {
  const { workers = 0 } = options;
  const curve = await nativeCurve();
  if ("missing" in curve) return { name: "native", missing: curve.missing };
  if (workers === 0) return { name: "native", verifier: fromCurve("native", curve) };
  const pool = startPool(workers);
  const verifier = fromCurve("native", { keccak256: curve.keccak256, recoverKey: pool.recoverKey });
  return { name: "native", verifier: { ...verifier, workers, close: pool.close } };
}
