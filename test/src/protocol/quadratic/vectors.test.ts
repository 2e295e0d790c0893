// Reference results of public calculators and audits; each file names its source.
import { expect } from "chai";
import { type Hex, keccak256, stringToHex } from "viem";
import { maxAmount, quadratic } from "../../../../src/protocol/index.ts";
import audits from "../../../vectors/qf/audit-regressions-qv-incremental.json" with { type: "json" };
import passport from "../../../vectors/qf/gitcoin-passport-proportional-weight.json" with { type: "json" };
import giveth from "../../../vectors/qf/giveth-actual-matching-aggregation.json" with { type: "json" };
import reference from "../../../vectors/qf/proposed-formula-reference.json" with { type: "json" };

const { createTally, findCapped, settle, integerRoot, recount, rootScale, weightOfScore } = quadratic;
const terms = { minCounted: 0n, maxCounted: 2n ** 96n - 1n };

/** Names of the files as keys and ids. */
function donorKey(name: string | number): Hex {
  return keccak256(stringToHex(`donor ${name}`));
}

function gift(project: bigint, donor: string | number, amount: bigint, weightBps = 10_000): quadratic.Increment {
  return { project, key: donorKey(donor), amount, weightBps };
}

describe("vectors of the formula itself", () => {
  for (const { name, donationsInOrder, matchingPool, capPerProject, expected } of reference.cases) {
    it(`given "${name}", when counted and settled, it should be the file's numbers exactly`, () => {
      const names = [...new Set(donationsInOrder.map(([, project]) => project ?? ""))].sort();
      const id = (project: string) => BigInt(names.indexOf(project) + 1);
      const increments = donationsInOrder.map(([donor = "", project = "", amount = ""]) =>
        gift(id(project), donor, BigInt(amount)),
      );
      const tally = createTally(terms);
      for (const increment of increments) tally.count(increment);
      const { projects, totalSubsidy } = recount(increments, terms);
      for (const [pair, root] of Object.entries(expected.rootPerDonorProject)) {
        const [donor = "", project = ""] = pair.split("|");
        expect(tally.entry(id(project), donorKey(donor)).root).to.equal(BigInt(root));
      }
      const pot = BigInt(matchingPool);
      const cap = capPerProject === null ? maxAmount : BigInt(capPerProject);
      const subsidies = tally.subsidies();
      const settlement = settle(subsidies, { pot, cap }, findCapped(subsidies, { pot, cap }));
      const byName = <T>(read: (project: bigint) => T) =>
        Object.fromEntries(names.map((each) => [each, read(id(each))]));
      expect(byName((project) => String(tally.project(project).rootSum))).to.deep.equal(expected.S);
      expect(byName((project) => String(tally.project(project).subsidy))).to.deep.equal(expected.R);
      expect(byName((project) => String(tally.project(project).counted))).to.deep.equal(expected.direct);
      expect(byName((project) => String(settlement.matches.get(project)))).to.deep.equal(expected.match);
      for (const [project, counted] of projects) expect(tally.project(project)).to.deep.equal(counted);
      expect(String(tally.totalSubsidy)).to.equal(expected.totalR);
      expect(totalSubsidy).to.equal(tally.totalSubsidy);
      expect(settlement.cappedCount).to.equal(expected.cappedCount);
      const { numerator, denominator } = settlement.lambda;
      expect([String(numerator), String(denominator)]).to.deep.equal(expected.lambda);
      expect(String(settlement.unused)).to.equal(expected.unspent);
    });
  }

  it("given the scale of the file, it should be ours", () => {
    expect(String(rootScale)).to.equal(reference.Z);
  });
});

describe("vectors of audits: cumulative amounts counted twice", () => {
  const [repeated, splitting] = audits.cases;
  const scale = 10n ** 18n;

  it(`given "${repeated?.name}", when counted, it should be the right total after each and not the doubled one`, () => {
    const tally = createTally(terms);
    const entries = (repeated?.increments ?? []).map((amount) => {
      tally.count(gift(1n, 1, BigInt(amount)));
      return tally.entry(1n, donorKey(1)).counted;
    });
    expect(entries.map(String)).to.deep.equal(repeated?.rightCumulativeAfterEach);
    expect(entries.map(String)).not.to.deep.equal(repeated?.wrongCumulativeAfterEach);
    const votes = entries.map((counted) => String(integerRoot(counted * scale)));
    expect(votes).to.deep.equal(repeated?.rightVotesScaled1e18_isqrt);
  });

  it(`given "${splitting?.name}", when counted, each split should end in that root`, () => {
    const splits = splitting?.splits ?? [];
    expect(splits.length).to.be.above(1);
    for (const split of splits) {
      const tally = createTally(terms);
      for (const amount of split) tally.count(gift(1n, 1, BigInt(amount)));
      const { counted, root } = tally.entry(1n, donorKey(1));
      expect(String(integerRoot(counted * scale))).to.equal(splitting?.finalVotesScaled1e18_isqrt);
      expect(root).to.equal(3n * 2n ** 32n);
    }
  });
});

describe("vectors of Giveth: totals of each user first, the minimum held against the total", () => {
  const unit = 10n ** 6n;
  const dollars = (amount: number) => BigInt(Math.round(amount * 1e6));
  /** The root of one dollar, by which the file's sums of roots are counted. */
  const dollarRoot = integerRoot(unit * rootScale);

  for (const vector of giveth.cases) {
    it(`given "${vector.name}", when counted, it should be the file's numbers exactly`, () => {
      const weight = vector.userIsRecipientOfVerifiedProject ? 0 : 10_000;
      const tally = createTally({ ...terms, minCounted: dollars(vector.minimumUsd ?? 0) });
      for (const [user, gifts] of vector.users.entries()) {
        for (const amount of gifts) tally.count(gift(1n, user, dollars(amount), weight));
      }
      const { rootSum, counted, donors } = tally.project(1n);
      if (vector.expectedSumOfSqrt !== undefined) {
        expect(rootSum).to.equal(BigInt(vector.expectedSumOfSqrt) * dollarRoot);
      }
      if (vector.expectedTotalCounted !== undefined) expect(counted).to.equal(dollars(vector.expectedTotalCounted));
      if (vector.expectedTotalAll !== undefined) {
        expect(vector.users.flat().reduce((sum, amount) => sum + dollars(amount), 0n)).to.equal(
          dollars(vector.expectedTotalAll),
        );
      }
      if (vector.expectedCounted !== undefined) expect(counted).to.equal(dollars(vector.expectedCounted));
      if (vector.expectedUniqueQualifiedDonors !== undefined) {
        expect(donors).to.equal(vector.expectedUniqueQualifiedDonors);
      }
    });
  }
});

describe("vectors of Gitcoin Passport: a score's weight", () => {
  const { score, matchProportionPercentage } = passport.options;
  const tenths = { least: score.min * 10, full: score.max * 10, leastWeightBps: matchProportionPercentage.min * 100 };

  for (const { rawScore, coefficient } of passport.cases) {
    it(`given a score of ${rawScore}, when weighed and counted, it should be ${coefficient} of the gift`, () => {
      const weightBps = weightOfScore(Math.round(Number(rawScore) * 10), tenths);
      expect(weightBps).to.equal(coefficient * 10_000);
      const tally = createTally(terms);
      tally.count(gift(1n, 1, 1_000_000n, weightBps));
      expect(tally.entry(1n, donorKey(1)).counted).to.equal(BigInt(coefficient * 1_000_000));
    });
  }

  it("given a score between, when weighed, it should be rounded down", () => {
    expect(weightOfScore(151, tenths)).to.equal(5_050);
    expect(weightOfScore(251, tenths)).to.equal(10_000);
    expect(weightOfScore(1, { least: 0, full: 3, leastWeightBps: 0 })).to.equal(3_333);
  });

  it("given a scale that is none, when a score is weighed, it should refuse", () => {
    for (const wrong of [{ least: 250 }, { full: 15.5 }, { leastWeightBps: -1 }, { leastWeightBps: 10_001 }]) {
      expect(() => weightOfScore(200, { ...tenths, ...wrong })).to.throw(quadratic.InvalidTermsError);
    }
    expect(() => weightOfScore(Number.NaN, tenths)).to.throw(quadratic.InvalidTermsError);
  });
});
