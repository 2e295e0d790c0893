import { type Gift, maxGifts } from "../protocol/allocation.ts";
import { giftsHash } from "../protocol/line.ts";
import type { HeldAllocation } from "../protocol/wire/allocation.ts";
import type { Batch, Ledger } from "./ledger.ts";
import { contains, raised, union } from "./list.ts";

/** What follows from a collector's `allocation-diverges`. */
export type Verdict =
  /** The batch is not in what is held: it is signed again, as this list. */
  | { type: "rebase"; gifts: readonly Gift[] }
  /** The collector has lost what it held: the very same pair brings it back, said to build on what is left. */
  | { type: "resend"; buildsOn: bigint }
  /** Nobody can tell whether the batch is in what is held: signing again might give it twice. */
  | { type: "unresolved" }
  /** No honest collector says this. */
  | { type: "dishonest"; lie: string };

export type Divergence = {
  ledger: Pick<Ledger, "acknowledged">;
  batch: Batch;
  /** Proven to be signed by the channel's own signer. */
  held: HeldAllocation | undefined;
  /** What stands on the channel's line. */
  line: readonly Gift[];
  /** Whether some earlier sending of the batch may have been accepted unheard. */
  uncertain: boolean;
  /** The least that one charge raises a channel by, base units. */
  leastGift: bigint;
};

/**
 * Decides what to do with a batch that a collector says diverges from what it holds. One rule above all: a wish is never
 * signed for twice on the word of a collector alone.
 *
 * - A list that this device itself signed with the batch in it, shown as held, may have been accepted under the batch's own key
 *   or be another device's very same list: unresolved.
 * - A sending whose answer was lost, and so many charges since that its key may be forgotten: unresolved.
 * - On the chain, and not in what is held: a collector that took it and denies it, or another device's: unresolved, unless the
 *   donor itself brought this batch on-chain.
 * - Another device's list that could contain the batch by its amounts: it is signed again on top of it, once.
 */
export function judge({ ledger, batch, held, line, uncertain, leastGift }: Divergence): Verdict {
  const base = ledger.acknowledged?.allocation.gifts ?? [];
  const shown = held?.allocation.gifts ?? [];
  const signed = batch.pair.allocation.gifts;
  const buildsOn = held?.cumulativeAmount ?? 0n;
  const resent: Verdict = { type: "resend", buildsOn };
  if (held && !contains(shown, base)) {
    const isOlder = contains(base, shown) && batch.buildsOn !== buildsOn;
    return isOlder ? resent : { type: "dishonest", lie: "it holds less than it acknowledged" };
  }
  if (held && batch.attempts.includes(giftsHash(shown))) return { type: "unresolved" };
  if (held && contains(shown, signed)) {
    const room = held.cumulativeAmount - batch.pair.cumulativeAmount;
    if (uncertain && room >= keptCharges * leastGift) return { type: "unresolved" };
    if (batch.attempts.length > mostDoubtful) return { type: "unresolved" };
  }
  if (batch.attempts.length >= mostAttempts) {
    return {
      type: "dishonest",
      lie: `it turned ${batch.attempts.length} allocations down, each built on what it held`,
    };
  }
  const under = held ? shown : base;
  const isOnChain = contains(line, signed) && !contains(shown, line);
  // The chain has what the collector does not show: this very batch, if the donor brought it there itself.
  if (isOnChain && !batch.collected) return { type: "unresolved" };
  const gifts = isOnChain ? union(raised(under, batch.wishes), line) : raised(union(under, line), batch.wishes);
  if (giftsHash(gifts) === giftsHash(signed)) {
    if (batch.buildsOn !== buildsOn) return resent;
    return { type: "dishonest", lie: "it holds nothing that the allocation leaves out" };
  }
  return { type: "rebase", gifts };
}

/** Charges of a channel that a collector keeps by their keys. */
const keptCharges = 256n;

/**
 * Lists of other devices that a batch is built on although their amounts would have room for it. Bounds what a collector could
 * gain that shows two devices of one donor to each other and denies each its own gifts.
 */
const mostDoubtful = 1;

/** Lists that one batch is signed as, at most. */
const mostAttempts = maxGifts;
