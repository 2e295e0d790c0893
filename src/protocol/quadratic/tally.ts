import type { Hex } from "viem";
import { type CountingTerms, checkCountingTerms, type DonorEntry, emptyEntry, entryOf, weigh } from "./entry.ts";
import { type FieldLimits, fieldLimits } from "./limits.ts";

/** A gift that counts, by what it adds. */
export type Increment = {
  project: bigint;
  /** Who gave, as the round's gate names them: several wallets may be one key. */
  key: Hex;
  /** Base units. */
  amount: bigint;
  /** The gate's weight, basis points, 0 to 10,000. */
  weightBps: number;
};

/** How broadly one project is supported. */
export type ProjectTally = {
  /** `S`: the sum of its donors' roots. */
  rootSum: bigint;
  /** `R`: `S^2` less the sum of the squared roots, which is twice the sum of the products of each two donors' roots. */
  subsidy: bigint;
  /** The sum of its donors' counted amounts, base units. */
  counted: bigint;
  /** Donor keys with a root above 0. */
  donors: number;
};

/** A project that nobody has given to. */
export const emptyProject: ProjectTally = { rootSum: 0n, subsidy: 0n, counted: 0n, donors: 0 };

/** A round's count. */
export type Tally = {
  /**
   * Counts a gift at constant cost.
   * @returns false if it would pass a limit of its project's fields: then nothing changes, and the gift draws no matching.
   * @throws {@link InvalidIncrementError}
   */
  count(increment: Increment): boolean;
  /** Takes a disqualified project's subsidy, once, out of {@link Tally.totalSubsidy} and its entry out of {@link Tally.subsidies}. */
  disqualify(project: bigint): void;
  entry(project: bigint, key: Hex): DonorEntry;
  project(project: bigint): ProjectTally;
  /** `R` of each project that was ever counted and is not disqualified. */
  subsidies(): ReadonlyMap<bigint, bigint>;
  /** `T`: the sum of these. */
  readonly totalSubsidy: bigint;
};

/**
 * What one gift makes of a project and of its donor key's entry: `R` grows by `2 * (s_new - s_old) * (S_before - s_old)` and
 * `S` by `s_new - s_old`. Undefined if that would pass a limit of the project's fields.
 * @throws {@link InvalidIncrementError}
 */
export function countGift(
  project: ProjectTally,
  entry: DonorEntry,
  { amount, weightBps }: Pick<Increment, "amount" | "weightBps">,
  terms: CountingTerms,
  limits: FieldLimits = fieldLimits,
): { project: ProjectTally; entry: DonorEntry } | undefined {
  const next = entryOf(entry.weighted + weigh(amount, weightBps), terms);
  const donors = project.donors + (entry.root === 0n && next.root > 0n ? 1 : 0);
  const rise = next.root - entry.root;
  if (project.rootSum + rise > limits.rootSum || donors > limits.donors) return undefined;
  const tally = {
    rootSum: project.rootSum + rise,
    subsidy: project.subsidy + 2n * rise * (project.rootSum - entry.root),
    counted: project.counted + next.counted - entry.counted,
    donors,
  };
  return { project: tally, entry: next };
}

/**
 * Starts a round's count, empty, kept as the contract keeps it, gift by gift with {@link countGift}.
 * @param limits The contract's own unless told; only tests have a reason to lower them.
 * @throws {@link InvalidTermsError}
 */
export function createTally(terms: CountingTerms, limits: FieldLimits = fieldLimits): Tally {
  checkCountingTerms(terms);
  const projects = new Map<bigint, ProjectTally>();
  const entries = new Map<bigint, Map<Hex, DonorEntry>>();
  const disqualified = new Set<bigint>();
  let totalSubsidy = 0n;

  const entry = (project: bigint, key: Hex) => entries.get(project)?.get(key) ?? emptyEntry;
  const project = (id: bigint) => projects.get(id) ?? emptyProject;

  return {
    count({ project: id, key, amount, weightBps }) {
      const before = project(id);
      const counted = countGift(before, entry(id, key), { amount, weightBps }, terms, limits);
      if (!counted) return false;
      projects.set(id, counted.project);
      const keys = entries.get(id) ?? new Map<Hex, DonorEntry>();
      entries.set(id, keys.set(key, counted.entry));
      if (!disqualified.has(id)) totalSubsidy += counted.project.subsidy - before.subsidy;
      return true;
    },
    disqualify(id) {
      if (disqualified.has(id)) return;
      disqualified.add(id);
      totalSubsidy -= project(id).subsidy;
    },
    entry,
    project,
    subsidies() {
      const standing = [...projects].filter(([id]) => !disqualified.has(id));
      return new Map(standing.map(([id, { subsidy }]) => [id, subsidy]));
    },
    get totalSubsidy() {
      return totalSubsidy;
    },
  };
}
