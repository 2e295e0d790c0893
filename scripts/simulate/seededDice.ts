import type { quadratic } from "../../src/protocol/index.ts";

/** Dice that a seed repeats on every machine: integers alone. Source: the mulberry32 generator. */
export function seededDice(seed: number): quadratic.Dice {
  let state = seed >>> 0;
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return Number((BigInt((mixed ^ (mixed >>> 14)) >>> 0) * BigInt(below)) >> 32n);
  };
}
