import { expect } from "chai";
import fc from "fast-check";
import { quadratic } from "../../../../src/protocol/index.ts";
import { seed } from "../../../support/seed.ts";

const { findCapped, settle, sponsorRefund, rootScale, WrongPairError, InvalidTermsError, ReceiptOutsidePotError } =
  quadratic;
type PotTerms = quadratic.PotTerms;

/** Subsidies as they come (multiples of 2^64 and a little), small ones that tie, and nothing at all. */
const subsidy = fc.oneof(
  fc.constant(0n),
  fc.bigInt({ min: 0n, max: 20n }).map((units) => units * rootScale),
  fc
    .tuple(fc.bigInt({ min: 0n, max: 500n }), fc.bigInt({ min: 0n, max: 2n ** 64n }))
    .map(([u, d]) => u * rootScale + d),
  fc.bigInt({ min: 0n, max: 2n ** 180n }),
);
const rounds = fc.tuple(
  fc
    .array(subsidy, { maxLength: 7 })
    .map((values) => new Map(values.map((value, index) => [BigInt(index + 1), value]))),
  fc.record({
    pot: fc.oneof(fc.bigInt({ min: 0n, max: 60n }), fc.bigInt({ min: 0n, max: 2n ** 100n })),
    cap: fc.oneof(fc.bigInt({ min: 1n, max: 30n }), fc.bigInt({ min: 1n, max: 2n ** 90n })),
  }),
);

function sum(values: Iterable<bigint>): bigint {
  return [...values].reduce((total, value) => total + value, 0n);
}

/** The sum of every subset. */
function subsetSums(values: readonly bigint[]): bigint[] {
  const sums = [0n];
  for (const value of values) sums.push(...sums.map((total) => total + value));
  return sums;
}

function accepts(subsidies: quadratic.Subsidies, terms: PotTerms, cappedCount: number, cappedSubsidy: bigint): boolean {
  try {
    settle(subsidies, terms, { cappedCount, cappedSubsidy });
    return true;
  } catch (error) {
    expect(error).to.be.instanceOf(WrongPairError);
    return false;
  }
}

describe(`quadratic.settle (FARTHING_SEED=${seed})`, () => {
  it("given any round, when settled, no match should pass the cap or the raw subsidy, and all together not the pot", () => {
    fc.assert(
      fc.property(rounds, ([subsidies, terms]) => {
        const { matches, matched, unused } = settle(subsidies, terms, findCapped(subsidies, terms));
        for (const [project, raw] of subsidies) {
          const match = matches.get(project) ?? -1n;
          expect(match >= 0n && match <= terms.cap && match <= raw / rootScale).to.equal(true);
        }
        expect(sum(matches.values())).to.equal(matched);
        expect(matched <= terms.pot).to.equal(true);
        expect(unused).to.equal(terms.pot - matched);
      }),
      { numRuns: 1_000 },
    );
  });

  it("given any round short of money, when settled, what is lost to rounding should be less than a unit a project", () => {
    fc.assert(
      fc.property(rounds, ([subsidies, terms]) => {
        const { lambda, unused } = settle(subsidies, terms, findCapped(subsidies, terms));
        if (lambda.denominator === rootScale && lambda.numerator === 1n) return;
        expect(unused < BigInt(subsidies.size)).to.equal(true);
      }),
      { numRuns: 1_000 },
    );
  });

  it("given any round, when every pair is tried, exactly one should be accepted, and it should be the one found", () => {
    fc.assert(
      fc.property(rounds, fc.bigInt({ min: 1n, max: 2n ** 70n }), ([subsidies, terms], off) => {
        const sums = subsetSums([...subsidies.values()]).flatMap((total) => [
          total,
          total + off,
          total - off,
          total + 1n,
        ]);
        const candidates = [...new Set(sums)].filter((total) => total >= 0n);
        const accepted: string[] = [];
        for (let count = 0; count <= subsidies.size + 1; count++) {
          for (const total of candidates)
            if (accepts(subsidies, terms, count, total)) accepted.push(`${count}/${total}`);
        }
        const { cappedCount, cappedSubsidy } = findCapped(subsidies, terms);
        expect(accepted).to.deep.equal([`${cappedCount}/${cappedSubsidy}`]);
      }),
    );
  });

  it("given any two projects of one round, when settled, the broader supported should never get less", () => {
    fc.assert(
      fc.property(rounds, ([subsidies, terms]) => {
        const { matches } = settle(subsidies, terms, findCapped(subsidies, terms));
        const bySubsidy = [...subsidies].sort(([, a], [, b]) => (a < b ? -1 : a > b ? 1 : 0));
        const ordered = bySubsidy.map(([project]) => matches.get(project) ?? -1n);
        expect(ordered.every((match, index) => index === 0 || match >= (ordered[index - 1] ?? 0n))).to.equal(true);
      }),
    );
  });

  const round = (...units: bigint[]) => new Map(units.map((unit, index) => [BigInt(index + 1), unit * rootScale]));
  const cases: [
    condition: string,
    subsidies: Map<bigint, bigint>,
    terms: PotTerms,
    matches: bigint[],
    capped: number,
  ][] = [
    ["plenty of money", round(10n, 20n), { pot: 100n, cap: 50n }, [10n, 20n], 0],
    ["money to the unit", round(10n, 20n), { pot: 30n, cap: 50n }, [10n, 20n], 0],
    ["too little money", round(10n, 20n), { pot: 15n, cap: 50n }, [5n, 10n], 0],
    ["shares that do not come out even", round(7n, 7n, 7n), { pot: 10n, cap: 9n }, [3n, 3n, 3n], 0],
    ["a cap that one project reaches to the unit", round(10n, 30n), { pot: 20n, cap: 15n }, [5n, 15n], 1],
    ["a cap whose overflow goes to the others", round(10n, 10n, 80n), { pot: 50n, cap: 40n }, [5n, 5n, 40n], 1],
    ["a cap whose overflow caps the next", round(10n, 30n, 60n), { pot: 60n, cap: 22n }, [10n, 22n, 22n], 2],
    ["a cap in a round with plenty", round(10n, 90n), { pot: 1_000n, cap: 40n }, [10n, 40n], 1],
    ["everybody capped and the pot spent", round(10n, 10n), { pot: 10n, cap: 5n }, [5n, 5n], 2],
    ["nobody with two donors", round(0n, 0n), { pot: 10n, cap: 5n }, [0n, 0n], 0],
    ["no project at all", round(), { pot: 10n, cap: 5n }, [], 0],
    ["no pot", round(10n), { pot: 0n, cap: 5n }, [0n], 0],
  ];
  for (const [condition, subsidies, terms, matches, capped] of cases) {
    it(`given ${condition}, when settled, it should pay what a person works out`, () => {
      const settlement = settle(subsidies, terms, findCapped(subsidies, terms));
      expect([...settlement.matches.values()]).to.deep.equal(matches);
      expect(settlement.cappedCount).to.equal(capped);
      expect(settlement.unused).to.equal(terms.pot - sum(matches));
    });
  }

  it("given a round short of money, when settled, lambda should be the two numbers as they stand, not reduced", () => {
    const subsidies = round(10n, 10n, 80n);
    const terms = { pot: 50n, cap: 40n };
    expect(settle(subsidies, terms, findCapped(subsidies, terms)).lambda).to.deep.equal({
      numerator: 10n,
      denominator: 20n * rootScale,
    });
    expect(settle(round(10n), { pot: 10n, cap: 99n }, { cappedCount: 0, cappedSubsidy: 0n }).lambda).to.deep.equal({
      numerator: 1n,
      denominator: rootScale,
    });
  });

  it("given impossible terms, when settled, it should refuse with the reason", () => {
    const pair = { cappedCount: 0, cappedSubsidy: 0n };
    for (const [terms, reason] of [
      [{ pot: 1n, cap: 0n }, "cap"],
      [{ pot: -1n, cap: 1n }, "pot"],
    ] as const) {
      expect(() => settle(round(1n), terms, pair)).to.throw(InvalidTermsError, reason);
      expect(() => findCapped(round(1n), terms)).to.throw(InvalidTermsError, reason);
    }
  });
});

describe(`quadratic.sponsorRefund (FARTHING_SEED=${seed})`, () => {
  const pots = fc.array(fc.bigInt({ min: 1n, max: 2n ** 100n }), { minLength: 1, maxLength: 8 });

  function receipts(deposits: readonly bigint[]): quadratic.SponsorReceipt[] {
    return deposits.map((deposit, index) => ({ prefix: sum(deposits.slice(0, index)), deposit }));
  }

  it("given any sponsors and any unused part, when all are refunded, it should be that part to the unit, fair to a unit each", () => {
    fc.assert(
      fc.property(pots, fc.bigInt({ min: 0n, max: 1_000n }), (deposits, perMille) => {
        const pot = sum(deposits);
        const unused = (pot * perMille) / 1_000n;
        const refunds = receipts(deposits).map((receipt) => sponsorRefund(receipt, unused, pot));
        expect(sum(refunds)).to.equal(unused);
        for (const [index, refund] of refunds.entries()) {
          const exact = unused * (deposits[index] ?? 0n);
          expect(refund * pot > exact - pot && refund * pot < exact + pot).to.equal(true);
        }
      }),
    );
  });

  it("given a round that refunds, when a sponsor takes its money, it should be exactly its deposit", () => {
    fc.assert(
      fc.property(pots, (deposits) => {
        const pot = sum(deposits);
        expect(receipts(deposits).map((receipt) => sponsorRefund(receipt, pot, pot))).to.deep.equal(deposits);
      }),
    );
  });

  it("given a receipt or an unused part outside of the pot, when refunded, it should refuse", () => {
    const wrong: [prefix: bigint, deposit: bigint, unused: bigint][] = [
      [0n, 11n, 5n],
      [5n, 6n, 5n],
      [-1n, 5n, 5n],
      [0n, 0n, 5n],
      [0n, 5n, 11n],
      [0n, 5n, -1n],
    ];
    for (const [prefix, deposit, unused] of wrong) {
      expect(() => sponsorRefund({ prefix, deposit }, unused, 10n)).to.throw(ReceiptOutsidePotError);
    }
  });
});
