import { expect } from "chai";
import fc from "fast-check";
import { quadratic } from "../../../../src/protocol/index.ts";
import { seed } from "../../../support/seed.ts";

const { simulateRound } = quadratic;

/** No crowd: one attacker alone with its project, so that a person can work everything out. */
const alone: quadratic.RoundParameters = {
  donors: 0,
  projects: 0,
  giftsPerDonor: 1,
  gift: 100n,
  pot: 10_000n,
  cap: 3_000n,
  minCounted: 0n,
  maxCounted: 2n ** 90n,
  gate: { kind: "open" },
  sybils: 50,
  sybilGift: 1n,
  sybilCost: 1n,
};

/** Dice that always show their lowest: every donor gives a tenth of a usual gift to the most popular project left. */
const lowest: quadratic.Dice = () => 0;

function dice(): quadratic.Dice {
  let state = 1;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

describe(`quadratic.simulateRound (FARTHING_SEED=${seed})`, () => {
  it("given wallets alone behind an open gate, when they attack, they should draw n * (n - 1) gifts, and gain from 3 on", () => {
    const { attack, breakEven, best, curve, unused } = simulateRound(alone, lowest);
    expect(attack).to.deep.equal({ sybils: 50, deposited: 50n, cost: 50n, match: 2_450n, net: 2_400n });
    expect(curve.map(({ match }) => match)).to.deep.equal(curve.map(({ sybils: n }) => BigInt(n * Math.max(n - 1, 0))));
    expect([breakEven, best.sybils, unused]).to.deep.equal([3, 50, 10_000n]);
  });

  it("given more wallets than the cap has room for, when they attack, those beyond should only cost", () => {
    const { attack, best } = simulateRound({ ...alone, sybils: 100, sybilCost: 30n }, lowest);
    expect(attack).to.include({ match: 3_000n, cost: 3_000n, net: 0n });
    // 55 wallets draw 2,970; 56 would draw 3,080 and get the cap.
    expect(best).to.include({ sybils: 55, match: 2_970n, net: 1_320n });
  });

  it("given a list of people, when wallets attack, they should draw nothing and lose their cost", () => {
    const { attack, breakEven, best } = simulateRound({ ...alone, gate: { kind: "merkle" } }, lowest);
    expect(attack).to.include({ match: 0n, net: -50n });
    expect([breakEven, best.sybils]).to.deep.equal([undefined, 0]);
  });

  it("given an attester who sees through to few people, when wallets attack, their gifts should add up by person", () => {
    const gate = { kind: "attested", sybilWeightBps: 10_000, sybilKeys: 2 } as const;
    // Two people with 25 each: 2 * 5 * 5.
    expect(simulateRound({ ...alone, gate }, lowest).attack.match).to.equal(50n);
    const light = { ...gate, sybilWeightBps: 3_600 };
    // At 36 % each person counts 9: 2 * 3 * 3.
    expect(simulateRound({ ...alone, gate: light }, lowest).attack.match).to.equal(18n);
    const one = { ...gate, sybilKeys: 1 };
    expect(simulateRound({ ...alone, gate: one }, lowest).attack.match).to.equal(0n);
  });

  it("given bounds on what counts, when wallets attack, they should hold for each of them", () => {
    expect(simulateRound({ ...alone, minCounted: 2n }, lowest).attack.match).to.equal(0n);
    const rich = { ...alone, sybils: 3, sybilGift: 900n, maxCounted: 400n };
    expect(simulateRound(rich, lowest).attack.match).to.equal(2_400n);
  });

  it("given honest donors, when each gives a tenth of a usual gift to the most popular, its match should be theirs alone", () => {
    const { projects, matched } = simulateRound({ ...alone, donors: 4, projects: 2, sybils: 0, gift: 1_000n }, lowest);
    expect(projects).to.deep.equal([
      { project: 1, donors: 4, gifts: 400n, match: 1_200n, attackedMatch: 1_200n },
      { project: 2, donors: 0, gifts: 0n, match: 0n, attackedMatch: 0n },
    ]);
    expect(matched).to.equal(1_200n);
  });

  it("given a pot that is short, when wallets attack, what they draw should be what the others and the sponsors lose", () => {
    const round = { ...alone, donors: 60, projects: 5, giftsPerDonor: 3, sybilGift: 20n, pot: 5_000n };
    const { projects, attack, lostByOthers, matched, unused, attackedUnused } = simulateRound(round, dice());
    const lost = projects.reduce((sum, { match, attackedMatch }) => sum + match - attackedMatch, 0n);
    expect(lost).to.equal(lostByOthers);
    expect(lost > 0n).to.equal(true);
    expect(attack.match).to.equal(lost + unused - attackedUnused);
    expect(matched + unused).to.equal(5_000n);
  });

  it("given donors with many gifts, when they give, each should choose different projects, the first ones more often", () => {
    const round = { ...alone, donors: 300, projects: 6, giftsPerDonor: 2, sybils: 0 };
    const donors = simulateRound(round, dice()).projects.map((project) => project.donors);
    expect(donors.reduce((sum, each) => sum + each, 0)).to.equal(600);
    expect(Math.max(...donors)).to.equal(donors[0]);
    expect(Math.min(...donors)).to.be.above(0);
    const all = simulateRound({ ...round, giftsPerDonor: 64 }, dice()).projects;
    expect(all.map((project) => project.donors)).to.deep.equal(new Array(6).fill(300));
  });

  it("given any round, when it is played twice, it should be the same, within its pot, and worth no less to more wallets", () => {
    const rounds = fc.record({
      donors: fc.nat({ max: 12 }),
      projects: fc.nat({ max: 5 }),
      giftsPerDonor: fc.nat({ max: 4 }),
      gift: fc.bigInt({ min: 0n, max: 10n ** 9n }),
      pot: fc.bigInt({ min: 0n, max: 10n ** 10n }),
      cap: fc.bigInt({ min: 1n, max: 10n ** 10n }),
      minCounted: fc.constant(0n),
      maxCounted: fc.bigInt({ min: 0n, max: 10n ** 10n }),
      gate: fc.constantFrom<quadratic.SimulatedGate[]>(
        { kind: "open" },
        { kind: "merkle" },
        { kind: "attested", sybilWeightBps: 700, sybilKeys: 3 },
      ),
      sybils: fc.nat({ max: 10 }),
      sybilGift: fc.bigInt({ min: 0n, max: 10n ** 9n }),
      sybilCost: fc.bigInt({ min: 0n, max: 10n ** 9n }),
    });
    fc.assert(
      fc.property(rounds, (round) => {
        const simulation = simulateRound(round, dice());
        expect(simulateRound(round, dice())).to.deep.equal(simulation);
        const { curve, projects, attack, attackedUnused } = simulation;
        expect(curve.every(({ match }, index) => match >= (curve[index - 1]?.match ?? 0n))).to.equal(true);
        const paid = projects.reduce((sum, { attackedMatch }) => sum + attackedMatch, attack.match);
        expect(paid + attackedUnused).to.equal(round.pot);
      }),
      { numRuns: 100 },
    );
  });
});
