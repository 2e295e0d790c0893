import { type Gift, maxGifts } from "../protocol/allocation.ts";
import { donationSum } from "../protocol/donation.ts";
import { giftsHash } from "../protocol/line.ts";
import type { HeldAllocation } from "../protocol/wire/allocation.ts";
import { type Batch, baseOf, broughtList, type Ledger, mayHave } from "./ledger.ts";
import { contains, lowered, raised, union } from "./list.ts";

/** What follows from a collector's `allocation-diverges`. */
export type Verdict =
  /** The batch is not in what is held: it is signed again, as this list. */
  | { type: "rebase"; gifts: readonly Gift[] }
  /** The collector has lost what it held: the very same pair brings it back, said to build on what is left. */
  | { type: "resend"; buildsOn: bigint }
  /** Nobody can tell whether the batch is in what is held: signing again might give it twice. */
  | { type: "unresolved" }
  /** The donor brought this list of the batch on-chain itself, and what is held is built on that. */
  | { type: "given"; list: readonly Gift[] }
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
 * What is held or stands on the chain can only have the batch in it if it contains a list that the batch was ever signed as.
 * - A list that this device itself signed with the batch in it, shown as held, may have been accepted under the batch's own key
 *   or be another device's very same list: unresolved.
 * - A sending whose answer was lost, and so many charges since that its key may be forgotten: unresolved.
 * - On the chain, and not in what is held: a collector that took it and denies it, or another device's: unresolved, unless the
 *   donor itself brought this batch on-chain.
 * - Another device's list that may have the batch in it: the batch is signed again on top of it, once.
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
  const under = held ? shown : base;
  const brought = broughtList(batch, line);
  if (brought && contains(under, line)) return { type: "given", list: brought };
  const signedAs = batch.attempts.map(giftsHash);
  if ([base, under].some((list) => signedAs.includes(giftsHash(list)))) return { type: "unresolved" };
  const signedFor = { attempts: batch.attempts, base: baseOf(batch) };
  if (mayHave(under, signedFor)) {
    if (brought || isDoubtful(batch)) return { type: "unresolved" };
    if (uncertain && buildsOn - leastSum(batch) >= keptCharges * leastGift) return { type: "unresolved" };
  }
  if (batch.attempts.length >= mostAttempts) {
    return {
      type: "dishonest",
      lie: `it turned ${batch.attempts.length} allocations down, each built on what it held`,
    };
  }
  // The chain has what the collector does not show: this very batch, if the donor brought it there itself.
  if (!brought && mayHave(line, signedFor) && !contains(under, line)) return { type: "unresolved" };
  const gifts = brought ? union(raised(under, batch.wishes), line) : raised(union(under, line), batch.wishes);
  if (giftsHash(gifts) === giftsHash(signed)) {
    if (batch.buildsOn !== buildsOn) return resent;
    return { type: "dishonest", lie: "it holds nothing that the allocation leaves out" };
  }
  return { type: "rebase", gifts };
}

/** Charges of a channel that a collector keeps by their keys. */
const keptCharges = 256n;

/** Of the least list that the batch was signed as. */
function leastSum({ attempts }: Batch): bigint {
  return attempts.map(donationSum).reduce((a, b) => (a < b ? a : b));
}

/**
 * Whether the batch was put on top of a list already that may have had it. Once is what a collector can gain that shows two
 * devices of one donor to each other and denies each its own gifts.
 */
function isDoubtful({ attempts, wishes }: Batch): boolean {
  return attempts.some((attempt, index) => {
    const base = lowered(attempt, wishes);
    return attempts.slice(0, index).some((earlier) => contains(base, earlier));
  });
}

/** Lists that one batch is signed as, at most. */
const mostAttempts = maxGifts;
