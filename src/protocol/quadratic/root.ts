import { FarthingError } from "../errors.ts";

/**
 * The largest whole number whose square is at most `value`, exact for every size, by Newton's method from above.
 * @throws {@link NegativeRootError}
 * @example
 * integerRoot(99n) // 9n
 */
export function integerRoot(value: bigint): bigint {
  if (value < 0n) throw new NegativeRootError();
  if (value < 2n) return value;
  // A power of two above the root: from there the steps only fall, and the first that does not fall is past the answer.
  let root = 1n << BigInt((value.toString(2).length + 1) >> 1);
  for (;;) {
    const next = (root + value / root) >> 1n;
    if (next >= root) return root;
    root = next;
  }
}

/** A number below zero was to be rooted. */
export class NegativeRootError extends FarthingError {
  override readonly name = "NegativeRootError";
  constructor() {
    super("negative-root", "A number below zero has no square root: give counted amounts of zero or more.");
  }
}
