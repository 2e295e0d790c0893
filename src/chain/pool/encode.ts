import { type Address, encodeFunctionData, type Hex } from "viem";
import { donationPoolAbi as abi } from "../../abi/donationPool.ts";
import type { Gift } from "../../protocol/allocation.ts";
import type { Channel } from "../../protocol/channel.ts";
import type { Donation } from "../../protocol/donation.ts";
import type { Call } from "../write.ts";

type At = { /** The pool. */ address: Address };

/** One channel's newest pair of signatures, ready to be collected. */
export type CollectItem = {
  channel: Channel;
  /** Over the voucher of the gifts' sum; `0x` when that was settled before. */
  voucherSignature: Hex;
  /** The list of the line's last `Collected` or `Refunded`; empty before the first. */
  previousGifts: readonly Gift[];
  /** The allocation's, cumulative base units. */
  gifts: readonly Gift[];
  /** What the gate asks for; `0x` gives without matching. */
  gateData: Hex;
  allocationSignature: Hex;
};

export type CollectAndCloseParameters = {
  item: CollectItem;
  /** The donor's `CloseRequest`; `0x` when its close is pending in the escrow. */
  closeSignature: Hex;
};

export type DonateParameters = Omit<Donation, "from">;

export type DonateWithAuthorizationParameters = Donation & {
  /** Unix seconds, exclusive. */
  validAfter: bigint;
  /** Unix seconds, exclusive. */
  validBefore: bigint;
  /** Of the token's `ReceiveWithAuthorization` to the pool, with `donationNonce` and `donationSum`. */
  signature: Hex;
};

export type RefundParameters = {
  channel: Channel /** The line's list as it stands. */;
  attributedGifts: readonly Gift[];
};

export type RefundDonationParameters = {
  donor: Address;
  salt: Hex;
  /** The line's list as it stands. */
  attributedGifts: readonly Gift[];
};

export type DisqualifyParameters = { projectId: bigint /** Of the published reason. */; reasonHash: Hex };

export type SettleRoundParameters = {
  /** `k`: how many projects reach the cap. */
  cappedCount: number;
  /** `T_k`: the sum of their `R`. */
  cappedSubsidy: bigint;
};

export function encodeCollect({ address, ...item }: At & CollectItem): Call {
  const { channel, voucherSignature, previousGifts, gifts, gateData, allocationSignature } = item;
  const args = [channel, voucherSignature, previousGifts, gifts, gateData, allocationSignature] as const;
  return call(address, encodeFunctionData({ abi, functionName: "collect", args }));
}

/**
 * The call names its gas, as much for each item as the dearest may need: an estimate would find the gas at which every item
 * is skipped. What is not used is not paid.
 */
export function encodeCollectBatch({ address, items }: At & { items: readonly CollectItem[] }): Call {
  const data = encodeFunctionData({ abi, functionName: "collectBatch", args: [items] });
  return { ...call(address, data), gas: collectBatchGas(items) };
}

/** The gas that {@link encodeCollectBatch} names for these items. */
export function collectBatchGas(items: readonly Pick<CollectItem, "gifts">[]): bigint {
  const dearest = items.reduce((most, { gifts }) => Math.max(most, gifts.length), 0);
  return batchGas + BigInt(items.length) * (itemGas + BigInt(dearest) * giftGas);
}

export function encodeCollectAndClose({ address, item, closeSignature }: At & CollectAndCloseParameters): Call {
  return call(address, encodeFunctionData({ abi, functionName: "collectAndClose", args: [item, closeSignature] }));
}

export function encodeCloseChannel({ address, channel }: At & { channel: Channel }): Call {
  return call(address, encodeFunctionData({ abi, functionName: "closeChannel", args: [channel] }));
}

export function encodeDonate({ address, gifts, gateData, salt }: At & DonateParameters): Call {
  return call(address, encodeFunctionData({ abi, functionName: "donate", args: [gifts, gateData, salt] }));
}

export function encodeDonateWithAuthorization(parameters: At & DonateWithAuthorizationParameters): Call {
  const { address, from, gifts, gateData, salt, validAfter, validBefore, signature } = parameters;
  const args = [from, gifts, gateData, salt, validAfter, validBefore, signature] as const;
  return call(address, encodeFunctionData({ abi, functionName: "donateWithAuthorization", args }));
}

export function encodeSponsor({ address, deposit }: At & { /** Base units. */ deposit: bigint }): Call {
  return call(address, encodeFunctionData({ abi, functionName: "sponsor", args: [deposit] }));
}

/** For the stewards: a timelock schedules and executes it. */
export function encodeAdmit({ address, projectIds }: At & { projectIds: readonly bigint[] }): Call {
  return call(address, encodeFunctionData({ abi, functionName: "admit", args: [projectIds] }));
}

/** For the stewards: a timelock schedules and executes it. */
export function encodeCancelRound({
  address,
  reasonHash,
}: At & { /** Of the published reason. */ reasonHash: Hex }): Call {
  return call(address, encodeFunctionData({ abi, functionName: "cancel", args: [reasonHash] }));
}

/** For the stewards: a timelock schedules and executes it. */
export function encodeDisqualify({ address, projectId, reasonHash }: At & DisqualifyParameters): Call {
  return call(address, encodeFunctionData({ abi, functionName: "disqualify", args: [projectId, reasonHash] }));
}

export function encodeSettleRound({ address, cappedCount, cappedSubsidy }: At & SettleRoundParameters): Call {
  const args = [BigInt(cappedCount), cappedSubsidy] as const;
  return call(address, encodeFunctionData({ abi, functionName: "settleRound", args }));
}

export function encodeSwitchToRefunds({ address }: At): Call {
  return call(address, encodeFunctionData({ abi, functionName: "switchToRefunds" }));
}

export function encodeClaim({ address, projectId }: At & { projectId: bigint }): Call {
  return call(address, encodeFunctionData({ abi, functionName: "claim", args: [projectId] }));
}

export function encodeRefund({ address, channel, attributedGifts }: At & RefundParameters): Call {
  return call(address, encodeFunctionData({ abi, functionName: "refund", args: [channel, attributedGifts] }));
}

export function encodeRefundDonation({ address, donor, salt, attributedGifts }: At & RefundDonationParameters): Call {
  const args = [donor, salt, attributedGifts] as const;
  return call(address, encodeFunctionData({ abi, functionName: "refundDonation", args }));
}

export function encodeRefundSponsor({ address, index }: At & { /** The receipt's. */ index: bigint }): Call {
  return call(address, encodeFunctionData({ abi, functionName: "refundSponsor", args: [index] }));
}

/** A transaction's own 21,000, and as much to spare. */
const batchGas = 50_000n;
/** 120,000 for settling and attributing nothing, 45,000 for a donor's first gift, 210,000 to ask the gate with. */
const itemGas = 400_000n;
/** Three stores at first, 22,100 each at most, and calldata. */
const giftGas = 80_000n;

function call(to: Address, data: Hex): Call {
  return { to, data, value: 0n };
}
