import { expect } from "chai";
import fc from "fast-check";
import { numberToHex } from "viem";
import { matchRange, type Standing } from "../../../src/pool/index.ts";
import { quadratic } from "../../../src/protocol/index.ts";
import "../../support/seed.ts";

const { createTally, findCapped, settle } = quadratic;
const keyOf = (n: number) => numberToHex(n, { size: 32 });
const own = keyOf(0);

type Gift = { donor: number; projectId: bigint; amount: bigint };
type Round = {
  gifts: Gift[];
  uncollected: Gift[];
  gift: Gift;
  pot: bigint;
  cap: bigint;
  minCounted: bigint;
  weightBps: number;
};

const amount = fc.bigInt({ min: 1n, max: 10n ** 9n });
const given = (donor: fc.Arbitrary<number>) => fc.record({ donor, projectId: fc.bigInt({ min: 1n, max: 4n }), amount });
const round: fc.Arbitrary<Round> = fc.record({
  gifts: fc.array(given(fc.nat({ max: 6 })), { maxLength: 20 }),
  uncollected: fc.array(given(fc.constant(0)), { maxLength: 3 }),
  gift: given(fc.constant(0)),
  pot: fc.bigInt({ min: 0n, max: 10n ** 10n }),
  cap: fc.bigInt({ min: 1n, max: 10n ** 10n }),
  minCounted: fc.bigInt({ min: 0n, max: 10n ** 4n }),
  weightBps: fc.integer({ min: 1, max: 10_000 }),
});

/** A round counted by the library's own tally, and the match of one project in it. */
function count({ pot, cap, minCounted, weightBps }: Round, gifts: readonly Gift[]) {
  const terms = { pot, cap, minCounted, maxCounted: 2n ** 90n };
  const tally = createTally(terms);
  for (const { donor, projectId, amount } of gifts) {
    tally.count({ project: projectId, key: keyOf(donor), amount, weightBps: donor === 0 ? weightBps : 10_000 });
  }
  const match = (projectId: bigint) => {
    const subsidies = tally.subsidies();
    return settle(subsidies, terms, findCapped(subsidies, terms)).matches.get(projectId) ?? 0n;
  };
  return { terms, tally, match };
}

function standingOf(of: Round, times: { start: bigint; end: bigint; now: bigint }): Standing {
  const { terms, tally } = count(of, of.gifts);
  const ids = [1n, 2n, 3n, 4n];
  return {
    ...terms,
    ...times,
    weightBps: of.weightBps,
    projects: new Map(ids.map((id) => [id, tally.project(id)])),
    entries: new Map(ids.map((id) => [id, tally.entry(id, own)])),
  };
}

const bare = (gifts: readonly Gift[]) => gifts.map(({ projectId, amount }) => ({ projectId, amount }));

describe("estimating a match", () => {
  it("given any round at its end, when estimated, low and high are what the gift adds to the settlement", () => {
    fc.assert(
      fc.property(round, (of) => {
        const { gift, uncollected, gifts } = of;
        const before = count(of, [...gifts, ...uncollected]).match(gift.projectId);
        const after = count(of, [...gifts, ...uncollected, gift]).match(gift.projectId);
        const range = matchRange(standingOf(of, { start: 0n, end: 10n, now: 10n }), bare(uncollected), gift);
        expect(range).to.deep.equal({ low: after - before, high: after - before });
      }),
    );
  });

  it("given any round that runs, when estimated, settling now is in the range, and nothing is below 0 or above cap and pot", () => {
    fc.assert(
      fc.property(round, fc.bigInt({ min: 1n, max: 10n }), (of, now) => {
        const { gift, uncollected, gifts } = of;
        const before = count(of, [...gifts, ...uncollected]).match(gift.projectId);
        const after = count(of, [...gifts, ...uncollected, gift]).match(gift.projectId);
        const { low, high } = matchRange(standingOf(of, { start: 0n, end: 10n, now }), bare(uncollected), gift);
        expect(low >= 0n && low <= after - before && after - before <= high).to.equal(true);
        expect(high <= of.cap && high <= of.pot).to.equal(true);
      }),
    );
  });

  it("given half of the time gone and a scarce pot, when estimated, others' support grows fourfold in the low", () => {
    const gifts = [1, 2, 3, 4].map((donor) => ({ donor, projectId: 1n, amount: 10_000n }));
    const others = [5, 6, 7, 8].map((donor) => ({ donor, projectId: 2n, amount: 10_000n }));
    const of: Round = {
      gifts: [...gifts, ...others],
      uncollected: [],
      gift: { donor: 0, projectId: 1n, amount: 10_000n },
      pot: 1_000n,
      cap: 1_000n,
      minCounted: 0n,
      weightBps: 10_000,
    };
    // R of each project: 12 pairs of 10,000; the gift adds 8 to the first. Now 1,000 * 20 / 32 for 500; at the end 1,000 * 56 / 104 for 500.
    const range = matchRange(standingOf(of, { start: 0n, end: 20n, now: 10n }), [], of.gift);
    expect(range).to.deep.equal({ low: 38n, high: 125n });
  });

  it("given a round that has not begun, or a project that is not in it, when estimated, nothing is promised below", () => {
    const of: Round = {
      gifts: [],
      uncollected: [],
      gift: { donor: 0, projectId: 1n, amount: 1n },
      pot: 10n,
      cap: 10n,
      minCounted: 0n,
      weightBps: 10_000,
    };
    const standing = standingOf(of, { start: 5n, end: 20n, now: 5n });
    expect(matchRange(standing, [], of.gift).low).to.equal(0n);
    expect(matchRange(standing, [], { projectId: 9n, amount: 1n })).to.deep.equal({ low: 0n, high: 0n });
  });
});
