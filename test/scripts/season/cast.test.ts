import { expect } from "chai";
import fc from "fast-check";
import {
  deposit,
  donorWallet,
  eligibleDonors,
  lastMinute,
  projects,
  seasonCast,
  special,
} from "../../../scripts/start/season/cast.ts";
import { foretell, recomputeMatches } from "../../../scripts/start/season/sybil.ts";
import { counting, sponsorDeposits } from "../../../scripts/start/season/terms.ts";
import "../../support/seed.ts";

describe("the season's cast", () => {
  it("given any seed, when cast, each donor's gifts should fit its deposit and go to projects of the round", () => {
    fc.assert(
      fc.property(fc.string(), (seed) => {
        const donors = seasonCast(seed);
        expect(donors).to.have.length(300);
        for (const { taps, leaves } of donors) {
          expect(taps.reduce((sum, { amount }) => sum + amount, 0n) <= deposit).to.equal(true);
          expect(taps.every(({ projectId }) => projectId > 0n && projectId <= BigInt(projects.length))).to.equal(true);
          expect(taps.some(({ wave }) => wave === lastMinute)).to.equal(!leaves);
        }
      }),
      { numRuns: 20 },
    );
  });

  it("given a seed, when cast again, it should be the same", () => {
    expect(seasonCast("twice")).to.deep.equal(seasonCast("twice"));
  });

  it("given the list, when read, the cluster should be one key and those that leaked in a key each", () => {
    const donors = seasonCast("list");
    const list = eligibleDonors("list", donors);
    const keysOf = (kind: string) => {
      const own = donors.filter((donor) => donor.kind === kind).map(({ index }) => donorWallet("list", index).address);
      return new Set(list.filter(({ donor }) => own.includes(donor)).map(({ key }) => key)).size;
    };
    expect([keysOf("cluster"), keysOf("leaked")]).to.deep.equal([1, 4]);
    expect(list).to.have.length(290);
  });
});

describe("what a cluster can gain", () => {
  const seed = "bound";
  const donors = seasonCast(seed);
  const own = donors.filter(({ kind }) => kind === "cluster" || kind === "leaked");
  const pot = sponsorDeposits.reduce((sum, one) => sum + one, 0n);

  it("given the season's terms, when foretold, the simulation should stay within the formula's bound", () => {
    const { keys, bound, simulated, ungated } = foretell(donors);
    expect([keys, bound]).to.deep.equal([5, 5n * 4n * counting.maxCounted]);
    expect(simulated > 0n && simulated <= bound).to.equal(true);
    expect(ungated > bound).to.equal(true);
  });

  it("given any gifts of its wallets, when settled, its match should stay within the bound", () => {
    const { bound } = foretell(donors);
    const amounts = fc.array(fc.bigInt(0n, deposit), { minLength: own.length, maxLength: own.length });
    fc.assert(
      fc.property(amounts, (given) => {
        const gifts = own.map(({ index }, at) => [index, new Map([[special.ofCluster, given[at] ?? 0n]])] as const);
        const match = recomputeMatches(seed, donors, new Map(gifts), pot).get(special.ofCluster) ?? 0n;
        expect(match <= bound, `${match} is above ${bound}`).to.equal(true);
      }),
      { numRuns: 20 },
    );
  });
});
