import { CostAboveCapError, decodePoolError, WouldRevertError } from "../../chain/index.ts";
import type { Observer } from "../../chain/observer.ts";
import type { Sender } from "../../chain/sender.ts";
import type { JournalEntry } from "../../store/store.ts";
import { worth } from "../fees.ts";
import type { Ledger } from "../ledger.ts";
import type { KeeperLogger } from "../logger.ts";
import type { KeeperMetrics, Outcome } from "../metrics.ts";
import type { ClaimEnv } from "../policy.ts";
import type { Tracker } from "../tracker.ts";
import type { Job } from "./jobs.ts";
import type { Round } from "./round.ts";

export type JobsActContext = {
  sender: Sender;
  tracker: Tracker;
  observer: Observer;
  ledger: Ledger;
  feeCeiling: bigint;
  metrics: KeeperMetrics;
  logger: KeeperLogger;
  signal: AbortSignal;
};

/** Sends what a round as a whole needs, each thing once. @returns how many transactions were sent. */
export async function actJobs(
  jobs: readonly Job[],
  round: Round,
  env: ClaimEnv,
  context: JobsActContext,
): Promise<number> {
  const { sender, tracker, ledger, metrics, logger, signal } = context;
  const { pool } = round;
  const subject = { id: pool, fingerprint: round.status };
  let sent = 0;
  for (const job of jobs) {
    const { purpose } = job;
    if (signal.aborted) break;
    if (tracker.isDoing(pool, purpose) || ledger.quarantined(subject, purpose, env.timestamp)) continue;
    try {
      const maxCost = costCap(job, round, env, context.feeCeiling);
      const entry = await sender.send({ ...job.call, purpose, channelIds: [], maxCost, decode: decodePoolError });
      tracker.follow(entry, (done) => conclude(job, done));
      sent += 1;
      logger.info({ purpose, pool, nonce: entry.nonce, reason: job.reason }, "sent");
    } catch (error) {
      if (error instanceof WouldRevertError) await refuse(job, error.reason.reason);
      else if (error instanceof CostAboveCapError) {
        metrics.rounds.inc({ pool, purpose: wordOf(job), outcome: "too-dear" });
        logger.warn({ purpose, pool, reason: error.message }, "too dear for now");
      } else throw error;
    }
  }
  await ledger.save();
  return sent;

  /** Somebody else may have done it since it was planned. */
  async function refuse(job: Job, reason: string): Promise<void> {
    if (reason === "WrongStatus" || reason === "AlreadyRefunded") {
      logger.info({ purpose: job.purpose, pool, reason }, "done by somebody else");
      return;
    }
    ledger.failed(subject, job.purpose, reason, env.timestamp);
    metrics.rounds.inc({ pool, purpose: wordOf(job), outcome: "refused" });
    logger.warn({ purpose: job.purpose, pool, reason }, "quarantined");
  }

  /** By the state that it left: whoever was first, the round is as it was meant to be. */
  async function conclude(job: Job, done: JournalEntry): Promise<void> {
    const block = await context.observer.block();
    const isDone = await job.isDone(block.number);
    const outcome: Outcome = isDone ? "paid" : done.status === "mined" ? "ineffective" : (done.status as "reverted");
    metrics.rounds.inc({ pool, purpose: wordOf(job), outcome });
    if (isDone) ledger.succeeded(pool, job.purpose);
    else if (done.outcome) ledger.failed(subject, job.purpose, outcome, block.timestamp);
    await ledger.save();
    logger[isDone ? "info" : "warn"]({ purpose: job.purpose, pool, outcome }, "concluded");
  }
}

/** Without its number: labels are few. */
function wordOf({ purpose }: Job): string {
  return purpose.split(" ")[0] ?? purpose;
}

function costCap(job: Job, { token }: Round, env: ClaimEnv, feeCeiling: bigint): bigint {
  const value = worth(token, job.amount, env) ?? 0n;
  const fee = job.gas * env.gasPrice * feeCeiling;
  return value > fee ? value : fee;
}
