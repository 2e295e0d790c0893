import "../../support/seed.ts";
import { expect } from "chai";
import fc from "fast-check";
import { keptCharges, keptUnder, withCharge } from "../../../src/store/charges.ts";
import type { Charge } from "../../../src/store/record.ts";

/** What is kept, by the plainest means. */
function expected(charges: readonly Charge[], made: Charge): readonly Charge[] {
  if (charges.length < keptCharges) return [...charges, made];
  const amounts = charges.map(({ cumulativeAmount }) => cumulativeAmount);
  const least = amounts.reduce((a, b) => (b < a ? b : a));
  return [...charges.toSpliced(amounts.indexOf(least), 1), made];
}

const charge = (key: number, cumulativeAmount: number): Charge => ({
  key: `key ${key}`,
  cumulativeAmount: BigInt(cumulativeAmount),
  amount: 1n,
  spent: 1n,
  at: 0,
});

describe("kept charges", () => {
  it("given any order of amounts, from any list that was there before, should be as if looked through each time", function () {
    this.timeout(30_000);
    // Each step goes on from the newest list or from an older one, whose successor was not stored.
    const step = fc.tuple(fc.oneof({ weight: 99, arbitrary: fc.constant(0) }, fc.nat(5)), fc.nat(1_000));
    const rising = fc.array(step, { minLength: keptCharges, maxLength: keptCharges + 60 });
    fc.assert(
      fc.property(rising, fc.boolean(), (steps, isMostlyRising) => {
        const lists: (readonly Charge[])[] = [[]];
        steps.forEach(([back, amount], key) => {
          const from = lists[Math.max(lists.length - 1 - back, 0)] as readonly Charge[];
          const made = charge(key, isMostlyRising && amount < 990 ? key * 10 : amount);
          const next = withCharge(from, made);
          expect(next).to.deep.equal(expected(from, made));
          expect(Object.isFrozen(next)).to.equal(true);
          expect(keptUnder(made.key, next)).to.deep.equal(made);
          expect(keptUnder(made.key, from)).to.equal(undefined);
          for (const other of [0, key - 1, key - keptCharges]) {
            const known = next.find((each) => each.key === `key ${other}`);
            expect(keptUnder(`key ${other}`, next)).to.equal(known);
            expect(keptUnder(`key ${other}`, from)).to.deep.equal(from.find((each) => each.key === `key ${other}`));
          }
          lists.push(next);
        });
      }),
      { numRuns: 15 },
    );
  });

  it("given a list that others can still change, should go by what it was", () => {
    const given = [charge(1, 1)];
    const next = withCharge(given, charge(2, 2));
    given[0] = charge(9, 9);
    expect(next).to.deep.equal([charge(1, 1), charge(2, 2)]);
    expect(keptUnder("key 9", next)).to.equal(undefined);
  });

  it("given a full list and a charge that no store would keep, should know the list as before", () => {
    let full: readonly Charge[] = [];
    for (let key = 0; key < keptCharges; key++) full = withCharge(full, charge(key, key));
    expect(() => withCharge(full, { ...charge(1_000, 1_000), amount: -1n })).to.throw("amount");
    for (const each of full) expect(keptUnder(each.key, full)).to.deep.equal(each);
    expect(withCharge(full, charge(1_001, 1_001))).to.deep.equal([...full.slice(1), charge(1_001, 1_001)]);
  });

  it("given a charge that no store would keep, should refuse it", () => {
    expect(() => withCharge([], charge(1, -1))).to.throw(/charge.cumulativeAmount/);
  });
});
