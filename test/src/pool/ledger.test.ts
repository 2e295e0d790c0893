import { expect } from "chai";
import { formatLedger, type GiftReceipt, keptReceipts, type Ledger, parseLedger } from "../../../src/pool/index.ts";
import { acknowledged, acknowledgedLate, dropped, withoutFirstAlone } from "../../../src/pool/ledger.ts";
import type { HeldAllocation } from "../../../src/protocol/wire/allocation.ts";
import { gifts } from "../../support/roundStage.ts";

const pair: HeldAllocation = {
  cumulativeAmount: 2n ** 128n - 1n,
  voucherSignature: `0x${"ab".repeat(65)}`,
  allocation: {
    gateData: "0x0102",
    gifts: gifts([0n, 1n], [1n, 6n], [2n ** 256n - 1n, 5n]),
    signature: `0x${"cd".repeat(65)}`,
    buildsOn: 3n,
  },
};
const wishes = [
  { id: "a", projectId: 1n, amount: 2n },
  { id: "b", projectId: 2n ** 256n - 1n, amount: 5n },
];
const attempts = [gifts([1n, 2n], [2n, 3n]), gifts([0n, 1n], [2n ** 256n - 1n, 5n])];
const batch = { key: "k", pair, buildsOn: 7n, wishes, attempts };
const receipt = (n: number): GiftReceipt => ({
  id: `${n}`,
  projectId: 1n,
  amount: 2n,
  channelId: `0x${"33".repeat(32)}`,
  cumulativeAmount: 9n,
  at: 1_700_000_000_000 + n,
});

describe("a giver's ledger", () => {
  const full: Ledger = {
    acknowledged: pair,
    pending: { ...batch, collected: "by-donor" },
    alone: { wishes, attempts, base: gifts([1n, 2n]) },
    receipts: [receipt(1)],
  };

  it("given all that it can hold, when written and read, it is the same", () => {
    expect(parseLedger(formatLedger(full))).to.deep.equal(full);
    expect(parseLedger(formatLedger({ receipts: [] }))).to.deep.equal({ receipts: [] });
    expect(parseLedger(undefined)).to.deep.equal({ receipts: [] });
  });

  it("given anything else, when read, it is refused without a word of what it holds", () => {
    const text = formatLedger(full);
    const broken = [
      "",
      "{}",
      text.slice(1),
      text.replace('"key":"k"', '"key":7'),
      text.replace('"by-donor"', '"by-nobody"'),
      text.replace('"receipts"', '"receipt"'),
      text.replace('"amount":"2"', '"amount":"-2"'),
      text.replace('{"acknowledged"', '{"more":1,"acknowledged"'),
    ];
    for (const one of broken) {
      expect(one).to.not.equal(text);
      expect(() => parseLedger(one))
        .to.throw()
        .with.property("code", "store-corrupt");
      expect(() => parseLedger(one)).to.throw(/^(?!.*abab)/);
    }
  });

  it("given a batch that is acknowledged, its pair is the newest and the oldest receipts make room", () => {
    const before: Ledger = { pending: batch, receipts: Array.from({ length: keptReceipts }, (_, n) => receipt(n)) };
    const after = acknowledged(before, [receipt(1_000), receipt(1_001)], pair);
    expect(after.acknowledged).to.equal(pair);
    expect(after).to.not.have.property("pending");
    expect(after.receipts).to.have.length(keptReceipts);
    expect(after.receipts[0]?.id).to.equal("2");
    expect(after.receipts.at(-1)?.id).to.equal("1001");
  });

  it("given a newer pair that was taken over, when what is pending is acknowledged, that one stays", () => {
    const newer = {
      ...pair,
      allocation: { ...pair.allocation, gifts: gifts([0n, 1n], [1n, 9n], [2n ** 256n - 1n, 5n]) },
    };
    const of = (before: HeldAllocation) =>
      acknowledged({ acknowledged: before, pending: batch, receipts: [] }, [], pair);
    expect(of(newer).acknowledged).to.equal(newer);
    expect(of({ ...pair, allocation: { ...pair.allocation, gifts: [] } }).acknowledged).to.equal(pair);
  });

  it("given a batch that was accepted after it was given up, only what has no receipt and is not signed for again has one then", () => {
    const [a, b] = [receipt(1), receipt(2)];
    const late = (before: Omit<Ledger, "receipts"> & { receipts?: Ledger["receipts"] }) =>
      acknowledgedLate({ receipts: [], ...before }, [a, b], pair);
    const alone = { wishes: [a, b, receipt(3)], attempts, base: gifts([1n, 2n]) };
    expect(late({})).to.deep.equal({ ledger: { acknowledged: pair, receipts: [a, b] }, receipts: [a, b] });
    expect(late({ receipts: [b] })?.receipts).to.deep.equal([a]);
    expect(late({ receipts: [a, b] })).to.equal(undefined);
    expect(late({ alone })?.ledger.alone).to.deep.equal({ ...alone, wishes: [receipt(3)] });
    expect(late({ alone: { ...alone, wishes: [a] } })?.ledger).to.not.have.property("alone");
    const again = { ...batch, wishes: [a] };
    expect(late({ pending: again })).to.deep.equal({
      ledger: { acknowledged: pair, pending: again, receipts: [b] },
      receipts: [b],
    });
  });

  it("given a batch that is dropped to be tried alone, its wishes stand there in order until each is taken up", () => {
    const after = dropped({ pending: batch, receipts: [] }, batch, true);
    expect(after).to.deep.equal({ alone: { wishes, attempts, base: gifts([0n, 1n], [1n, 4n]) }, receipts: [] });
    expect(withoutFirstAlone(after).alone?.wishes).to.deep.equal(wishes.slice(1));
    expect(withoutFirstAlone(withoutFirstAlone(after))).to.deep.equal({ receipts: [] });
    expect(dropped({ pending: batch, receipts: [] }, batch, false)).to.deep.equal({ receipts: [] });
  });
});
