import type { Hex } from "viem";
import type { RoundTerms } from "../chain/index.ts";
import type { Refusal } from "../payee/types.ts";
import {
  AllocationDivergesError,
  type AllocationPayload,
  attributionOf,
  checkAllocation,
  type Gift,
  gateDataHash,
  InvalidAllocationError,
  MalformedAllocationError,
  parseAllocation,
  type RefusalCode,
} from "../protocol/index.ts";
import type { ChannelRecord } from "../store/index.ts";
import type { FullCollectorTerms } from "./options.ts";
import type { RoundFacts } from "./round.ts";

/** One channel's newest wish, as a donor brings it. */
export type Offer = { cumulativeAmount: bigint; allocation: AllocationPayload };

/** Reads what came as evidence; a refusal for what is none. */
export function readOffer(offered: { cumulativeAmount: bigint; evidence: string }): Offer | Refusal {
  try {
    return { cumulativeAmount: offered.cumulativeAmount, allocation: parseAllocation(offered.evidence) };
  } catch (error) {
    if (!(error instanceof MalformedAllocationError)) throw error;
    return refuse("invalid-allocation", error.message);
  }
}

/** What is wrong with an allocation whoever brings it, at any time, on any channel. */
export function shapeFault(offer: Offer, channelId: Hex, terms: FullCollectorTerms): Refusal | undefined {
  const { gifts, gateData } = offer.allocation;
  const { cumulativeAmount } = offer;
  try {
    checkAllocation({ channelId, cumulativeAmount, gateDataHash: gateDataHash(gateData), gifts });
  } catch (error) {
    if (!(error instanceof InvalidAllocationError)) throw error;
    return refuse("invalid-allocation", error.message);
  }
  if (gifts.length <= terms.mostGifts) return undefined;
  return refuse(
    "gift-refused",
    `The allocation lists ${gifts.length} gifts; this collector takes ${terms.mostGifts}. Give to fewer projects, or open another channel.`,
  );
}

/** Why the round takes no gifts at this time, or undefined. */
export function windowFault(round: RoundTerms, margin: bigint, { status, time }: RoundFacts): Refusal | undefined {
  if (status === "refunding") {
    return refuse("round-closed", "The round is refunded: take your deposit and your gifts back from escrow and pool.");
  }
  if (time < round.start) {
    return refuse("round-closed", `The round takes gifts from ${when(round.start)} on, and it is ${when(time)}. Wait.`);
  }
  const last = round.end - margin;
  if (time < last && status === "running") return undefined;
  const direct = time < round.end ? " Until the round ends you can still give on-chain, by the pool's own verbs." : "";
  return refuse("round-closed", `Gifts were taken until ${when(last)}, and it is ${when(time)}.${direct}`);
}

/**
 * What is wrong with an offer on this channel, as it is held and as the chain has it: an allocation contains everything held and
 * everything attributed, and adds to projects that take gifts. Pure.
 */
export function giftFault(
  record: ChannelRecord,
  { cumulativeAmount, allocation }: Offer,
  facts: Pick<RoundFacts, "takes" | "standing">,
  terms: FullCollectorTerms,
): Refusal | undefined {
  const held = heldGifts(record);
  const standing = facts.standing(record.id);
  const given = amounts(allocation.gifts);
  const before = highest(held, standing);
  for (const [projectId, least] of before) {
    const actual = given.get(projectId) ?? 0n;
    if (actual < least) return diverging(new AllocationDivergesError(projectId, least, actual).message);
  }
  const { buildsOn } = allocation;
  // Of two devices that give to one project from the same base, the larger list contains the smaller and would swallow it. Where
  // nothing is held there is nothing to swallow: so donors bring back what a lost store had.
  if (buildsOn !== undefined && record.evidence !== undefined && buildsOn !== record.authorized) {
    return diverging(`The allocation builds on ${buildsOn}, and ${record.authorized} is held: build on that.`);
  }
  if (cumulativeAmount <= record.authorized) {
    return diverging(
      `The allocation's ${cumulativeAmount} adds nothing to the ${record.authorized} held: sign again from the newest allocation, with your gift on top.`,
    );
  }
  for (const [projectId, amount] of given) {
    const fault = incrementFault(projectId, amount - (before.get(projectId) ?? 0n), facts, terms);
    if (fault) return fault;
  }
  return undefined;
}

function incrementFault(
  projectId: bigint,
  increment: bigint,
  facts: Pick<RoundFacts, "takes">,
  { leastGift }: FullCollectorTerms,
): Refusal | undefined {
  if (increment === 0n) return undefined;
  if (projectId === 0n) {
    return refuse("gift-refused", `Project 0 is for what was refunded, and ${increment} more is listed than was.`);
  }
  if (!facts.takes(projectId)) {
    const detail = `Project ${projectId} takes no gifts now: it is not in this round, or suspended, or closed. Give to another.`;
    return refuse("gift-refused", detail);
  }
  if (increment >= leastGift) return undefined;
  return refuse(
    "gift-refused",
    `The gift of ${increment} to project ${projectId} is below ${leastGift}, the least taken.`,
  );
}

/** The gifts that a channel's record holds; none before the first. */
export function heldGifts({ evidence }: ChannelRecord): readonly Gift[] {
  return evidence === undefined ? [] : parseAllocation(evidence).gifts;
}

/** Per project what is held or attributed, whichever is more; under project 0 what was refunded. */
function highest(held: readonly Gift[], standing: readonly Gift[]): Map<bigint, bigint> {
  const most = amounts(held);
  const { gifts, refunded } = attributionOf(standing);
  for (const { projectId, cumulativeAmount } of [...gifts, { projectId: 0n, cumulativeAmount: refunded }]) {
    if (cumulativeAmount > (most.get(projectId) ?? 0n)) most.set(projectId, cumulativeAmount);
  }
  return most;
}

function amounts(gifts: readonly Gift[]): Map<bigint, bigint> {
  return new Map(gifts.map(({ projectId, cumulativeAmount }) => [projectId, cumulativeAmount]));
}

/** A time for a person and for a program. */
function when(time: bigint): string {
  return `${new Date(Number(time) * 1000).toISOString()} (${time})`;
}

function diverging(detail: string): Refusal {
  return refuse("allocation-diverges", detail);
}

export function refuse(code: RefusalCode, detail: string): Refusal {
  return { ok: false, code, detail };
}
