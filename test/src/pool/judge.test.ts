import { expect } from "chai";
import { type Divergence, judge } from "../../../src/pool/judge.ts";
import type { Batch, Wish } from "../../../src/pool/ledger.ts";
import type { Gift } from "../../../src/protocol/allocation.ts";
import type { HeldAllocation } from "../../../src/protocol/wire/allocation.ts";
import { gifts } from "../../support/roundStage.ts";

const pair = (list: readonly Gift[]): HeldAllocation => ({
  cumulativeAmount: list.reduce((sum, gift) => sum + gift.cumulativeAmount, 0n),
  voucherSignature: "0x",
  allocation: { gateData: "0x", gifts: list, signature: "0x" },
});

const wish = (projectId: bigint, amount: bigint): Wish => ({ id: `${projectId}-${amount}`, projectId, amount });

/** A batch of one gift of 5 to project 1, signed on nothing, and refused for what another device gave to project 2. */
function divergence(
  fields: Partial<Divergence> & { signed?: readonly Gift[]; more?: Partial<Batch> } = {},
): Divergence {
  const { signed = gifts([1n, 5n]), more = {}, ...rest } = fields;
  const wishes = [wish(1n, 5n)];
  const batch: Batch = { key: "k", pair: pair(signed), buildsOn: 0n, wishes, attempts: [signed], ...more };
  return { ledger: {}, batch, held: pair(gifts([2n, 7n])), line: [], uncertain: false, leastGift: 1n, ...rest };
}

describe("judging a divergence", () => {
  it("given another device's gift, when judged, the batch goes on top of it", () => {
    expect(judge(divergence())).to.deep.equal({ type: "rebase", gifts: gifts([1n, 5n], [2n, 7n]) });
  });

  it("given another device's gift to the same project, when judged, both count", () => {
    const held = pair(gifts([1n, 9n]));
    expect(judge(divergence({ held }))).to.deep.equal({ type: "rebase", gifts: gifts([1n, 14n]) });
  });

  it("given what the chain refunded, when judged, project 0 lists it", () => {
    const line = gifts([0n, 3n], [2n, 4n]);
    expect(judge(divergence({ line }))).to.deep.equal({ type: "rebase", gifts: gifts([0n, 3n], [1n, 5n], [2n, 7n]) });
  });

  it("given the very list that was signed, when judged, nobody can tell", () => {
    expect(judge(divergence({ held: pair(gifts([1n, 5n])) })).type).to.equal("unresolved");
  });

  it("given a list that an earlier attempt was signed as, when judged, nobody can tell", () => {
    const earlier = gifts([1n, 5n], [2n, 7n]);
    const more = { attempts: [earlier, gifts([1n, 5n])] };
    expect(judge(divergence({ held: pair(earlier), more })).type).to.equal("unresolved");
  });

  const room: [uncertain: boolean, held: bigint, leastGift: bigint, verdict: string][] = [
    [true, 5n + 255n, 1n, "rebase"],
    [true, 5n + 256n, 1n, "unresolved"],
    [false, 5n + 256n, 1n, "rebase"],
    [true, 5n + 256n, 10n, "rebase"],
    [true, 5n + 2_560n, 10n, "unresolved"],
  ];
  for (const [uncertain, amount, leastGift, verdict] of room) {
    const lost = uncertain ? "a lost answer" : "every answer heard";
    it(`given ${lost} and ${amount - 5n} given since at ${leastGift} or more each, when judged, it is ${verdict}`, () => {
      const held = pair(gifts([1n, amount]));
      expect(judge(divergence({ held, uncertain, leastGift })).type).to.equal(verdict);
    });
  }

  it("given a lost answer and more than one list, when judged, what was given since counts from the least of them", () => {
    const attempts = [gifts([1n, 5n]), gifts([1n, 5n], [2n, 100n])];
    const of = (amount: bigint) => {
      const held = pair(gifts([1n, amount], [2n, 99n]));
      return judge(divergence({ signed: gifts([1n, 5n], [2n, 100n]), held, uncertain: true, more: { attempts } })).type;
    };
    expect([of(5n + 156n), of(5n + 157n)]).to.deep.equal(["rebase", "unresolved"]);
  });

  it("given a lost answer and a list that has no room for the batch, when judged, it is certain that it is not in there", () => {
    const held = pair(gifts([1n, 4n], [2n, 10_000n]));
    expect(judge(divergence({ held, uncertain: true }))).to.deep.equal({
      type: "rebase",
      gifts: gifts([1n, 9n], [2n, 10_000n]),
    });
  });

  it("given other lists with room for the batch again and again, when judged, it is signed once more and then no more", () => {
    const attempts: (readonly Gift[])[] = [];
    const judged = (signed: readonly Gift[], amount: bigint) => {
      attempts.push(signed);
      return judge(
        divergence({ signed, held: pair(gifts([1n, amount], [2n, 9n])), more: { attempts: [...attempts] } }),
      );
    };
    // No room for 5; room for the first 5; room for the second list; room for none that was not judged before.
    expect(judged(gifts([1n, 5n]), 4n)).to.deep.equal({ type: "rebase", gifts: gifts([1n, 9n], [2n, 9n]) });
    expect(judged(gifts([1n, 9n], [2n, 9n]), 6n)).to.deep.equal({ type: "rebase", gifts: gifts([1n, 11n], [2n, 9n]) });
    expect(judged(gifts([1n, 11n], [2n, 9n]), 10n)).to.deep.equal({ type: "unresolved" });
    expect(judged(gifts([1n, 11n], [2n, 9n]), 8n)).to.deep.equal({ type: "rebase", gifts: gifts([1n, 13n], [2n, 9n]) });
  });

  it("given the batch on the chain and not in what is held, when judged, nobody can tell", () => {
    expect(judge(divergence({ line: gifts([1n, 5n]) })).type).to.equal("unresolved");
    expect(judge(divergence({ line: gifts([1n, 5n]), held: undefined })).type).to.equal("unresolved");
  });

  it("given the batch on the chain by the donor's own hand, when judged, it counts once", () => {
    const more = { collected: "by-donor" } as const;
    const verdict = judge(divergence({ line: gifts([1n, 5n]), more }));
    expect(verdict).to.deep.equal({ type: "rebase", gifts: gifts([1n, 5n], [2n, 7n]) });
  });

  it("given the batch on the chain by the donor's own hand and a list that is built on it, when judged, it is given", () => {
    const own = { line: gifts([1n, 5n]), more: { collected: "by-donor" } } as const;
    expect(judge(divergence({ ...own, held: pair(gifts([1n, 5n])) }))).to.deep.equal({
      type: "given",
      list: gifts([1n, 5n]),
    });
    expect(judge(divergence({ ...own, held: pair(gifts([1n, 6n], [2n, 7n])), uncertain: true })).type).to.equal(
      "given",
    );
  });

  it("given the batch on the chain by the donor's own hand under a newer list, when judged, it is signed no more", () => {
    const line = gifts([1n, 5n], [3n, 1n]);
    const held = pair(gifts([1n, 5n], [2n, 7n]));
    expect(judge(divergence({ line, held, more: { collected: "by-donor" } })).type).to.equal("unresolved");
  });

  it("given a list of the batch that was taken over just before a crash, when the collector denies it, it is signed no more", () => {
    const ledger = { acknowledged: pair(gifts([1n, 5n])) };
    expect(judge(divergence({ ledger, held: undefined })).type).to.equal("unresolved");
    const more = { collected: "by-donor" } as const;
    const verdict = judge(divergence({ ledger, held: undefined, line: gifts([1n, 5n]), more }));
    expect(verdict).to.deep.equal({ type: "given", list: gifts([1n, 5n]) });
  });

  it("given a newer list that another giver on the same store took over, when judged, the batch is not in it twice", () => {
    const ledger = { acknowledged: pair(gifts([1n, 5n])) };
    const held = pair(gifts([1n, 5n], [2n, 7n]));
    expect(judge(divergence({ ledger, held })).type).to.equal("unresolved");
  });

  it("given an earlier list of the batch on the chain by the donor's own hand, when judged, it counts once however often it is signed", () => {
    const attempts = [gifts([1n, 5n]), gifts([1n, 5n], [2n, 7n])];
    const of = (held: readonly Gift[]) =>
      judge(divergence({ signed: gifts([1n, 5n], [2n, 7n]), held: pair(held), line: gifts([1n, 5n]), more }));
    const more = { attempts, collected: "by-donor" } as const;
    expect(of(gifts([2n, 9n]))).to.deep.equal({ type: "rebase", gifts: gifts([1n, 5n], [2n, 9n]) });
    expect(of(gifts([1n, 5n], [2n, 9n]))).to.deep.equal({ type: "given", list: gifts([1n, 5n]) });
  });

  it("given an earlier list of the batch on the chain, when judged, nobody can tell", () => {
    const attempts = [gifts([1n, 5n], [3n, 1n]), gifts([1n, 6n])];
    const fields = { signed: gifts([1n, 6n]), more: { attempts } };
    const line = gifts([1n, 5n], [3n, 2n]);
    expect(judge(divergence({ ...fields, line })).type).to.equal("unresolved");
    expect(judge(divergence({ ...fields, line: gifts([1n, 5n]) })).type).to.equal("rebase");
  });

  it("given a list on the chain that was judged before the batch went on top of it, when judged, it says nothing new", () => {
    const attempts = [gifts([1n, 5n]), gifts([1n, 11n])];
    const held = pair(gifts([1n, 6n], [2n, 7n]));
    const fields = { signed: gifts([1n, 11n]), held, line: gifts([1n, 6n]), more: { attempts } };
    expect(judge(divergence(fields))).to.deep.equal({ type: "rebase", gifts: gifts([1n, 11n], [2n, 7n]) });
  });

  it("given a collector that lost everything, when judged, the very same pair is sent as building on nothing", () => {
    const ledger = { acknowledged: pair(gifts([2n, 8n])) };
    const lost = { ledger, signed: gifts([1n, 5n], [2n, 8n]), held: undefined, more: { buildsOn: 8n } };
    expect(judge(divergence(lost))).to.deep.equal({ type: "resend", buildsOn: 0n });
  });

  it("given a collector that holds an older list, when judged, the very same pair is sent as building on that, once", () => {
    const older = { ledger: { acknowledged: pair(gifts([2n, 8n])) }, signed: gifts([1n, 5n], [2n, 8n]) };
    expect(judge(divergence({ ...older, more: { buildsOn: 8n } }))).to.deep.equal({ type: "resend", buildsOn: 7n });
    expect(judge(divergence({ ...older, more: { buildsOn: 7n } })).type).to.equal("dishonest");
  });

  const lies: [condition: string, fields: Parameters<typeof divergence>[0]][] = [
    ["another list than it acknowledged", { ledger: { acknowledged: pair(gifts([3n, 1n])) } }],
    ["nothing at all, and was told so", { held: undefined }],
    [
      "what the allocation builds on",
      { held: pair(gifts([2n, 7n])), signed: gifts([1n, 5n], [2n, 7n]), more: { buildsOn: 7n } },
    ],
    [
      "something new for the hundredth time",
      { more: { attempts: Array.from({ length: 64 }, (_, n) => gifts([9n, BigInt(n + 1)])) } },
    ],
  ];
  for (const [condition, fields] of lies) {
    it(`given a collector that holds ${condition}, when judged, it is not honest`, () => {
      expect(judge(divergence(fields)).type).to.equal("dishonest");
    });
  }
});
