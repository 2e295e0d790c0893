import type { Hex } from "viem";
import { zeroAddress } from "viem";
import type { CollectItem } from "../../chain/pool/encode.ts";
import { encodeCollect } from "../../chain/pool/encode.ts";
import type { ClaimEnv } from "../policy.ts";

// What a round's verbs use, from the gas snapshot, and a tenth more.

/** The transaction's own, and the first touch of the contracts that every item needs. */
const batchGas = 30_000n;
/** One item of one gift to a project that the line has already. */
const itemGas = 82_000n;
/** A donor's first gift: its line and its standing are new words. */
const firstGiftGas = 48_000n;
/** One gift more, to a project that is new to the line. */
const newGiftGas = 40_000n;
/** One gift more, raised. */
const raisedGiftGas = 21_500n;

/** Gas of `collectAndClose` beyond the collecting: a signature, the close and its transfer. */
export const closingGas = 75_000n;
/** Gas of `closeChannel`, `refund`, `refundSponsor` or `claim`. */
export const payoutGas = 96_000n;
/** Gas of `settleRound` before its projects, and for each. */
export const settleGas = 130_000n;
export const settleProjectGas = 3_300n;

/** Bytes that {@link ClaimEnv.l1Fee}'s `row` is for. */
const bytesOfRow = 192n;

/** What the policy weighs, with the gas and the calldata of collecting this item in place of a settlement's. */
export function collectEnv(env: ClaimEnv, item: CollectItem): ClaimEnv {
  const rows = (BigInt(bytesOf(item)) + bytesOfRow - 1n) / bytesOfRow;
  return {
    ...env,
    gas: { batch: batchGas, row: collectGas(item) },
    l1Fee: { ...env.l1Fee, row: env.l1Fee.row * rows },
  };
}

/** What an item uses in a batch. */
export function collectGas({ previousGifts, gifts }: Pick<CollectItem, "previousGifts" | "gifts">): bigint {
  const stood = new Map(previousGifts.map((gift) => [gift.projectId, gift.cumulativeAmount]));
  const raised = gifts.filter((gift) => gift.cumulativeAmount > (stood.get(gift.projectId) ?? 0n));
  const fresh = raised.filter((gift) => !stood.has(gift.projectId)).length;
  const again = raised.length - fresh;
  const first = previousGifts.length === 0 ? firstGiftGas : 0n;
  // The first gift is in the item's own gas, as a raised one.
  return itemGas + first + BigInt(fresh) * newGiftGas + BigInt(again) * raisedGiftGas - raisedGiftGas;
}

/** Bytes of calldata that an item adds to a batch. */
export function bytesOf(item: CollectItem): number {
  return sizeOf(encodeCollect({ address: zeroAddress, ...item }).data) + 32;
}

/** Bytes of a hexadecimal text. */
export function sizeOf(data: Hex): number {
  return (data.length - 2) / 2;
}
