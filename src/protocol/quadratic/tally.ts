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
 * Starts a round's count, empty, kept as the contract keeps it: each gift changes `R` by
 * `2 * (s_new - s_old) * (S_before - s_old)` and `S` by `s_new - s_old`.
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
      const old = entry(id, key);
      const next = entryOf(old.weighted + weigh(amount, weightBps), terms);
      const before = project(id);
      const donors = before.donors + (old.root === 0n && next.root > 0n ? 1 : 0);
      const rise = next.root - old.root;
      if (before.rootSum + rise > limits.rootSum || donors > limits.donors) return false;
      const gain = 2n * rise * (before.rootSum - old.root);
      projects.set(id, {
        rootSum: before.rootSum + rise,
        subsidy: before.subsidy + gain,
        counted: before.counted + next.counted - old.counted,
        donors,
      });
      const keys = entries.get(id) ?? new Map<Hex, DonorEntry>();
      entries.set(id, keys.set(key, next));
      if (!disqualified.has(id)) totalSubsidy += gain;
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
