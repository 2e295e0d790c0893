// Gitcoin's calculator roots unscaled base units, spends a whole pot on demand and hands a cap's overflow round even where
// there is plenty. Its sums of roots are compared exactly at its own scale; its matches where the rules are the same, within
// what unscaled roots can be wrong by: each is at most one too small.
import { expect } from "chai";
import { type Hex, keccak256, stringToHex } from "viem";
import { maxAmount, quadratic } from "../../../../src/protocol/index.ts";
import generated from "../../../vectors/qf/generated-pluralistic-random.json" with { type: "json" };
import literal from "../../../vectors/qf/gitcoin-pluralistic-linear-qf.json" with { type: "json" };

const { createTally, findCapped, settle, integerRoot, matchOf, rootScale } = quadratic;

type Contribution = { contributor: string; recipient: string; amount: string };
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

function sum(values: Iterable<bigint>): bigint {
  return [...values].reduce((total, value) => total + value, 0n);
}

/** The calculator's subsidy, roots unscaled, each raised by `more`. */
function unscaledSubsidy(totals: readonly bigint[], more: bigint): bigint {
  const roots = totals.map((total) => integerRoot(total) + more);
  return sum(roots) ** 2n - sum(roots.map((root) => root * root));
}

/** Our own count and settlement. */
function settleOurs(contributions: readonly Contribution[], potTerms: quadratic.PotTerms) {
  const names = [...totalsOf(contributions).keys()];
  const tally = createTally({ minCounted: 0n, maxCounted: 2n ** 96n - 1n });
  for (const { contributor, recipient, amount } of contributions) {
    const key: Hex = keccak256(stringToHex(contributor));
    tally.count({ project: BigInt(names.indexOf(recipient)), key, amount: BigInt(amount), weightBps: 10_000 });
  }
  const subsidies = tally.subsidies();
  const { matches, lambda } = settle(subsidies, potTerms, findCapped(subsidies, potTerms));
  return {
    tally: (name: string) => tally.project(BigInt(names.indexOf(name))),
    match: (name: string) => matches.get(BigInt(names.indexOf(name))) ?? -1n,
    lambda,
  };
}

/** What our match can be at most and at least, as far as unscaled roots can tell. */
function bounds(totals: ReadonlyMap<string, readonly bigint[]>, potTerms: quadratic.PotTerms) {
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
const sound = cases.filter((each) => !each.containsUpstreamIsqrtDefect);
const defective = cases.filter((each) => each.containsUpstreamIsqrtDefect);

describe("vectors of Gitcoin's calculator", () => {
  it("given the files, there should be cases of every kind", () => {
    expect(sound.filter(({ sameRules }) => sameRules).length).to.be.above(10);
    expect(sound.filter(({ sameRules }) => !sameRules).length).to.be.above(1);
    expect(defective.length).to.be.above(0);
  });

  for (const { name, expected, totals, raw, pot, forced } of sound) {
    it(`given "${name}", when its roots are taken unscaled, sums, remainders and uncapped matches should be exact`, () => {
      expect(Object.keys(expected)).to.have.members([...totals.keys()]);
      for (const [project, amounts] of totals) {
        const roots = amounts.map(integerRoot);
        const subsidy = unscaledSubsidy(amounts, 0n);
        const uncapped = raw === 0n || (raw < pot && !forced) ? subsidy : (subsidy * pot) / raw;
        expect(expected[project]).to.include({
          totalReceived: String(sum(amounts)),
          contributionsCount: String(amounts.length),
          sumOfSqrt: String(sum(roots)),
          sumOfSqrtRemainder: String(sum(amounts) - sum(roots.map((root) => root * root))),
          matchedWithoutCap: String(uncapped),
        });
      }
    });
  }

  for (const { name, contributions, expected, totals, pot, cap, exact, ...rest } of sound) {
    if (!rest.sameRules) continue;
    it(`given "${name}", when settled by us, it should be its matches ${exact ? "exactly" : "within what unscaled roots allow"}`, () => {
      const ours = settleOurs(contributions, { pot, cap });
      const allowed = bounds(totals, { pot, cap });
      for (const project of totals.keys()) {
        const theirs = BigInt(expected[project]?.matched ?? -1);
        const match = ours.match(project);
        const { from, to } = allowed(project);
        expect(match >= from && match <= to, `${project}: ${match} is not from ${from} to ${to}`).to.equal(true);
        // Handing an overflow round, it rounds down once more for each project.
        const slack = BigInt(totals.size);
        expect(theirs >= from - slack && theirs <= to + slack, `${project}: ${theirs}`).to.equal(true);
        if (exact) expect(match).to.equal(theirs);
      }
      if (rest.totalDistributedExpected !== null) {
        const paid = sum([...totals.keys()].map(ours.match));
        const off = BigInt(rest.totalDistributedExpected) - paid;
        expect(off >= 0n && off <= BigInt(rest.totalTolerance)).to.equal(true);
      }
    });
  }

  for (const { name, contributions, expected, totals, pot, cap, ...rest } of sound) {
    if (rest.sameRules) continue;
    it(`given "${name}", which pays above raw subsidies, when settled by us, nobody should get more than its own or the cap`, () => {
      const ours = settleOurs(contributions, { pot, cap });
      for (const project of totals.keys()) {
        const subsidy = ours.tally(project).subsidy / rootScale;
        expect(ours.match(project)).to.equal(subsidy < cap ? subsidy : cap);
      }
      const theirs = sum([...totals.keys()].map((project) => BigInt(expected[project]?.matched ?? 0)));
      expect(theirs > sum([...totals.keys()].map(ours.match))).to.equal(true);
    });
  }

  for (const { name, expected, totals } of defective) {
    it(`given "${name}", which carries wrong roots, when its roots are taken, they should differ, ours being the larger`, () => {
      const wrong = [...totals].filter(([project, amounts]) => {
        const right = sum(amounts.map(integerRoot));
        const theirs = BigInt(expected[project]?.sumOfSqrt ?? -1);
        expect(theirs <= right).to.equal(true);
        return theirs < right;
      });
      expect(wrong.length).to.be.above(0);
      for (const [, amounts] of wrong) expect(amounts.some((amount) => [4n, 5n, 9n].includes(amount))).to.equal(true);
    });
  }
});
