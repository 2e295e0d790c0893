import type { Observed, Observer } from "../chain/observer.ts";
import type { ChannelRecord } from "../store/record.ts";
import type { JournalEntry } from "../store/store.ts";
import type { Decision } from "./decide.ts";
import type { Crew } from "./hand.ts";
import type { Ledger } from "./ledger.ts";
import type { KeeperLogger } from "./logger.ts";
import type { KeeperMetrics, Outcome } from "./metrics.ts";
import { graceLeft } from "./policies/deadline.ts";

/**
 * What a transaction was sent to achieve, `records` as they were when it was decided; or who judges it, where that is not for
 * the loops over channels.
 */
export type Intent =
  | { readonly action: Decision["action"]; readonly records: readonly ChannelRecord[] }
  | ((done: JournalEntry) => Promise<void>);

export type ConcludeContext = {
  sender: Crew;
  observer: Observer;
  ledger: Ledger;
  /** Seconds. */
  grace: bigint;
  metrics: KeeperMetrics;
  logger: KeeperLogger;
  /** Ends waiting. What is journalled is found again by the next keeper. */
  signal: AbortSignal;
};

/**
 * Follows one transaction to its end. What counts is the state that it left, read again from every endpoint: a receipt that
 * says success, or an event, is evidence of nothing.
 * @param intent Undefined for a predecessor's transaction: the next pass judges its channels by their state alone.
 */
export async function conclude(
  entry: JournalEntry,
  intent: Intent | undefined,
  context: ConcludeContext,
): Promise<void> {
  const { sender, observer, ledger, metrics, logger } = context;
  const done = await sender.wait(entry, { signal: context.signal });
  if (done.status === "pending") return;
  const { outcome: mined, purpose, nonce } = done;
  if (mined) {
    metrics.feesPaid.inc(Number(mined.fee));
    if (typeof intent !== "function") ledger.paid(done.channelIds, mined.fee);
  }
  logger.info(
    { purpose, nonce, status: done.status, hash: mined?.hash, fee: mined?.fee.toString() },
    "transaction ended",
  );
  if (typeof intent === "function") return intent(done);
  if (intent && done.channelIds.length > 0) {
    const { action } = intent;
    const observed = await observer.read(intent.records.map((record) => record.id));
    for (const [index, record] of intent.records.entries()) judge(action, record, observed[index] as Observed);
  }
  await ledger.save();

  function judge(action: Decision["action"], record: ChannelRecord, after: Observed) {
    const outcome = outcomeOf(record, action, after);
    metrics.channels.inc({ action, outcome });
    if (outcome === "paid" || outcome === "exited") {
      ledger.succeeded(record.id, action);
      const paid = after.settled - record.settled;
      if (paid > 0n) metrics.settled.inc({ token: record.channel.token }, Number(paid));
    } else if (mined) {
      // Gas was spent for nothing. Where it was not mined nothing was spent, and the next pass looks again.
      ledger.failed(record, action, outcome, after.block.timestamp);
    }
    const fields = {
      channel: record.id,
      action,
      outcome,
      settled: after.settled.toString(),
      ...graceOf(record, after),
    };
    if (outcome === "paid" || outcome === "exited") logger.info(fields, "concluded");
    else logger.warn(fields, "concluded without effect");
  }

  function outcomeOf(record: ChannelRecord, action: Decision["action"], after: Observed): Outcome {
    if (reached(record, action, after)) return action === "settle" ? "paid" : "exited";
    return done.status === "mined" ? "ineffective" : (done.status as "reverted" | "dropped");
  }

  function graceOf(record: ChannelRecord, after: Observed): { graceLeft?: number } {
    const closeRequestedAt = record.closeRequestedAt || after.closeRequestedAt;
    if (closeRequestedAt === 0n) return {};
    return { graceLeft: Number(graceLeft(closeRequestedAt, { grace: context.grace, ...after.block })) };
  }
}

function reached(record: ChannelRecord, action: Decision["action"], after: Observed): boolean {
  if (action === "settle") return after.settled >= record.authorized;
  if (action === "requestClose") return after.finalized || after.closeRequestedAt !== 0n;
  return after.finalized;
}
