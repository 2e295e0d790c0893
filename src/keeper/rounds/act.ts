import type { Address } from "viem";
import { getBlock } from "viem/actions";
import {
  CostAboveCapError,
  decodePoolError,
  LeaseLostError,
  OutOfFundsError,
  type SendRequest,
  WouldRevertError,
} from "../../chain/index.ts";
import { read } from "../../chain/read.ts";
import type { Sender } from "../../chain/sender.ts";
import type { JournalEntry } from "../../store/store.ts";
import { worth } from "../fees.ts";
import type { Hand } from "../hand.ts";
import type { Ledger } from "../ledger.ts";
import type { KeeperLogger } from "../logger.ts";
import type { KeeperMetrics } from "../metrics.ts";
import type { ClaimEnv } from "../policy.ts";
import { type Collecting, limitsOf, planCollects } from "./batches.ts";
import type { RoundIntent } from "./conclude.ts";
import type { RoundAction, RoundChannel } from "./decide.ts";
import { closingGas, collectGas, payoutGas } from "./gas.ts";
import type { RoundDecided } from "./plan.ts";
import { encodeCollects, type PreparedCollect, prepareCollects, type RoundPrepareContext } from "./prepare.ts";
import { prepareExit, type RoundExit } from "./prepareExit.ts";

export type RoundActContext = {
  sender: Sender;
  /** The round's closer, where the keeper was given it. */
  closer: Hand | undefined;
  ledger: Ledger;
  prepare: RoundPrepareContext;
  escrow: Address;
  feeCeiling: bigint;
  /** Told of each transaction as soon as it is journalled. */
  follow: (entry: JournalEntry, intent: RoundIntent) => void;
  metrics: KeeperMetrics;
  logger: KeeperLogger;
  /** Ends after the transaction under way: the next keeper sees the rest. */
  signal: AbortSignal;
};

/**
 * Carries out a round's decisions in the order given: simulates, quarantines what is refused, sends the rest, without waiting for
 * one transaction before the next.
 * @returns how many transactions were sent.
 */
export async function actRound(
  decided: readonly RoundDecided[],
  env: ClaimEnv,
  context: RoundActContext,
): Promise<number> {
  const { ledger, logger, metrics, prepare, signal } = context;
  const { pool } = prepare;
  let sent = 0;

  async function collect(): Promise<void> {
    const collecting: Collecting[] = [];
    for (const { channel, decision } of decided) {
      if (decision.action !== "collect") continue;
      const { item, refusal } = channel.weighed;
      if (item) collecting.push({ channel, item });
      else reject(channel, "collect", refusal ?? "nothing signed is kept for it");
    }
    if (collecting.length === 0) return;
    const block = await read("reading the newest block", () => getBlock(prepare.client, { blockTag: "latest" }));
    for (const batch of planCollects(collecting, limitsOf(block))) {
      if (signal.aborted) return;
      const { calls, refused, passed } = await prepareCollects(batch, prepare);
      for (const { channel, reason } of refused) reject(channel, "collect", reason);
      for (const { channel, reason } of passed) logger.info({ channel: channel.record.id, reason }, "not collected");
      for (const prepared of calls) await sendCollects(prepared);
    }
  }

  async function sendCollects({ call, purpose, collecting }: PreparedCollect): Promise<void> {
    const channels = collecting.map(({ channel }) => channel);
    const gas = call.gas ?? collecting.reduce((sum, { item }) => sum + collectGas(item), payoutGas);
    try {
      await send(context.sender, { ...call, purpose }, { action: "collect", channels }, gas);
    } catch (error) {
      // A batch has to be able to pay for all the gas that it names, several times what it uses: a part of it may do.
      if (!(error instanceof OutOfFundsError) || collecting.length === 1) throw error;
      const middle = Math.ceil(collecting.length / 2);
      for (const half of [collecting.slice(0, middle), collecting.slice(middle)]) {
        await sendCollects(encodeCollects(pool, half));
      }
    }
  }

  async function exit({ channel, decision }: RoundDecided): Promise<void> {
    const { action } = decision;
    if (action === "collect" || action === "wait" || action === "writeoff" || signal.aborted) return;
    const sender = (action === "collectAndClose" && context.closer?.sender) || context.sender;
    const { client } = prepare;
    const outcome = await prepareExit(channel, action, {
      ...{ client, pool, escrow: context.escrow, account: sender.address, refresh: prepare.refresh },
    });
    if ("refusal" in outcome) {
      const { refusal } = outcome;
      if (!isOver.has(refusal)) return reject(channel, action, refusal);
      return logger.info({ channel: channel.record.id, action, reason: refusal }, "done by somebody else, or too late");
    }
    const { item } = outcome.channel.weighed;
    const gas = payoutGas + (item ? collectGas(item) + closingGas : 0n);
    await send(sender, outcome.exit, { action, channels: [outcome.channel] }, gas);
  }

  async function send(sender: Sender, call: RoundExit, intent: RoundIntent, gas: bigint): Promise<void> {
    const { action, channels } = intent;
    const request: SendRequest = {
      ...call,
      channelIds: channels.map(({ record }) => record.id),
      maxCost: costCap(channels, gas, env, context.feeCeiling),
      decode: decodePoolError,
    };
    try {
      const entry = await sender.send(request);
      context.follow(entry, intent);
      sent += 1;
      const hash = entry.attempts[0]?.hash;
      logger.info({ purpose: call.purpose, pool, channels: channels.length, nonce: entry.nonce, hash }, "sent");
    } catch (error) {
      if (error instanceof WouldRevertError) {
        // The state changed since the simulation. Nothing was signed; the next pass looks again, and finds who is at fault.
        logger.warn({ purpose: call.purpose, pool, reason: error.reason.reason }, "not sent");
      } else if (error instanceof CostAboveCapError) {
        metrics.channels.inc({ action, outcome: "too-dear" }, channels.length);
        logger.warn({ purpose: call.purpose, channels: channels.length, reason: error.message }, "too dear for now");
      } else if (error instanceof LeaseLostError && sender !== context.sender) {
        logger.warn({ purpose: call.purpose }, "another process has the closer's lease");
      } else {
        throw error;
      }
    }
  }

  function reject({ record }: RoundChannel, action: RoundAction, reason: string): void {
    ledger.failed(record, action, reason, env.timestamp);
    metrics.channels.inc({ action, outcome: "refused" });
    logger.warn({ channel: record.id, pool, action, reason }, "quarantined");
  }

  try {
    await collect();
    for (const item of decided) await exit(item);
  } finally {
    await ledger.save();
  }
  return sent;
}

/** Not a fault of the channel: nothing is left to do, or the round's time or state is another by now. */
const isOver = new Set<string>(["ChannelFinalized", "NotOpen", "WrongStatus"]);

/** Tied to the value at stake; what must be done at a loss may still cost several times today's fee. Wei. */
function costCap(channels: readonly RoundChannel[], gas: bigint, env: ClaimEnv, feeCeiling: bigint): bigint {
  const value = channels.reduce((sum, { record, weighed, refundable }) => {
    const stake = weighed.gain > refundable ? weighed.gain : refundable;
    return sum + (worth(record.channel.token, stake, env) ?? 0n);
  }, 0n);
  const fee = gas * env.gasPrice * feeCeiling;
  return value > fee ? value : fee;
}
