// What is compared, and how exactly, is said with the cases.
import { expect } from "chai";
import { type Hex, keccak256, stringToHex } from "viem";
import { quadratic } from "../../../../src/protocol/index.ts";
import { bounds, type Contribution, defective, sound, sum, unscaledSubsidy } from "../../../vectors/gitcoinCases.ts";

const { createTally, findCapped, settle, integerRoot, rootScale } = quadratic;

/** Our own count and settlement. */
function settleOurs(contributions: readonly Contribution[], potTerms: quadratic.PotTerms) {
  const names = [...new Set(contributions.map(({ recipient }) => recipient))];
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
