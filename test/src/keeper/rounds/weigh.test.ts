import { expect } from "chai";
import type { Hex } from "viem";
import { weigh } from "../../../../src/keeper/rounds/weigh.ts";
import { formatAllocation, type Gift } from "../../../../src/protocol/index.ts";
import type { ChannelRecord } from "../../../../src/store/index.ts";
import { gifts } from "../../../support/roundStage.ts";

const token = `0x${"10".repeat(20)}` as const;
const signature: Hex = `0x${"5a".repeat(64)}1b`;

/** A record whose newest pair says these gifts. */
function record(list: readonly Gift[], fields: Partial<ChannelRecord> = {}): ChannelRecord {
  const authorized = list.reduce((sum, { cumulativeAmount }) => sum + cumulativeAmount, 0n);
  const word: Hex = `0x${"01".repeat(32)}`;
  return {
    id: word,
    escrow: { address: `0x${"20".repeat(20)}`, chainId: 1 },
    channel: {
      ...{ payer: `0x${"30".repeat(20)}`, payee: `0x${"40".repeat(20)}`, token, salt: word },
      authorizedSigner: `0x${"00".repeat(20)}`,
    },
    ...{ deposit: 1_000n, settled: 0n, closeRequestedAt: 0n, finalized: false, block: { number: 1n, hash: word } },
    ...{ authorized, spent: authorized, charges: [] },
    ...(authorized > 0n && { signature, evidence: formatAllocation({ gateData: "0x", gifts: list, signature }) }),
    ...fields,
  };
}

const open = { token, takesGifts: () => true };
const all =
  (line: readonly Gift[] = []) =>
  (list: readonly Gift[], fields?: Partial<ChannelRecord>) =>
    weigh(record(list, fields), line, open);

describe("weighing a channel of a round", () => {
  it("given a first allocation, it gains all of it, and brings the voucher", () => {
    const { item, gain, unsettled, expected, refusal } = all()(gifts([1n, 5n], [2n, 7n]));
    expect({ gain, unsettled, refusal }).deep.equal({ gain: 12n, unsettled: 12n, refusal: undefined });
    expect(expected).deep.equal(gifts([1n, 5n], [2n, 7n]));
    expect(item).to.deep.include({ voucherSignature: signature, previousGifts: [], gateData: "0x" });
  });

  it("given the voucher is settled and nothing attributed, it gains all, and brings no voucher", () => {
    const { item, gain, unsettled } = all()(gifts([1n, 5n]), { settled: 5n });
    expect({ gain, unsettled }).deep.equal({ gain: 5n, unsettled: 0n });
    expect(item?.voucherSignature).equal("0x");
  });

  it("given what stands is a part of it, it gains the rest", () => {
    const { gain, item } = all(gifts([1n, 3n]))(gifts([1n, 5n], [2n, 7n]), { settled: 3n });
    expect(gain).equal(9n);
    expect(item?.previousGifts).deep.equal(gifts([1n, 3n]));
  });

  it("given a project takes none now, its gift does not count and keeps what it had", () => {
    const line = gifts([1n, 3n], [2n, 2n]);
    const { gain, expected } = weigh(record(gifts([1n, 5n], [2n, 7n])), line, { token, takesGifts: (id) => id === 1n });
    expect(gain).equal(2n);
    expect(expected).deep.equal(gifts([1n, 5n], [2n, 2n]));
  });

  it("given everything stands, it gains nothing, and still has an item to close with", () => {
    const { gain, unsettled, item } = all(gifts([1n, 5n]))(gifts([1n, 5n]), { settled: 5n });
    expect({ gain, unsettled }).deep.equal({ gain: 0n, unsettled: 0n });
    expect(item).not.equal(undefined);
  });

  it("given a newer allocation stands, there is nothing to bring and nothing wrong", () => {
    const weighed = all(gifts([1n, 5n], [2n, 1n]))(gifts([1n, 5n]), { settled: 6n });
    expect(weighed).to.include({ item: undefined, gain: 0n, refusal: undefined });
  });

  it("given what was refunded is not listed under project 0, it is refused until it is signed again", () => {
    const line = gifts([0n, 2n], [1n, 3n]);
    expect(all(line)(gifts([1n, 5n]), { settled: 5n })).to.include({ gain: 0n, refusal: "AllocationDiverges" });
    expect(all(line)(gifts([0n, 2n], [1n, 5n]), { settled: 5n })).to.include({ gain: 2n, refusal: undefined });
  });

  it("given one gift lower and another higher than what stands, it is refused", () => {
    expect(all(gifts([1n, 5n]))(gifts([1n, 4n], [2n, 9n])).refusal).equal("AllocationDiverges");
  });

  it("given the channel was closed below the voucher, it is refused, and at it collected", () => {
    const closed = { finalized: true, settled: 4n };
    expect(all()(gifts([1n, 5n]), closed)).to.include({ refusal: "AllocationExceedsCash", gain: 0n, item: undefined });
    expect(all()(gifts([1n, 5n]), { ...closed, settled: 5n })).to.include({ gain: 5n, unsettled: 0n });
  });

  it("given no allocation, an unreadable one, one of another sum, or another token, it is refused by name", () => {
    const evidence = formatAllocation({ gateData: "0x", gifts: gifts([1n, 4n]), signature });
    const { evidence: _, ...without } = record(gifts([1n, 5n]));
    expect(weigh(without, [], open).refusal).equal("no allocation is kept with its voucher");
    expect(all()(gifts([1n, 5n]), { evidence: "[]" }).refusal).equal("malformed-allocation");
    expect(all()(gifts([1n, 5n]), { evidence }).refusal).equal("invalid-allocation");
    const foreign = weigh(record(gifts([1n, 5n])), [], { ...open, token: `0x${"11".repeat(20)}` });
    expect(foreign).to.include({ refusal: "NotOwnChannel", unsettled: 0n });
  });

  it("given no voucher, there is nothing", () => {
    expect(all()([])).to.include({ item: undefined, gain: 0n, unsettled: 0n, refusal: undefined });
  });
});
