import { createKeccak } from "hash-wasm";

/** Keccak-256 compiled to WASM, ten times what JavaScript makes; synchronous once it has started. */
export async function startKeccak(): Promise<(bytes: Uint8Array) => Uint8Array> {
  const hasher = await createKeccak(256);
  return (bytes) => hasher.init().update(bytes).digest("binary");
}
