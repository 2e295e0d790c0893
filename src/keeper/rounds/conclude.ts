import type { Address, Client, Hex } from "viem";
import { getGiftsHash } from "../../chain/index.ts";
import type { Observed, Observer } from "../../chain/observer.ts";
import type { LineReader } from "../../chain/pool/lines.ts";
import type { RoundTerms } from "../../chain/pool/reads.ts";
import { giftsHash } from "../../protocol/line.ts";
import type { JournalEntry } from "../../store/store.ts";
import { overlaid } from "../gather.ts";
import { inParts } from "../inParts.ts";
import type { Ledger } from "../ledger.ts";
import type { KeeperLogger } from "../logger.ts";
import type { Achieved, KeeperMetrics, Outcome } from "../metrics.ts";
import type { RoundAction, RoundChannel } from "./decide.ts";
import { readDisqualified, refundableOf } from "./refundable.ts";
import { readRound } from "./round.ts";
import { weigh } from "./weigh.ts";

/** What a transaction on channels of a round was sent to achieve. */
export type RoundIntent = { readonly action: RoundAction; readonly channels: readonly RoundChannel[] };

export type RoundConcludeContext = {
  pool: Address;
  terms: RoundTerms;
  margin: bigint;
  client: Client;
  secondary?: Client | undefined;
  observer: Observer;
  lines: LineReader;
  ledger: Ledger;
  metrics: KeeperMetrics;
  logger: KeeperLogger;
};

/**
 * Judges a transaction that has ended by the state that it left: the pool's own hash of each line, and the escrow's word of
 * each channel. A receipt that says success, or an event of a skipped item, is evidence of nothing.
 */
export async function concludeRound(
  done: JournalEntry,
  { action, channels }: RoundIntent,
  context: RoundConcludeContext,
): Promise<void> {
  const { client, pool, terms, margin, observer, lines, ledger, metrics, logger } = context;
  if (done.outcome) ledger.paid(done.channelIds, done.outcome.fee);
  const block = await observer.block();
  const round = await readRound(client, { pool, terms, margin, block });
  const { block: synced } = await lines.sync();
  const observed = await observer.read(channels.map(({ record }) => record.id));
  const disqualified = action === "refund" ? await readDisqualified(client, round) : new Set<bigint>();
  const reached = await inParts([...channels.keys()], (index) =>
    hasReached(channels[index] as RoundChannel, observed[index] as Observed),
  );
  for (const [index, channel] of channels.entries()) judge(channel, reached[index] as boolean);
  await ledger.save();

  async function hasReached(channel: RoundChannel, after: Observed): Promise<boolean> {
    switch (action) {
      case "requestClose":
        return after.finalized || after.closeRequestedAt !== 0n;
      case "withdraw":
      case "closeChannel":
      case "collectAndClose":
        return after.finalized;
      default:
        return isLineReached(channel, after);
    }
  }

  /** The line is as it was meant to be, or has nothing left that the action could do: somebody brought more. */
  async function isLineReached(channel: RoundChannel, after: Observed): Promise<boolean> {
    const record = overlaid(channel.record, after);
    const hash = await hashOf(record.id, synced, context);
    if (hash === undefined) return false;
    const { gifts } = lines.standing(record.id);
    if (action === "refund") {
      const rest = refundableOf(gifts, after.settled, round.status === "refunding", disqualified);
      return hash === giftsHash(gifts) && rest <= 0n;
    }
    const settled = after.finalized || after.settled >= record.authorized;
    if (hash === giftsHash(channel.weighed.expected)) return settled;
    const now = weigh(record, gifts, round);
    return hash === giftsHash(gifts) && settled && now.gain === 0n;
  }

  function judge(channel: RoundChannel, isReached: boolean): void {
    const { record, weighed } = channel;
    const outcome: Outcome = isReached ? achieved[action] : done.status === "mined" ? "ineffective" : ended(done);
    metrics.channels.inc({ action, outcome });
    const fields = { channel: record.id, pool, action, outcome, gain: weighed.gain.toString() };
    if (isReached) {
      ledger.succeeded(record.id, action);
      if (action === "collect" || action === "collectAndClose") metrics.attributed.inc({ pool }, Number(weighed.gain));
      logger.info(fields, "concluded");
      return;
    }
    // Gas was spent for nothing. Where it was not mined nothing was spent, and the next pass looks again.
    if (done.outcome) {
      ledger.failed(record, action === "collect" ? "wasted" : action, outcome, block.timestamp);
    }
    logger.warn(fields, "concluded without effect");
  }
}

const achieved: Record<RoundAction, Achieved> = {
  collect: "collected",
  collectAndClose: "exited",
  closeChannel: "exited",
  requestClose: "exited",
  withdraw: "exited",
  refund: "refunded",
};

function ended({ status }: JournalEntry): Outcome {
  return status === "reverted" ? "reverted" : "dropped";
}

/** The pool's hash of a line; undefined where two endpoints tell two. */
async function hashOf(
  lineId: Hex,
  blockNumber: bigint,
  { client, secondary, pool }: RoundConcludeContext,
): Promise<Hex | undefined> {
  const question = { address: pool, lineId, blockNumber };
  const [first, second] = await Promise.all([
    getGiftsHash(client, question),
    secondary && getGiftsHash(secondary, question).catch(() => undefined),
  ]);
  return second === undefined || second === first ? first : undefined;
}
