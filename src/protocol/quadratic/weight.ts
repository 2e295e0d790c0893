import { InvalidTermsError } from "./entry.ts";
import { fullWeight } from "./limits.ts";

/** How an attester turns a score into a weight: nothing below `least`, all of it from `full` on, in between on a line. */
export type WeightScale = {
  /** The lowest score that counts at all. */
  least: number;
  /** The score from which a gift counts in full, above `least`. */
  full: number;
  /** Weight at `least`, basis points. */
  leastWeightBps: number;
};

/**
 * A score's weight in basis points, rounded down: what an attester of an `AttestedGate` may sign.
 * @param score In the scale's own unit; give hundredths or thousandths as whole numbers.
 * @throws {@link InvalidTermsError}
 * @example
 * weightOfScore(20, { least: 15, full: 25, leastWeightBps: 5_000 }) // 7500
 */
export function weightOfScore(score: number, { least, full, leastWeightBps }: WeightScale): number {
  const whole = [score, least, full, leastWeightBps].every(Number.isSafeInteger);
  if (!whole || least >= full || leastWeightBps < 0 || leastWeightBps > fullWeight) {
    throw new InvalidTermsError("a scale of scores needs whole numbers, least below full, and a weight up to 10,000");
  }
  if (score < least) return 0;
  if (score >= full) return fullWeight;
  return leastWeightBps + Math.floor(((score - least) * (fullWeight - leastWeightBps)) / (full - least));
}
