import { FarthingError } from "../errors.ts";
import { InvalidTermsError } from "./entry.ts";
import { rootScale } from "./limits.ts";

/** A round's matching, base units. */
export type PotTerms = {
  /** `M`: what sponsors gave. */
  pot: bigint;
  /** The most that one project may be matched, at least 1. */
  cap: bigint;
};

/** Which projects reach the cap, as `settleRound` is told it. */
export type CappedPair = {
  /** `k`: how many. */
  cappedCount: number;
  /** `T_k`: the sum of their `R`. */
  cappedSubsidy: bigint;
};

/** Base units of match for each unit of `R`, as the two numbers that the contract stores. */
export type Lambda = { numerator: bigint; denominator: bigint };

/** What a round's settlement says. */
export type Settlement = CappedPair & {
  lambda: Lambda;
  /** Each project's match, base units. */
  matches: ReadonlyMap<bigint, bigint>;
  /** The sum of these. */
  matched: bigint;
  /** `M` less `matched`: it goes back to the sponsors. */
  unused: bigint;
};

/** Each project's `R`. */
export type Subsidies = ReadonlyMap<bigint, bigint>;

/**
 * `min(1/2^64, (M - k*cap) / (T - T_k))`, the minimum taken before anything is multiplied; `1/2^64`, at which each project
 * gets its raw subsidy, also at equality and where `T = T_k`. The fraction is not reduced.
 */
export function lambdaOf(totalSubsidy: bigint, { pot, cap }: PotTerms, pair: CappedPair): Lambda {
  const numerator = pot - BigInt(pair.cappedCount) * cap;
  const denominator = totalSubsidy - pair.cappedSubsidy;
  return numerator * rootScale < denominator ? { numerator, denominator } : { numerator: 1n, denominator: rootScale };
}

/** `min(cap, floor(lambda * R))`, base units. */
export function matchOf(subsidy: bigint, lambda: Lambda, cap: bigint): bigint {
  const share = (subsidy * lambda.numerator) / lambda.denominator;
  return share < cap ? share : cap;
}

/**
 * The one pair that {@link settle} accepts. Starting from nobody capped, each round of capping leaves the others no less
 * for each unit of `R`, so the capped only grow in number and the search ends after at most one walk a project.
 * @throws {@link InvalidTermsError}
 */
export function findCapped(subsidies: Subsidies, terms: PotTerms): CappedPair {
  checkPotTerms(terms);
  const total = sum(subsidies.values());
  let pair: CappedPair = { cappedCount: 0, cappedSubsidy: 0n };
  for (;;) {
    const next = cappedAt(subsidies, lambdaOf(total, terms, pair), terms.cap);
    if (next.cappedCount === pair.cappedCount) return pair;
    pair = next;
  }
}

/**
 * Settles a round by the pair, as the contract does: one walk over its projects.
 * @throws {@link WrongPairError} for any pair but the one of {@link findCapped}; {@link InvalidTermsError}
 */
export function settle(subsidies: Subsidies, terms: PotTerms, pair: CappedPair): Settlement {
  checkPotTerms(terms);
  const { pot, cap } = terms;
  const total = sum(subsidies.values());
  if (BigInt(pair.cappedCount) * cap > pot) throw new WrongPairError(pair);
  const lambda = lambdaOf(total, terms, pair);
  const actual = cappedAt(subsidies, lambda, cap);
  if (actual.cappedCount !== pair.cappedCount || actual.cappedSubsidy !== pair.cappedSubsidy) {
    throw new WrongPairError(pair);
  }
  const matches = new Map([...subsidies].map(([project, subsidy]) => [project, matchOf(subsidy, lambda, cap)]));
  const matched = sum(matches.values());
  return { ...pair, lambda, matches, matched, unused: pot - matched };
}

/** Capped means `floor(lambda * R) >= cap`. */
function cappedAt(subsidies: Subsidies, lambda: Lambda, cap: bigint): CappedPair {
  const capped = [...subsidies.values()].filter((subsidy) => matchOf(subsidy, lambda, cap) === cap);
  return { cappedCount: capped.length, cappedSubsidy: sum(capped) };
}

function checkPotTerms({ pot, cap }: PotTerms): void {
  if (pot < 0n) throw new InvalidTermsError("the pot is negative");
  if (cap < 1n) throw new InvalidTermsError("the cap of a project's match is below 1 base unit");
}

function sum(values: Iterable<bigint>): bigint {
  let total = 0n;
  for (const value of values) total += value;
  return total;
}

/** A pair is not the round's: `settleRound` would revert. */
export class WrongPairError extends FarthingError {
  override readonly name = "WrongPairError";
  constructor({ cappedCount, cappedSubsidy }: CappedPair) {
    super(
      "wrong-pair",
      `${cappedCount} projects with a subsidy of ${cappedSubsidy} are not the round's capped ones: find them from its present state.`,
    );
  }
}
