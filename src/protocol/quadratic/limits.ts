/** Counted amounts are multiplied by this, 2^64, before they are rooted, so that dust keeps its weight. */
export const rootScale = 2n ** 64n;

/** A gate's full weight, in basis points: 100 %. */
export const fullWeight = 10_000;

/** What the contract's fields can hold; a gift past a limit is attributed but draws no matching. */
export type FieldLimits = {
  /** Largest sum of counted amounts of a round, over all keys and projects, base units. */
  totalCounted: bigint;
  /** Most donor keys of a project that count. */
  donors: number;
};

/**
 * The limits that keep a root's input below 2^160, `rootSum` below 2^96 and the sum of all `subsidy` below 2^192: by
 * Cauchy and Schwarz `rootSum^2 <= donors * totalCounted * 2^64`.
 */
export const fieldLimits: FieldLimits = { totalCounted: 2n ** 96n - 1n, donors: 2 ** 32 - 1 };
