import { CostAboveCapError, WouldRevertError } from "../chain/index.ts";
import type { Sender } from "../chain/sender.ts";
import type { ChannelRecord } from "../store/record.ts";
import type { JournalEntry } from "../store/store.ts";
import { planBatches } from "./batches.ts";
import type { Intent } from "./conclude.ts";
import type { Decision } from "./decide.ts";
import { batchGas, exitGas, rowGas, worth } from "./fees.ts";
import type { Ledger } from "./ledger.ts";
import type { KeeperLogger } from "./logger.ts";
import type { KeeperMetrics } from "./metrics.ts";
import type { ClaimChannel, ClaimEnv } from "./policy.ts";
import { type Preparation, type PrepareContext, type Prepared, prepareSettlements } from "./prepare.ts";
import { prepareExit } from "./prepareExit.ts";
import { ticksGas } from "./ticks.ts";

/** A channel and what was decided about it. */
export type Decided = { readonly channel: ClaimChannel; readonly decision: Decision };

export type ActContext = {
  sender: Sender;
  ledger: Ledger;
  prepare: PrepareContext;
  /** Most rows of a `settleBatch`. */
  batchSize: number;
  /** A transaction may cost as much as it moves, or this many times today's fee when that is more. */
  feeCeiling: bigint;
  /** Told of each transaction as soon as it is journalled. */
  follow: (entry: JournalEntry, intent: Intent) => void;
  metrics: KeeperMetrics;
  logger: KeeperLogger;
  /** Ends after the transaction under way: the next keeper sees the rest. */
  signal: AbortSignal;
};

/**
 * Carries out decisions in the order given: simulates, quarantines what is refused, sends the rest.
 * @returns how many transactions were sent.
 */
export async function act(decided: readonly Decided[], env: ClaimEnv, context: ActContext): Promise<number> {
  let sent = 0;

  async function submit(action: Decision["action"], { calls, refused, done }: Preparation): Promise<void> {
    if (context.signal.aborted) return;
    for (const { record, reason } of refused) reject(record, action, reason);
    for (const record of done) context.logger.info({ channel: record.id, action }, "done by somebody else");
    for (const prepared of calls) if (await send(prepared, action)) sent += 1;
  }

  async function send({ call, purpose, records }: Prepared, action: Decision["action"]): Promise<boolean> {
    const channelIds = records.map((record) => record.id);
    const maxCost = costCap(records, env, context.feeCeiling);
    try {
      const entry = await context.sender.send({ ...call, purpose, channelIds, maxCost });
      context.follow(entry, { action, records });
      const hash = entry.attempts[0]?.hash;
      context.logger.info({ purpose, channels: channelIds.length, nonce: entry.nonce, hash }, "sent");
      return true;
    } catch (error) {
      if (error instanceof WouldRevertError) {
        // The state changed since the simulation. Nothing was signed; the next pass looks again.
        for (const record of records) reject(record, action, error.reason.reason);
      } else if (error instanceof CostAboveCapError) {
        context.metrics.channels.inc({ action, outcome: "too-dear" }, records.length);
        context.logger.warn({ purpose, channels: channelIds.length, reason: error.message }, "too dear for now");
      } else {
        throw error;
      }
      return false;
    }
  }

  function reject(record: ChannelRecord, action: Decision["action"], reason: string): void {
    context.ledger.failed(record, action, reason, env.timestamp);
    context.metrics.channels.inc({ action, outcome: "refused" });
    context.logger.warn({ channel: record.id, action, reason }, "quarantined");
  }

  try {
    const settling = decided.filter(({ decision }) => decision.action === "settle");
    for (const batch of planBatches(
      settling.map(({ channel }) => channel.record),
      context.batchSize,
    )) {
      await submit("settle", await prepareSettlements(batch, context.prepare));
    }
    for (const { channel, decision } of decided) {
      const { action } = decision;
      if (action === "close" || action === "requestClose" || action === "withdraw") {
        await submit(action, await prepareExit(channel.record, action, context.prepare));
      }
    }
  } finally {
    await context.ledger.save();
  }
  return sent;
}

/** Tied to the value at stake; what must be settled at a loss may still cost several times today's fee. Wei. */
function costCap(records: readonly ChannelRecord[], env: ClaimEnv, feeCeiling: bigint): bigint {
  const value = records.reduce((sum, { channel, authorized, settled }) => {
    const stake = authorized > settled ? authorized - settled : 0n;
    return sum + (worth(channel.token, stake, env) ?? 0n);
  }, 0n);
  const hashing = records.reduce((sum, record) => sum + ticksGas(record), 0n);
  const fee = (batchGas + exitGas + rowGas * BigInt(records.length) + hashing) * env.gasPrice * feeCeiling;
  return value > fee ? value : fee;
}
