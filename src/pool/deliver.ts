import type { Gift, Pool } from "../protocol/allocation.ts";
import { donationSum } from "../protocol/donation.ts";
import { FarthingError } from "../protocol/errors.ts";
import { giftsHash } from "../protocol/line.ts";
import type { HeldAllocation } from "../protocol/wire/allocation.ts";
import type { ProblemCode } from "../protocol/wire/problem.ts";
import type { CollectorAnswer, CollectorClient } from "./collectorClient.ts";
import { judge } from "./judge.ts";
import type { Lane } from "./lane.ts";
import {
  absorbed,
  acknowledged,
  acknowledgedLate,
  type Batch,
  broughtList,
  dropped,
  type GiftReceipt,
  type Ledger,
  type Wish,
} from "./ledger.ts";
import { contains } from "./list.ts";
import { isOwnPair } from "./prove.ts";

/** What became of a batch. */
export type Outcome =
  /** `fresh` are the receipts that no giver on the same store had before. */
  | { type: "acknowledged"; receipts: readonly GiftReceipt[]; fresh: readonly GiftReceipt[] }
  /** Nothing of it is given. Of several, each is tried alone, and `wishes` is empty. */
  | { type: "given up"; wishes: readonly Wish[]; error: FarthingError; isChannelOver: boolean }
  /** It was signed again, or is known under an opening now: send what is pending. */
  | { type: "again" }
  | { type: "unanswered"; reason: string };

export type Delivery = {
  lane: Lane;
  collector: CollectorClient;
  pool: Pool;
  leastGift: bigint;
  /** Whether some earlier sending of a key may have been accepted unheard. */
  isUncertain: (key: string) => boolean;
};

/** Shows the pending batch to the collector, once, and writes down what follows from its answer. */
export async function deliver(delivery: Delivery, sent: Batch): Promise<Outcome> {
  const { lane, collector } = delivery;
  const answer = await collector.give(shown(lane, sent));
  // The donor may have brought it on-chain while it was under way.
  const { pending } = await lane.ledger();
  const batch = pending && isPending(pending, sent) ? pending : sent;
  switch (answer.type) {
    case "acknowledged":
      return acknowledge(lane, batch, answer);
    case "diverged":
      return rebase(delivery, batch, answer);
    case "refused":
      return refuse(lane, batch, answer);
    case "unanswered":
      return answer;
  }
}

/**
 * Asks the collector what it holds of a channel that was given through before, so that the next gift builds on it: shows the
 * newest own pair under a new key, which gives nothing new.
 */
export async function synchronise(delivery: Delivery, key: string): Promise<Outcome> {
  const { lane, collector, pool } = delivery;
  const pair = await lane.latest();
  const answer = await collector.give(shown(lane, { key, pair, buildsOn: pair.cumulativeAmount }));
  if (answer.type === "unanswered") return answer;
  if (answer.type === "diverged" && answer.held) {
    const { held } = answer;
    if (!(await isOwnPair(held, lane.channel, pool))) throw new DishonestCollectorError(foreignPair);
    // One that holds less learns of the rest with the next gift, or is judged by its answer to that.
    await lane.adopt(held);
  }
  return { type: "again" };
}

function shown({ channel, ...lane }: Lane, { key, pair, buildsOn }: Pick<Batch, "key" | "pair" | "buildsOn">) {
  const opening = lane.opening();
  const { cumulativeAmount, voucherSignature: signature, allocation } = pair;
  const voucher = { channelId: channel.id, cumulativeAmount, signature };
  return { key, channel: channel.channel, voucher, allocation, buildsOn, ...(opening ? { opening } : {}) };
}

async function acknowledge(
  lane: Lane,
  batch: Batch,
  { channelId, cumulativeAmount, amount, at }: Extract<CollectorAnswer, { type: "acknowledged" }>,
): Promise<Outcome> {
  const { cumulativeAmount: signed } = batch.pair;
  if (channelId !== lane.channel.id) throw new DishonestCollectorError("its receipt is for another channel");
  const { acknowledged: before, pending } = await lane.ledger();
  if (cumulativeAmount !== signed) {
    // Another giver on the same store had it signed again meanwhile, under the same key.
    if (!isPending(pending, batch)) return { type: "again" };
    throw new DishonestCollectorError(`its receipt is for ${cumulativeAmount}, and ${signed} was signed`);
  }
  if (before && isPending(pending, batch) && !contains(batch.pair.allocation.gifts, before.allocation.gifts)) {
    throw new DishonestCollectorError("it takes an allocation that leaves out what it held");
  }
  await lane.opened();
  // It took another device's gifts for a part of these.
  if (amount < signed - batch.buildsOn) {
    await lane.update((ledger) => (isPending(ledger.pending, batch) ? absorbed(ledger, batch) : undefined));
    return { type: "given up", wishes: batch.wishes, error: new GiftUnresolvedError(), isChannelOver: false };
  }
  return writeReceipts(lane, batch, { cumulativeAmount, at, accepted: batch.pair });
}

/** The donor brought this list of the batch on-chain itself: it is given, as of now. */
async function brought(lane: Lane, batch: Batch, list: readonly Gift[]): Promise<Outcome> {
  const isNewest = giftsHash(list) === giftsHash(batch.pair.allocation.gifts);
  const at = Number(await lane.chainTime()) * 1000;
  const cumulativeAmount = donationSum(list);
  return writeReceipts(lane, batch, { cumulativeAmount, at, accepted: isNewest ? batch.pair : undefined });
}

async function writeReceipts(
  lane: Lane,
  batch: Batch,
  of: Pick<GiftReceipt, "cumulativeAmount" | "at"> & { accepted: HeldAllocation | undefined },
): Promise<Outcome> {
  const { accepted, ...common } = of;
  const receipts = batch.wishes.map((wish) => ({ ...wish, channelId: lane.channel.id, ...common }));
  let fresh: readonly GiftReceipt[] = [];
  await lane.update((ledger) => {
    if (isPending(ledger.pending, batch)) {
      fresh = receipts;
      return acknowledged(ledger, receipts, accepted);
    }
    const late = accepted && acknowledgedLate(ledger, receipts, accepted);
    fresh = late?.receipts ?? [];
    return late?.ledger;
  });
  return { type: "acknowledged", receipts, fresh };
}

async function rebase(
  { lane, pool, leastGift, isUncertain }: Delivery,
  batch: Batch,
  { held, repeated }: Extract<CollectorAnswer, { type: "diverged" }>,
): Promise<Outcome> {
  if (held && !(await isOwnPair(held, lane.channel, pool))) throw new DishonestCollectorError(foreignPair);
  const [ledger, line] = [await lane.ledger(), await lane.refreshLine()];
  const uncertain = repeated || isUncertain(batch.key);
  const verdict = judge({ ledger, batch, held, line, uncertain, leastGift });
  if (verdict.type === "dishonest") throw new DishonestCollectorError(verdict.lie);
  if (verdict.type === "resend") {
    const { buildsOn } = verdict;
    await lane.update(({ pending, ...rest }) =>
      pending && isPending(pending, batch) ? { ...rest, pending: { ...pending, buildsOn } } : undefined,
    );
    return { type: "again" };
  }
  if (held) await lane.adopt(held);
  switch (verdict.type) {
    case "given":
      return brought(lane, batch, verdict.list);
    case "unresolved":
      return giveUp(lane, batch, new GiftUnresolvedError());
    case "rebase": {
      const take = ({ pending, ...rest }: Ledger) => (isPending(pending, batch) ? rest : undefined);
      await lane.sign(batch, { list: verdict.gifts, take });
      return { type: "again" };
    }
  }
}

async function refuse(
  lane: Lane,
  batch: Batch,
  { code, detail }: Extract<CollectorAnswer, { type: "refused" }>,
): Promise<Outcome> {
  if (code === "channel-not-found" && !lane.opening()) {
    const hash = await lane.channel.openedBy();
    if (hash) {
      lane.openedBy(hash);
      return { type: "again" };
    }
  }
  // Whatever the collector says of it now.
  const onChain = batch.collected && broughtList(batch, await lane.refreshLine());
  if (onChain) return brought(lane, batch, onChain);
  const error = new GiftRefusedError(code, detail);
  const isOne = batch.wishes.length > 1 && (code === "gift-refused" || code === "invalid-allocation");
  return isOne ? tryAlone(lane, batch, error) : giveUp(lane, batch, error, code === "channel-finalized");
}

async function giveUp(lane: Lane, batch: Batch, error: FarthingError, isChannelOver = false): Promise<Outcome> {
  await lane.update((ledger) => (isPending(ledger.pending, batch) ? dropped(ledger, batch, false) : undefined));
  return { type: "given up", wishes: batch.wishes, error, isChannelOver };
}

async function tryAlone(lane: Lane, batch: Batch, error: FarthingError): Promise<Outcome> {
  await lane.update((ledger) => (isPending(ledger.pending, batch) ? dropped(ledger, batch, true) : undefined));
  return { type: "given up", wishes: [], error, isChannelOver: false };
}

/** Another giver on the same store may have had the same answer first. */
function isPending(pending: Batch | undefined, batch: Batch): boolean {
  return pending?.key === batch.key && pending.attempts.length === batch.attempts.length;
}

const foreignPair = "what it says it holds is not signed by this channel's signer";

/** The collector will not take the gift. What was signed for it buys another gift. */
export class GiftRefusedError extends FarthingError {
  override readonly name = "GiftRefusedError";
  /** Why, such as `gift-refused`, `not-eligible` or `round-closed`. */
  readonly reason: ProblemCode;
  constructor(reason: ProblemCode, detail: string) {
    super("gift-refused", `The gift was not taken (${reason}): ${detail}`);
    this.reason = reason;
  }
}

/** Whether the gift was given can not be told. It was not signed for again, so it is given once at most. */
export class GiftUnresolvedError extends FarthingError {
  override readonly name = "GiftUnresolvedError";
  constructor() {
    super(
      "gift-unresolved",
      "It cannot be told whether the gift is in what the collector holds: its answer was lost, or another device gave the very " +
        "same. Look at what was given, and give again if it is missing.",
    );
  }
}

/** The collector contradicts the donor's own signatures. Nothing more was signed for it, and what was signed stays pending. */
export class DishonestCollectorError extends FarthingError {
  override readonly name = "DishonestCollectorError";
  constructor(lie: string) {
    super(
      "dishonest-collector",
      `The collector is not honest: ${lie}. Nothing more was signed. What it acknowledged can be brought on-chain without it, and ` +
        "the channel can be left.",
    );
  }
}
