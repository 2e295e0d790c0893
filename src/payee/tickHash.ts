import { startKeccak } from "../verifier/keccak.ts";

/** `keccak256` of some bytes, synchronous, into bytes of its own. */
export type TickHash = (bytes: Uint8Array) => Uint8Array;

let started: Promise<TickHash> | undefined;

/** The hash that ticks are verified with, started once. */
export function tickHash(): Promise<TickHash> {
  started ??= startKeccak();
  return started;
}
