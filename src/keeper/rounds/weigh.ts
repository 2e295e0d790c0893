import type { Address } from "viem";
import type { CollectItem } from "../../chain/pool/encode.ts";
import {
  AllocationDivergesError,
  attributionOf,
  checkAllocation,
  collectedGifts,
  FarthingError,
  type Gift,
  gateDataHash,
  parseAllocation,
} from "../../protocol/index.ts";
import type { ChannelRecord } from "../../store/record.ts";

/** What a channel's newest voucher and allocation would do on its pool now. Amounts in base units. */
export type Weighed = {
  /** What to bring to the pool; undefined where there is nothing to bring, or nothing that can be read. */
  readonly item: CollectItem | undefined;
  /** What would stand on the line afterwards. */
  readonly expected: readonly Gift[];
  /** What would be attributed now: gifts to projects that take none at present do not count. */
  readonly gain: bigint;
  /** What the voucher would bring to the pool. */
  readonly unsettled: bigint;
  /** Why no pool would ever take it as it is. */
  readonly refusal: string | undefined;
};

/**
 * Weighs a record against what stands on its line. Pure.
 * @param record With the chain's part as it is now.
 * @param previous The line's whole list.
 * @param round.token The round's: nothing can be attributed of a channel in another.
 * @param round.takesGifts Whether a project takes part in the round and is accepted by the registry.
 */
export function weigh(
  record: ChannelRecord,
  previous: readonly Gift[],
  { token, takesGifts }: { token: Address; takesGifts: (projectId: bigint) => boolean },
): Weighed {
  const { authorized, settled, signature, evidence, channel, finalized } = record;
  const nothing = { item: undefined, expected: previous, gain: 0n, unsettled: 0n, refusal: undefined };
  if (signature === undefined || authorized === 0n) return nothing;
  let gifts: readonly Gift[] = [];
  const unsettled = !finalized && authorized > settled ? authorized - settled : 0n;
  if (channel.token !== token.toLowerCase()) return { ...nothing, refusal: "NotOwnChannel" };
  if (evidence === undefined) return { ...nothing, unsettled, refusal: "no allocation is kept with its voucher" };
  try {
    const allocated = parseAllocation(evidence);
    const { gateData, signature: allocationSignature } = allocated;
    gifts = allocated.gifts;
    const allocation = {
      channelId: record.id,
      cumulativeAmount: authorized,
      gateDataHash: gateDataHash(gateData),
      gifts,
    };
    checkAllocation(allocation, attributionOf(previous));
    const expected = collectedGifts(previous, gifts, takesGifts);
    const gain = sumOf(expected) - sumOf(previous);
    if (gain > 0n && finalized && settled < authorized) return { ...nothing, refusal: "AllocationExceedsCash" };
    const voucherSignature = settled >= authorized ? "0x" : signature;
    const item = { channel, voucherSignature, previousGifts: previous, gifts, gateData, allocationSignature };
    return { item, expected, gain, unsettled, refusal: undefined };
  } catch (error) {
    if (error instanceof AllocationDivergesError && isContained(gifts, previous)) return nothing;
    if (error instanceof AllocationDivergesError) return { ...nothing, unsettled, refusal: "AllocationDiverges" };
    if (error instanceof FarthingError) return { ...nothing, unsettled, refusal: error.code };
    throw error;
  }
}

/** An allocation that the line is ahead of, gift by gift: the donor signed a newer one, and somebody brought that. */
function isContained(gifts: readonly Gift[], line: readonly Gift[]): boolean {
  const stood = new Map(line.map((gift) => [gift.projectId, gift.cumulativeAmount]));
  return gifts.every(({ projectId, cumulativeAmount }) => cumulativeAmount <= (stood.get(projectId) ?? 0n));
}

function sumOf(gifts: readonly Gift[]): bigint {
  return gifts.reduce((sum, { cumulativeAmount }) => sum + cumulativeAmount, 0n);
}
