// Gitcoin's calculator roots unscaled base units, spends a whole pot on demand and hands a cap's overflow round even where
// there is plenty. Its sums of roots are compared exactly at its own scale; its matches where the rules are the same, within
// what unscaled roots can be wrong by: each is at most one too small.
import { maxAmount, quadratic } from "../../src/protocol/index.ts";
import generated from "./qf/generated-pluralistic-random.json" with { type: "json" };
import literal from "./qf/gitcoin-pluralistic-linear-qf.json" with { type: "json" };

const { findCapped, settle, integerRoot, matchOf, rootScale } = quadratic;

export type Contribution = { contributor: string; recipient: string; amount: string };
type Expected = Record<string, { totalReceived: string; contributionsCount: string } & Record<string, string>>;

/** Each project's gifts, added up by donor. */
function totalsOf(contributions: readonly Contribution[]): Map<string, bigint[]> {
  const projects = new Map<string, Map<string, bigint>>();
  for (const { contributor, recipient, amount } of contributions) {
    const donors = projects.get(recipient) ?? new Map<string, bigint>();
    projects.set(recipient, donors.set(contributor, (donors.get(contributor) ?? 0n) + BigInt(amount)));
  }
  return new Map([...projects].map(([project, donors]) => [project, [...donors.values()]]));
}

export function sum(values: Iterable<bigint>): bigint {
  return [...values].reduce((total, value) => total + value, 0n);
}

/** The calculator's subsidy, roots unscaled, each raised by `more`. */
export function unscaledSubsidy(totals: readonly bigint[], more: bigint): bigint {
  const roots = totals.map((total) => integerRoot(total) + more);
  return sum(roots) ** 2n - sum(roots.map((root) => root * root));
}

/** What our match can be at most and at least, as far as unscaled roots can tell. */
export function bounds(totals: ReadonlyMap<string, readonly bigint[]>, potTerms: quadratic.PotTerms) {
  const scaled = (more: bigint) =>
    new Map([...totals.values()].map((each, index) => [BigInt(index), unscaledSubsidy(each, more) * rootScale]));
  const [low, high] = [scaled(0n), scaled(1n)];
  const lambda = (subsidies: quadratic.Subsidies) =>
    settle(subsidies, potTerms, findCapped(subsidies, potTerms)).lambda;
  // The more others have, the less a project gets for the same subsidy.
  const [least, most] = [lambda(high), lambda(low)];
  const names = [...totals.keys()];
  return (name: string) => {
    const id = BigInt(names.indexOf(name));
    return {
      from: matchOf(low.get(id) ?? 0n, least, potTerms.cap),
      to: matchOf(high.get(id) ?? 0n, most, potTerms.cap),
    };
  };
}

const cases = [
  ...literal.cases.map((each) => ({ ...each, containsUpstreamIsqrtDefect: false, exact: true })),
  ...generated.cases.map((each) => ({ ...each, totalDistributedExpected: null, totalTolerance: "0", exact: false })),
].map((each) => {
  const totals = totalsOf(each.contributions);
  const raw = sum([...totals.values()].map((amounts) => unscaledSubsidy(amounts, 0n)));
  const pot = BigInt(each.matchAmount);
  const cap = each.options.matchingCapAmount === null ? maxAmount : BigInt(each.options.matchingCapAmount);
  const expected = each.expected as Expected;
  const forced = each.options.ignoreSaturation;
  const overflows = [...totals.values()].some((amounts) => unscaledSubsidy(amounts, 0n) > cap);
  // In a round with plenty we pay raw subsidies up to the cap and nothing else.
  const sameRules = raw >= pot || raw === 0n || (!forced && !overflows);
  return { ...each, expected, totals, raw, pot, cap, forced, sameRules };
});
export const sound = cases.filter((each) => !each.containsUpstreamIsqrtDefect);
export const defective = cases.filter((each) => each.containsUpstreamIsqrtDefect);
