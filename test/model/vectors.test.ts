// Reference results of public calculators and audits, through the contract: each gift is given, and the round settled.
import { expect } from "chai";
import { keccak256, stringToHex } from "viem";
import { maxAmount, quadratic } from "../../src/protocol/index.ts";
import { bounds, defective, sound, sum, unscaledSubsidy } from "../vectors/gitcoinCases.ts";
import audits from "../vectors/qf/audit-regressions-qv-incremental.json" with { type: "json" };
import passport from "../vectors/qf/gitcoin-passport-proportional-weight.json" with { type: "json" };
import giveth from "../vectors/qf/giveth-actual-matching-aggregation.json" with { type: "json" };
import reference from "../vectors/qf/proposed-formula-reference.json" with { type: "json" };
import { type Stage, setStage } from "./chain/stage.ts";
import {
  createVectorRounds,
  type NamedGift,
  type ProjectResult,
  type VectorResult,
  type VectorTerms,
} from "./chain/vectorRound.ts";

const { integerRoot, rootScale } = quadratic;

/** A pot that nobody reaches the end of, where a vector is of the count alone. */
const plenty: VectorTerms = { pot: 10n ** 30n, cap: maxAmount };

describe("vectors through the contract", function () {
  this.timeout(300_000);
  let stage: Stage;
  let settle: (gifts: readonly NamedGift[], terms: VectorTerms) => Promise<VectorResult>;

  before(async () => {
    stage = await setStage();
    const play = await createVectorRounds(stage);
    settle = async (gifts, terms) => {
      const result = await play(gifts, terms);
      holdToLibrary(gifts, terms, result);
      return result;
    };
  });
  after(() => stage.stop());

  for (const { name, donationsInOrder, matchingPool, capPerProject, expected } of reference.cases) {
    it(`given "${name}" of the formula itself, when settled, it should be the file's numbers exactly`, async () => {
      const gifts = donationsInOrder.map(([donor = "", project = "", amount = ""]) => ({
        ...{ donor, project },
        amount: BigInt(amount),
      }));
      const cap = capPerProject === null ? maxAmount : BigInt(capPerProject);
      const { projects, settlement, pair, voices } = await settle(gifts, { pot: BigInt(matchingPool), cap });
      const byName = (read: (project: ProjectResult) => bigint) =>
        Object.fromEntries([...projects].map(([each, project]) => [each, String(read(project))]));
      expect(byName(({ rootSum }) => rootSum)).to.deep.equal(expected.S);
      expect(byName(({ subsidy }) => subsidy)).to.deep.equal(expected.R);
      expect(byName(({ gifts: given }) => given)).to.deep.equal(expected.direct);
      expect(byName(({ match }) => match)).to.deep.equal(expected.match);
      const roots = Object.fromEntries([...voices].map(([each, { root }]) => [each, String(root)]));
      expect(roots).to.deep.equal(expected.rootPerDonorProject);
      expect(String(sum([...projects.values()].map(({ subsidy }) => subsidy)))).to.equal(expected.totalR);
      expect(pair.cappedCount).to.equal(expected.cappedCount);
      expect([String(settlement.numerator), String(settlement.denominator)]).to.deep.equal(expected.lambda);
      expect(String(settlement.unused)).to.equal(expected.unspent);
    });
  }

  for (const { name, contributions, expected, totals, pot, cap, exact, ...rest } of sound) {
    it(`given "${name}" of Gitcoin's calculator, when settled, its sums and, by the same rules, its matches should be ${exact ? "exact" : "as near as unscaled roots can be"}`, async () => {
      const { projects } = await settle(contributions.map(toGift), { pot, cap });
      const allowed = bounds(totals, { pot, cap });
      for (const [project, amounts] of totals) {
        const theirs = expected[project];
        const { rootSum, subsidy, gifts, match } = projects.get(project) as ProjectResult;
        expect(String(gifts)).to.equal(theirs?.totalReceived);
        // Each unscaled root is less than one too small.
        const unscaled = BigInt(theirs?.sumOfSqrt ?? -1);
        const whole = rootSum / integerRoot(rootScale);
        expect(whole >= unscaled && whole < unscaled + BigInt(amounts.length), project).to.equal(true);
        if (rest.sameRules) {
          const { from, to } = allowed(project);
          expect(match >= from && match <= to, `${project}: ${match} is not from ${from} to ${to}`).to.equal(true);
          if (exact) expect(String(match)).to.equal(theirs?.matched);
        } else {
          const own = subsidy / rootScale;
          expect(match).to.equal(own < cap ? own : cap);
        }
      }
    });
  }

  for (const { name, contributions, expected, totals, pot, cap } of defective) {
    it(`given "${name}", which carries wrong roots, when settled, the contract's sums should differ and be the right ones`, async () => {
      const { projects } = await settle(contributions.map(toGift), { pot, cap });
      const wrong = [...totals].filter(([project, amounts]) => {
        const right = sum(amounts.map(integerRoot));
        const whole = (projects.get(project)?.rootSum ?? 0n) / integerRoot(rootScale);
        expect(whole >= right && whole < right + BigInt(amounts.length), project).to.equal(true);
        expect((projects.get(project)?.subsidy ?? 0n) / rootScale >= unscaledSubsidy(amounts, 0n)).to.equal(true);
        return BigInt(expected[project]?.sumOfSqrt ?? -1) < right;
      });
      expect(wrong.length).to.be.above(0);
    });
  }

  it("given cumulative amounts that a contract once counted twice, when given one after another, the right total should count", async () => {
    const [repeated, splitting] = audits.cases;
    const scale = 10n ** 18n;
    for (const [index, total] of (repeated?.rightCumulativeAfterEach ?? []).entries()) {
      const increments = (repeated?.increments ?? []).slice(0, index + 1);
      const { voices } = await settle(increments.map(toLoneGift), plenty);
      const counted = (voices.get("1|1")?.weighted ?? 0n) / 10_000n;
      expect(String(counted)).to.equal(total);
      expect(String(integerRoot(counted * scale))).to.equal(repeated?.rightVotesScaled1e18_isqrt?.[index]);
    }
    expect(splitting?.splits?.length).to.be.above(1);
    for (const split of splitting?.splits ?? []) {
      const { projects } = await settle(split.map(toLoneGift), plenty);
      expect(projects.get("1")?.rootSum).to.equal(3n * 2n ** 32n);
      expect(String(integerRoot(9n * scale))).to.equal(splitting?.finalVotesScaled1e18_isqrt);
    }
  });

  for (const vector of giveth.cases) {
    it(`given "${vector.name}" of Giveth, when counted, it should be the file's numbers exactly`, async () => {
      const dollars = (amount: number) => BigInt(Math.round(amount * 1e6));
      const weightBps = vector.userIsRecipientOfVerifiedProject ? 0 : 10_000;
      const gifts = vector.users.flatMap((amounts, user) =>
        amounts.map((amount) => ({ donor: String(user), project: "1", amount: dollars(amount), weightBps })),
      );
      const minCounted = dollars(vector.minimumUsd ?? 0);
      const { projects, voices } = await settle(gifts, { ...plenty, minCounted });
      const project = projects.get("1") as ProjectResult;
      const counted = sum([...voices.values()].filter(({ root }) => root > 0n).map((each) => each.weighted / 10_000n));
      if (vector.expectedSumOfSqrt !== undefined) {
        expect(project.rootSum).to.equal(BigInt(vector.expectedSumOfSqrt) * integerRoot(dollars(1) * rootScale));
      }
      if (vector.expectedTotalCounted !== undefined) expect(counted).to.equal(dollars(vector.expectedTotalCounted));
      if (vector.expectedTotalAll !== undefined) expect(project.gifts).to.equal(dollars(vector.expectedTotalAll));
      if (vector.expectedCounted !== undefined) expect(counted).to.equal(dollars(vector.expectedCounted));
      if (vector.expectedUniqueQualifiedDonors !== undefined) {
        expect(project.donors).to.equal(vector.expectedUniqueQualifiedDonors);
      }
    });
  }

  it("given scores of Gitcoin Passport, when weighed by the library and counted, each should be its part of the gift", async () => {
    const { score, matchProportionPercentage } = passport.options;
    const tenths = {
      ...{ least: score.min * 10, full: score.max * 10 },
      leastWeightBps: matchProportionPercentage.min * 100,
    };
    const gifts = passport.cases.map(({ rawScore }) => ({
      ...{ donor: rawScore, project: "1", amount: 1_000_000n },
      weightBps: quadratic.weightOfScore(Math.round(Number(rawScore) * 10), tenths),
    }));
    const { voices } = await settle(gifts, plenty);
    for (const { rawScore, coefficient } of passport.cases) {
      expect((voices.get(`${rawScore}|1`)?.weighted ?? 0n) / 10_000n).to.equal(BigInt(coefficient * 1_000_000));
    }
  });
});

function toGift({ contributor, recipient, amount }: { contributor: string; recipient: string; amount: string }) {
  return { donor: contributor, project: recipient, amount: BigInt(amount) };
}

function toLoneGift(amount: string): NamedGift {
  return { donor: "1", project: "1", amount: BigInt(amount) };
}

/** The library, given the same gifts, has to count and settle as the contract did, to the unit. */
function holdToLibrary(gifts: readonly NamedGift[], terms: VectorTerms, result: VectorResult): void {
  const names = [...result.projects.keys()];
  const tally = quadratic.createTally({ minCounted: terms.minCounted ?? 0n, maxCounted: 2n ** 96n - 1n });
  for (const { donor, project, amount, weightBps = 10_000 } of gifts) {
    tally.count({ project: BigInt(names.indexOf(project)), key: keccak256(stringToHex(donor)), amount, weightBps });
  }
  const subsidies = tally.subsidies();
  const { matches, lambda, unused } = quadratic.settle(subsidies, terms, quadratic.findCapped(subsidies, terms));
  for (const [index, name] of names.entries()) {
    const { rootSum, subsidy, donors, match } = result.projects.get(name) as ProjectResult;
    const counted = tally.project(BigInt(index));
    const own = { rootSum: counted.rootSum, subsidy: counted.subsidy, donors: counted.donors };
    expect({ rootSum, subsidy, donors, match }).to.deep.equal({ ...own, match: matches.get(BigInt(index)) });
  }
  expect(result.settlement).to.deep.equal({ ...lambda, unused });
}
