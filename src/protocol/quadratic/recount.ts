import type { Hex } from "viem";
import { type CountingTerms, checkCountingTerms, type DonorEntry, entryOf, weigh } from "./entry.ts";
import type { Increment, ProjectTally } from "./tally.ts";

/** A round counted anew from all of its gifts. */
export type Recount = {
  projects: ReadonlyMap<bigint, ProjectTally>;
  /** By project, then by key. */
  entries: ReadonlyMap<bigint, ReadonlyMap<Hex, DonorEntry>>;
  totalSubsidy: bigint;
};

/**
 * Counts a round from the definition alone, without running sums: each key's gifts to a project are added up first, then
 * rooted once, and `R` is `S^2` less the sum of the squared roots. What a `Tally` must equal as long as no limit was passed.
 * @throws {@link InvalidTermsError}, {@link InvalidIncrementError}
 */
export function recount(increments: Iterable<Increment>, terms: CountingTerms): Recount {
  checkCountingTerms(terms);
  const given = new Map<bigint, Map<Hex, bigint>>();
  for (const { project, key, amount, weightBps } of increments) {
    const keys = given.get(project) ?? new Map<Hex, bigint>();
    given.set(project, keys.set(key, (keys.get(key) ?? 0n) + weigh(amount, weightBps)));
  }
  const entries = new Map([...given].map(([project, keys]) => [project, entriesOf(keys, terms)]));
  const projects = new Map([...entries].map(([project, keys]) => [project, tallyOf([...keys.values()])]));
  const tallies = [...projects.values()];
  return { projects, entries, totalSubsidy: sum(tallies.map(({ subsidy }) => subsidy)) };
}

function entriesOf(keys: ReadonlyMap<Hex, bigint>, terms: CountingTerms): Map<Hex, DonorEntry> {
  return new Map([...keys].map(([key, sum]) => [key, entryOf(sum, terms)]));
}

function tallyOf(entries: readonly DonorEntry[]): ProjectTally {
  const rootSum = sum(entries.map(({ root }) => root));
  return {
    rootSum,
    subsidy: rootSum * rootSum - sum(entries.map(({ root }) => root * root)),
    counted: sum(entries.map(({ counted }) => counted)),
    donors: entries.filter(({ root }) => root > 0n).length,
  };
}

function sum(values: readonly bigint[]): bigint {
  return values.reduce((total, value) => total + value, 0n);
}
