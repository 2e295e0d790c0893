import { expect } from "chai";
import fc from "fast-check";
import { type Hex, numberToHex } from "viem";
import { quadratic } from "../../../../src/protocol/index.ts";
import { seed } from "../../../support/seed.ts";

const { createTally, recount, InvalidIncrementError, InvalidTermsError, rootScale } = quadratic;
type Increment = quadratic.Increment;
type CountingTerms = quadratic.CountingTerms;

const open: CountingTerms = { minCounted: 0n, maxCounted: 2n ** 96n - 1n };
const key = (index: number): Hex => numberToHex(index, { size: 32 });
const gift = (project: number, donor: number, amount: bigint, weightBps = 10_000): Increment => ({
  project: BigInt(project),
  key: key(donor),
  amount,
  weightBps,
});

const amounts = fc.oneof(
  fc.bigInt({ min: 0n, max: 30n }),
  fc.bigInt({ min: 0n, max: 10n ** 9n }),
  fc.bigInt({ min: 0n, max: 2n ** 90n }),
);
const increments = fc.record({
  project: fc.bigInt({ min: 1n, max: 4n }),
  key: fc.nat({ max: 6 }).map(key),
  amount: amounts,
  weightBps: fc.oneof(fc.constant(10_000), fc.integer({ min: 0, max: 10_000 })),
});
const histories = fc.array(increments, { maxLength: 40 });
const terms = fc
  .tuple(fc.oneof(fc.constant(0n), amounts), fc.oneof(fc.constant(2n ** 95n), amounts))
  .map(([a, b]) => (a < b ? { minCounted: a, maxCounted: b } : { minCounted: b, maxCounted: a }));

function countAll(history: readonly Increment[], counting: CountingTerms) {
  const tally = createTally(counting);
  for (const increment of history) expect(tally.count(increment)).to.equal(true);
  return tally;
}

/** Everything that a tally says, to be compared. */
function facts(tally: quadratic.Tally) {
  const projects = [1n, 2n, 3n, 4n];
  const keys = Array.from({ length: 7 }, (_, index) => key(index));
  return {
    projects: projects.map((id) => tally.project(id)),
    entries: projects.map((id) => keys.map((donor) => tally.entry(id, donor))),
    totalSubsidy: tally.totalSubsidy,
  };
}

describe(`quadratic.createTally (FARTHING_SEED=${seed})`, () => {
  it("given any history, when counted gift by gift, it should equal the direct recount in every number", () => {
    fc.assert(
      fc.property(histories, terms, (history, counting) => {
        const tally = countAll(history, counting);
        const direct = recount(history, counting);
        for (const [id, project] of direct.projects) expect(tally.project(id)).to.deep.equal(project);
        for (const [id, entries] of direct.entries) {
          for (const [donor, entry] of entries) expect(tally.entry(id, donor)).to.deep.equal(entry);
        }
        expect(tally.totalSubsidy).to.equal(direct.totalSubsidy);
        expect([...tally.subsidies()]).to.have.deep.members(
          [...direct.projects].map(([id, { subsidy }]) => [id, subsidy]),
        );
      }),
    );
  });

  it("given any history, when its gifts come in another order, it should end in the same state", () => {
    const shuffled = histories.chain((history) =>
      fc.tuple(fc.constant(history), fc.shuffledSubarray(history, { minLength: history.length })),
    );
    fc.assert(
      fc.property(shuffled, terms, ([history, other], counting) => {
        expect(facts(countAll(other, counting))).to.deep.equal(facts(countAll(history, counting)));
      }),
    );
  });

  it("given any history, when each gift is split into parts, it should end in the same state", () => {
    const parts = fc.array(fc.nat({ max: 100 }), { maxLength: 3 });
    fc.assert(
      fc.property(histories, fc.array(parts, { maxLength: 40 }), terms, (history, cuts, counting) => {
        const split = history.flatMap((increment, index) => {
          let left = increment.amount;
          const pieces = (cuts[index] ?? []).map((percent) => {
            const piece = (left * BigInt(percent)) / 100n;
            left -= piece;
            return { ...increment, amount: piece };
          });
          return [...pieces, { ...increment, amount: left }];
        });
        expect(facts(countAll(split, counting))).to.deep.equal(facts(countAll(history, counting)));
      }),
    );
  });

  it("given any history, when each gift is counted, no S, R or total should fall, and the total should be the sum", () => {
    fc.assert(
      fc.property(histories, terms, (history, counting) => {
        const tally = createTally(counting);
        for (const increment of history) {
          const before = facts(tally);
          tally.count(increment);
          const after = facts(tally);
          for (const [index, project] of after.projects.entries()) {
            const old = before.projects[index] ?? quadratic.emptyProject;
            expect(project.subsidy >= old.subsidy && project.rootSum >= old.rootSum).to.equal(true);
          }
          expect(after.projects.reduce((total, { subsidy }) => total + subsidy, 0n)).to.equal(after.totalSubsidy);
          expect(after.totalSubsidy >= 0n).to.equal(true);
        }
      }),
    );
  });

  it("given any history, when a new donor gives, its project's R should be no lower, and the other projects untouched", () => {
    fc.assert(
      fc.property(histories, amounts, (history, amount) => {
        const tally = countAll(history, open);
        const before = facts(tally).projects;
        tally.count(gift(1, 99, amount));
        const [first, ...others] = facts(tally).projects;
        expect((first?.subsidy ?? 0n) >= (before[0]?.subsidy ?? 0n)).to.equal(true);
        expect(others).to.deep.equal(before.slice(1));
      }),
    );
  });

  it("given any history, it should stay within the widths that the fields promise", () => {
    const few = fc.array(increments, { maxLength: 25 });
    fc.assert(
      fc.property(few, (history) => {
        const tally = createTally(open);
        for (const increment of history) tally.count({ ...increment, amount: increment.amount * 2n ** 14n });
        for (const { rootSum, subsidy, counted, donors } of facts(tally).projects) {
          expect(rootSum * rootSum <= BigInt(donors) * counted * rootScale).to.equal(true);
          expect(rootSum < 2n ** 96n && subsidy < 2n ** 192n).to.equal(true);
        }
      }),
    );
  });

  it("given a lone donor, when it gives ever more, it should draw no matching", () => {
    const tally = createTally(open);
    for (const amount of [1n, 99n, 10n ** 18n]) tally.count(gift(1, 1, amount));
    expect(tally.project(1n)).to.include({ subsidy: 0n, donors: 1 });
    tally.count(gift(1, 2, 1n));
    expect(tally.project(1n).subsidy).to.equal(2n * tally.entry(1n, key(1)).root * 2n ** 32n);
  });

  it("given weights, when small gifts are counted, nothing should be rounded before they are added up", () => {
    const tally = createTally(open);
    for (let index = 0; index < 3; index++) tally.count(gift(1, 1, 1n, 3_334));
    expect(tally.entry(1n, key(1))).to.deep.equal({ weighted: 10_002n, counted: 1n, root: 2n ** 32n });
  });

  it("given the least and the most that counts, when a key passes them, it should count from one and no more than the other", () => {
    const tally = createTally({ minCounted: 5n, maxCounted: 9n });
    const counted = [4n, 1n, 3n, 1n, 1_000n].map((amount) => {
      tally.count(gift(1, 1, amount));
      return tally.entry(1n, key(1)).counted;
    });
    expect(counted).to.deep.equal([0n, 5n, 8n, 9n, 9n]);
    expect(tally.project(1n).counted).to.equal(9n);
  });

  it("given a gift past a project's root sum, when counted, it should change nothing, and a smaller one or another project's count", () => {
    const tally = createTally(open, { rootSum: 5n * 2n ** 32n, donors: 10 });
    tally.count(gift(1, 1, 4n));
    const before = facts(tally);
    expect(tally.count(gift(1, 2, 10n))).to.equal(false);
    expect(facts(tally)).to.deep.equal(before);
    expect(tally.count(gift(1, 2, 9n))).to.equal(true);
    expect(tally.project(1n).rootSum).to.equal(5n * 2n ** 32n);
    expect(tally.count(gift(1, 1, 1n))).to.equal(false);
    expect(tally.count(gift(2, 3, 25n))).to.equal(true);
  });

  it("given the contract's own limits, when 2^16 donors gave all that counts, the smallest gift more should be too much", () => {
    const tally = createTally(open);
    for (let donor = 0; donor < 2 ** 16; donor++) {
      if (!tally.count(gift(1, donor, open.maxCounted))) throw new Error(`donor ${donor} was refused`);
    }
    expect(tally.project(1n).rootSum).to.equal(2n ** 96n - 2n ** 16n);
    expect(tally.count(gift(1, 2 ** 16, 1n))).to.equal(false);
    expect(tally.count(gift(2, 2 ** 16, 1n))).to.equal(true);
  });

  it("given more donors than the fields hold, when a new key gives, it should draw nothing, and known keys still count", () => {
    const tally = createTally(open, { rootSum: 2n ** 96n, donors: 2 });
    for (const donor of [1, 2]) tally.count(gift(1, donor, 4n));
    expect(tally.count(gift(1, 3, 4n))).to.equal(false);
    expect(tally.project(1n).donors).to.equal(2);
    expect(tally.count(gift(1, 2, 5n))).to.equal(true);
    expect(tally.count(gift(2, 3, 4n))).to.equal(true);
  });

  it("given a disqualified project, when it is taken out twice, its R should leave the total once and it should not be settled", () => {
    const tally = createTally(open);
    for (const project of [1, 2]) for (const donor of [1, 2]) tally.count(gift(project, donor, 100n));
    const { subsidy } = tally.project(2n);
    tally.disqualify(1n);
    tally.disqualify(1n);
    tally.disqualify(7n);
    expect(tally.totalSubsidy).to.equal(subsidy);
    expect([...tally.subsidies()]).to.deep.equal([[2n, subsidy]]);
    tally.count(gift(1, 3, 100n));
    expect(tally.totalSubsidy).to.equal(subsidy);
  });

  it("given a gift that no pool counts, when counted, it should refuse with its reason", () => {
    const tally = createTally(open);
    expect(() => tally.count(gift(1, 1, -1n))).to.throw(InvalidIncrementError, "negative");
    for (const weight of [-1, 10_001, 0.5, Number.NaN]) {
      expect(() => tally.count(gift(1, 1, 1n, weight))).to.throw(InvalidIncrementError, "basis points");
    }
    expect(tally.project(1n)).to.deep.equal(quadratic.emptyProject);
  });

  it("given impossible terms, when a count or a recount starts, it should refuse with the reason", () => {
    const cases: [CountingTerms, string][] = [
      [{ minCounted: -1n, maxCounted: 1n }, "negative"],
      [{ minCounted: 2n, maxCounted: 1n }, "below minCounted"],
      [{ minCounted: 0n, maxCounted: 2n ** 96n }, "2^96"],
    ];
    for (const [bad, reason] of cases) {
      expect(() => createTally(bad)).to.throw(InvalidTermsError, reason);
      expect(() => recount([], bad)).to.throw(InvalidTermsError, reason);
    }
  });
});
