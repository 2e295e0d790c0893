import { expect } from "chai";
import fc from "fast-check";
import { prioritise } from "../../../src/keeper/index.ts";
import { seed } from "../../support/seed.ts";

type Claim = { id: number; value: bigint; left: bigint };
const capacity = { rows: 150, seconds: 12 };

/** What is lost when claims are made in this order, `rows` in each slot. */
function lost(order: readonly Claim[], { rows, seconds }: typeof capacity): bigint {
  return order.reduce((sum, { value, left }, index) => {
    const done = BigInt((Math.floor(index / rows) + 1) * seconds);
    return done <= left ? sum : sum + value;
  }, 0n);
}

const claims = (count: { minLength: number; maxLength: number }, left: { min: bigint; max: bigint }) =>
  fc
    .array(fc.record({ value: fc.bigInt({ min: 0n, max: 10n ** 18n }), left: fc.bigInt(left) }), count)
    .map((items) => items.map((item, id): Claim => ({ id, ...item })));

describe(`prioritise (FARTHING_SEED=${seed})`, () => {
  it("misses no deadline of 10,000 when any order could make them all", () => {
    const feasible = fc.array(
      fc.record({ slack: fc.bigInt({ min: 0n, max: 600n }), value: fc.bigInt({ min: 0n, max: 10n ** 18n }) }),
      {
        minLength: 10_000,
        maxLength: 10_000,
      },
    );
    fc.assert(
      fc.property(feasible, fc.infiniteStream(fc.nat()), (items, order) => {
        // Deadlines that a schedule known to exist meets, in an order that hides it.
        const known = items.map(({ slack, value }, id): Claim => {
          const done = BigInt((Math.floor(id / capacity.rows) + 1) * capacity.seconds);
          return { id, value, left: done + slack };
        });
        const shuffled = known.map((claim) => ({ claim, key: order.next().value })).sort((a, b) => a.key - b.key);
        const planned = prioritise(
          shuffled.map(({ claim }) => claim),
          capacity,
        );
        expect(lost(planned, capacity)).equal(0n);
        expect(new Set(planned.map(({ id }) => id)).size).equal(items.length);
      }),
      { numRuns: 5 },
    );
  });

  it("after an outage, with 10,000 deadlines at once, loses no more than earliest-first or dearest-first would", () => {
    fc.assert(
      fc.property(claims({ minLength: 10_000, maxLength: 10_000 }, { min: -60n, max: 500n }), (items) => {
        const planned = lost(prioritise(items, capacity), capacity);
        const earliest = [...items].sort((a, b) => Number(a.left - b.left));
        const dearest = [...items].sort((a, b) => (a.value < b.value ? 1 : -1));
        expect(planned <= lost(earliest, capacity)).equal(true);
        expect(planned <= lost(dearest, capacity)).equal(true);
      }),
      { numRuns: 5 },
    );
  });

  it("loses the least that any order loses", () => {
    // Room for two to four of up to six claims before the last deadline: most draws must lose some.
    const small = { rows: 1, seconds: 10 };
    fc.assert(
      fc.property(claims({ minLength: 0, maxLength: 6 }, { min: 5n, max: 45n }), (items) => {
        const best = permutations(items)
          .map((order) => lost(order, small))
          .reduce((least, value) => (value < least ? value : least), 10n ** 30n);
        expect(lost(prioritise(items, small), small)).equal(items.length === 0 ? 0n : best);
      }),
      { numRuns: 150 },
    );
  });
});

function permutations<T>(items: readonly T[]): T[][] {
  if (items.length === 0) return [[]];
  return items.flatMap((item, index) => permutations(items.toSpliced(index, 1)).map((rest) => [item, ...rest]));
}
