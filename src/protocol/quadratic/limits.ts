/** Counted amounts are multiplied by this, 2^64, before they are rooted, so that dust keeps its weight. */
export const rootScale = 2n ** 64n;

/** A gate's full weight, in basis points: 100 %. */
export const fullWeight = 10_000;

/** What a project's fields in the contract can hold; a gift past a limit is attributed but draws no matching. */
export type FieldLimits = {
  /** Largest `S` of a project. */
  rootSum: bigint;
  /** Most donor keys of a project that count. */
  donors: number;
};

/**
 * The widths of the contract's fields. As `R < S^2`, the first keeps a project's subsidy below 2^192 too. A root's input
 * stays below 2^160 because `maxCounted` is below 2^96.
 */
export const fieldLimits: FieldLimits = { rootSum: 2n ** 96n - 1n, donors: 2 ** 32 - 1 };
