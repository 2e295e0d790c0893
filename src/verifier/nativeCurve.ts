import { isPlainSignatureBytes } from "../protocol/signature.ts";
import { startKeccak } from "./keccak.ts";
import type { Curve } from "./verifier.ts";

/** A curve whose work is done where it is asked for. */
export type LocalCurve = Pick<Curve, "keccak256"> & {
  recoverKey(digest: Uint8Array, signature: Uint8Array): Uint8Array | undefined;
};

/** libsecp256k1 in this thread, or why there is none. */
export async function nativeCurve(): Promise<LocalCurve | { missing: string }> {
  let bindings: typeof import("secp256k1/bindings.js")["default"];
  try {
    // The package's main entry would fall back to JavaScript, thirty times slower, without a word.
    ({ default: bindings } = await import("secp256k1/bindings.js"));
  } catch (error) {
    return { missing: `the package secp256k1 is not installed or has no binding for this system (${reason(error)})` };
  }
  // The binding has a buffer of its own made for each array that it is given for the first time: so it is given the same ones.
  const hash = new Uint8Array(32);
  const scalars = new Uint8Array(64);
  const key = new Uint8Array(65);
  return {
    keccak256: await startKeccak(),
    recoverKey(digest, signature) {
      if (digest.length !== 32 || !isPlainSignatureBytes(signature)) return undefined;
      try {
        hash.set(digest);
        for (let index = 0; index < 64; index++) scalars[index] = signature[index] as number;
        bindings.ecdsaRecover(scalars, (signature[64] as number) - 27, hash, false, key);
        return key.slice(1);
      } catch {
        // An r that is no point of the curve, or a key at infinity: recovers to nobody.
        return undefined;
      }
    },
  };
}

function reason(error: unknown): string {
  return error instanceof Error ? (error.message.split("\n")[0] ?? "") : String(error);
}
