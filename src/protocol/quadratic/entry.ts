import { FarthingError } from "../errors.ts";
import { fullWeight, rootScale } from "./limits.ts";
import { integerRoot } from "./root.ts";

/** What of one donor key's gifts to one project counts, base units; part of a round's terms. */
export type CountingTerms = {
  /** Less than this counts as nothing. It is held against the key's total for the project, never against one gift. */
  minCounted: bigint;
  /** More than this counts as this; below 2^96. */
  maxCounted: bigint;
};

/** What one donor key has given to one project, as far as it counts. */
export type DonorEntry = {
  /** `w`: the sum of `amount * weightBps`, at most `maxCounted * 10,000`, unrounded. Base units times 10,000. */
  weighted: bigint;
  /** `c`: `weighted / 10,000` rounded down, 0 below `minCounted`. Base units. */
  counted: bigint;
  /** `s`: the root of `counted * 2^64`, rounded down. */
  root: bigint;
};

/** A key that has given nothing. */
export const emptyEntry: DonorEntry = { weighted: 0n, counted: 0n, root: 0n };

/**
 * A gift's weight in a key's sum: `amount * weightBps`.
 * @throws {@link InvalidIncrementError}
 */
export function weigh(amount: bigint, weightBps: number): bigint {
  if (amount < 0n) throw new InvalidIncrementError("its amount is negative");
  if (!Number.isInteger(weightBps) || weightBps < 0 || weightBps > fullWeight) {
    throw new InvalidIncrementError(`its weight is not a whole number of basis points from 0 to ${fullWeight}`);
  }
  return amount * BigInt(weightBps);
}

/** What a key's weighted gifts to a project make, `sum` being the sum of {@link weigh}, or the last entry's `weighted` and more. */
export function entryOf(sum: bigint, terms: CountingTerms): DonorEntry {
  const most = terms.maxCounted * BigInt(fullWeight);
  const weighted = sum < most ? sum : most;
  const whole = weighted / BigInt(fullWeight);
  const counted = whole < terms.minCounted ? 0n : whole;
  return { weighted, counted, root: integerRoot(counted * rootScale) };
}

/**
 * @throws {@link InvalidTermsError} unless `0 <= minCounted <= maxCounted < 2^96`.
 */
export function checkCountingTerms({ minCounted, maxCounted }: CountingTerms): void {
  if (minCounted < 0n) throw new InvalidTermsError("minCounted is negative");
  if (maxCounted < minCounted)
    throw new InvalidTermsError(`maxCounted ${maxCounted} is below minCounted ${minCounted}`);
  if (maxCounted >= 2n ** 96n) throw new InvalidTermsError(`maxCounted ${maxCounted} is not below 2^96`);
}

/** An increment cannot be counted. */
export class InvalidIncrementError extends FarthingError {
  override readonly name = "InvalidIncrementError";
  constructor(reason: string) {
    super(
      "invalid-increment",
      `The gift can not be counted: ${reason}. Count increments as the pool's events give them.`,
    );
  }
}

/** A round's terms contradict themselves. */
export class InvalidTermsError extends FarthingError {
  override readonly name = "InvalidTermsError";
  constructor(reason: string) {
    super("invalid-terms", `The round's terms are impossible: ${reason}. Read them from the round's own contract.`);
  }
}
