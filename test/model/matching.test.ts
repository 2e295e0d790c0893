import { expect } from "chai";
import fc from "fast-check";
import { type Hex, numberToHex } from "viem";
import { quadratic } from "../../src/protocol/index.ts";
import { seed } from "../support/seed.ts";
import { type CountedGift, countedOf, overflows, settleSlowly, slowRoot, sum, tallyOf } from "./matching.ts";

const open = { minCounted: 0n, maxCounted: 2n ** 96n - 1n };
const key = (name: string): Hex => numberToHex(Number(name), { size: 32 });
const amounts = fc.oneof(fc.bigInt({ min: 0n, max: 20n }), fc.bigInt({ min: 0n, max: 2n ** 88n }));
const gifts = fc.array(
  fc.record({
    project: fc.integer({ min: 1, max: 3 }),
    key: fc.constantFrom("1", "2", "3", "4"),
    amount: amounts,
    weightBps: fc.oneof(fc.constant(10_000), fc.nat({ max: 10_000 })),
  }),
  { maxLength: 20 },
);

describe(`the model's matching (FARTHING_SEED=${seed})`, () => {
  it("given any number, when rooted by halving, it should be the library's root", () => {
    fc.assert(
      fc.property(fc.oneof(fc.bigInt({ min: 0n, max: 100n }), fc.bigInt({ min: 0n, max: 2n ** 160n })), (value) => {
        expect(slowRoot(value)).to.equal(quadratic.integerRoot(value));
      }),
    );
  });

  it("given any gifts, when counted pair by pair, it should be the library's running count", () => {
    fc.assert(
      fc.property(gifts, fc.tuple(amounts, amounts), (history, [a, b]) => {
        const bounds = a < b ? { minCounted: a, maxCounted: b } : { minCounted: b, maxCounted: a };
        const tally = quadratic.createTally(bounds);
        for (const gift of history) tally.count({ ...gift, project: BigInt(gift.project), key: key(gift.key) });
        for (const project of [1, 2, 3]) {
          expect(tally.project(BigInt(project))).to.deep.equal(tallyOf(history, project, bounds));
          for (const [donor, counted] of countedOf(history, project, bounds)) {
            expect(tally.entry(BigInt(project), key(donor)).counted).to.equal(counted);
          }
        }
      }),
    );
  });

  it("given any subsidies, when settled by trying, it should be the library's settlement", () => {
    const subsidy = fc.oneof(
      fc.constant(0n),
      fc.bigInt({ min: 0n, max: 40n }).map((units) => units * 2n ** 64n),
      fc.bigInt({ min: 0n, max: 2n ** 170n }),
    );
    const money = fc.oneof(fc.bigInt({ min: 1n, max: 60n }), fc.bigInt({ min: 1n, max: 2n ** 96n }));
    fc.assert(
      fc.property(fc.array(subsidy, { maxLength: 9 }), money, money, (values, pot, cap) => {
        const slow = settleSlowly(new Map(values.map((value, index) => [index, value])), pot, cap);
        const subsidies = new Map(values.map((value, index) => [BigInt(index), value]));
        const fast = quadratic.settle(subsidies, { pot, cap }, quadratic.findCapped(subsidies, { pot, cap }));
        const { cappedCount, cappedSubsidy, unused } = slow;
        expect(fast).to.include({ cappedCount, cappedSubsidy, unused });
        expect([...fast.matches.values()]).to.deep.equal([...slow.matches.values()]);
      }),
      { numRuns: 1_000 },
    );
  });

  it("given roots and donors at the fields' limits and one more, when asked, only the latter should be too much", () => {
    const gift = (project: number, name: string, amount: bigint): CountedGift => {
      return { project, key: name, amount, weightBps: 10_000 };
    };
    const two = [gift(1, "1", 4n), gift(1, "2", 9n)];
    const roots = 5n * 2n ** 32n;
    expect(overflows(two, open)).to.equal(false);
    expect(overflows(two, open, { rootSum: roots, donors: 2 })).to.equal(false);
    expect(overflows([...two, gift(2, "3", 25n)], open, { rootSum: roots, donors: 2 })).to.equal(false);
    expect(overflows(two, open, { rootSum: roots - 1n, donors: 2 })).to.equal(true);
    expect(overflows(two, open, { rootSum: roots, donors: 1 })).to.equal(true);
    expect(sum([1n, 2n])).to.equal(3n);
  });
});
