import type { Address, Client } from "viem";
import type { Observer } from "../../chain/observer.ts";
import { createLineReader, type LineReader } from "../../chain/pool/lines.ts";
import { createMutex } from "../../chain/sender/mutex.ts";
import type { Escrow } from "../../protocol/channel.ts";
import { FarthingError } from "../../protocol/errors.ts";
import type { ChannelStore } from "../../store/store.ts";
import type { Hand } from "../hand.ts";
import { type Ledger, openLedger, type Quarantined } from "../ledger.ts";
import type { KeeperLogger } from "../logger.ts";
import type { KeeperMetrics } from "../metrics.ts";
import type { KeeperOptions } from "../options.ts";
import { graceLeft } from "../policies/deadline.ts";
import { requireEscrow } from "../requireEscrow.ts";
import type { Tracker } from "../tracker.ts";
import { actRound } from "./act.ts";
import { actJobs } from "./actJobs.ts";
import { concludeRound } from "./conclude.ts";
import type { RoundChannel } from "./decide.ts";
import { type MadeDonation, readDonations } from "./donations.ts";
import { type Job, planJobs } from "./jobs.ts";
import { newestLine } from "./newestLine.ts";
import type { RoundOptions } from "./options.ts";
import { planRound, type RoundDecided, type RoundPlan, type RoundScope } from "./plan.ts";
import { type Round, readTerms } from "./round.ts";
import { weigh } from "./weigh.ts";

/** What one pass over a round found and did. */
export type RoundReport = {
  readonly pool: Address;
  /** Transactions sent. */
  readonly sent: number;
  /** Every channel looked at, with its decision, most urgent first. */
  readonly decided: readonly RoundDecided[];
  /** What the round as a whole needed. */
  readonly jobs: readonly Pick<Job, "purpose" | "reason">[];
  readonly quarantined: readonly Quarantined[];
  /** Channels with gifts at risk whose grace period was over when the pass began. */
  readonly overdue: readonly Address[];
};

/** What the keeper lends to each of its rounds. */
export type Surroundings = Pick<KeeperOptions, "policy" | "deadline" | "exits" | "prices"> & {
  client: Client;
  secondary: Client | undefined;
  escrow: Escrow;
  /** The escrow's, seconds. */
  grace: bigint;
  confirmations: number | undefined;
  feeCeiling: bigint;
  observer: Observer;
  tracker: Tracker;
  hand: Hand;
  closer: Hand | undefined;
  home: ChannelStore;
  metrics: KeeperMetrics;
  logger: KeeperLogger;
  signal: AbortSignal;
};

/** The keeper of one round: collects before `end`, settles after the challenge, sends back what is the donors'. */
export type RoundKeeper = {
  readonly pool: Address;
  /** Looks and acts; one pass at a time. */
  pass(scope: RoundScope): Promise<RoundReport>;
  /** What a full pass would do. Sends nothing, writes nothing. */
  plan(): Promise<RoundReport>;
  /** Everything of the round that is in quarantine. */
  quarantined(): Quarantined[];
};

/** @throws {@link ForeignRoundError}, {@link WrongCloserError}, {@link WrongStoreError} */
export async function openRound(options: RoundOptions, around: Surroundings): Promise<RoundKeeper> {
  const { store, margin, fromBlock, claims = "never", refunds = { times: 10n }, unsettled = "settle" } = options;
  const { client, secondary, escrow, observer, hand, closer, metrics, logger, confirmations } = around;
  const pool = options.pool.toLowerCase() as Address;
  const terms = await readTerms(client, pool, escrow);
  if (closer && closer.sender.address !== terms.closer.toLowerCase()) {
    throw new WrongCloserError(pool, closer.sender.address, terms.closer);
  }
  await requireEscrow(store, escrow);
  const ledger: Ledger = await openLedger(around.home, `${hand.name}:${pool}`);
  const lines: LineReader = createLineReader({
    ...{ client, pool: { address: pool, chainId: escrow.chainId }, fromBlock, confirmations },
  });
  const exclusive = createMutex();
  const shared = { ...around, pool, terms, margin, store, lines, ledger };

  const planned = (scope: RoundScope) => planRound(scope, { ...shared, refunds, closer: closer !== undefined });

  let donations: readonly MadeDonation[] | undefined;

  /** Nobody gives any more once a round is over: they are read once. */
  async function donationsOf({ block }: Round): Promise<readonly MadeDonation[]> {
    donations ??= await readDonations(client, { pool, from: fromBlock ?? 0n, to: block.number });
    return donations;
  }

  const jobsOf = ({ round, env }: RoundPlan) =>
    planJobs(round, env, {
      ...{ client, secondary, account: hand.sender.address, claims, refunds, unsettled, lines },
      donations: donationsOf,
    });

  /** Weighs a channel against what stands at the head; where that can not be found, every line is read anew. */
  async function refresh(channel: RoundChannel, { round }: RoundPlan): Promise<RoundChannel | undefined> {
    const { record, line: known } = channel;
    const line = await newestLine(client, { pool, lineId: record.id, known, fromBlock: round.block.number + 1n });
    if (!line) {
      lines.reset();
      return undefined;
    }
    return { ...channel, line, weighed: weigh(record, line, round) };
  }

  async function pass(scope: RoundScope): Promise<RoundReport> {
    await (scope === "full" ? observer.poll(store) : observer.sync(store));
    const plan = await planned(scope);
    const { round, env, decided } = plan;
    if (scope === "full") {
      setRoundGauges(metrics, plan);
      ledger.retain(new Set([pool, ...decided.map(({ channel }) => channel.record.id)]));
    }
    const due = decided.filter(({ decision }) => decision.action !== "wait" && decision.action !== "writeoff");
    const { free, release } = around.tracker.reserve(due);
    try {
      const prepare = { client, secondary, pool, account: hand.sender.address };
      let sent = await actRound(free, env, {
        ...{ sender: hand.sender, closer, ledger, metrics, logger, escrow: escrow.address },
        ...{ feeCeiling: around.feeCeiling, signal: around.signal },
        prepare: { ...prepare, refresh: (channel) => refresh(channel, plan) },
        follow: (entry, intent) => around.tracker.follow(entry, (done) => concludeRound(done, intent, shared)),
      });
      const jobs = scope === "full" ? await jobsOf(plan) : [];
      sent += await actJobs(jobs, round, env, { ...shared, sender: hand.sender });
      return { pool, sent, decided, jobs, quarantined: ledger.list(), overdue: overdueOf(plan) };
    } finally {
      release();
    }
  }

  return {
    pool,
    quarantined: () => ledger.list(),
    pass: (scope) => exclusive(() => pass(scope)),
    async plan() {
      const plan = await planned("full");
      const jobs = await jobsOf(plan);
      return { pool, sent: 0, decided: plan.decided, jobs, quarantined: ledger.list(), overdue: overdueOf(plan) };
    },
  };
}

function overdueOf({ round, env, decided }: RoundPlan): Address[] {
  return decided
    .filter(({ channel, decision }) => {
      const { unsettled, closeRequestedAt, record } = channel;
      if (!round.open || unsettled === 0n || closeRequestedAt === 0n || record.finalized) return false;
      return decision.action !== "wait" && graceLeft(closeRequestedAt, env) <= 0n;
    })
    .map(({ channel }) => channel.record.id);
}

/** Gauges are floating-point numbers: they are for eyes, never for decisions. */
function setRoundGauges(metrics: KeeperMetrics, { round, decided }: RoundPlan): void {
  const { pool, terms, block } = round;
  const unattributed = decided.reduce((sum, { channel }) => sum + channel.unsettled, 0n);
  metrics.unattributed.set({ pool }, Number(unattributed));
  const left = unattributed > 0n ? Number(terms.end - block.timestamp) : Number.POSITIVE_INFINITY;
  metrics.roundEnd.set({ pool }, left);
}

/** The round's terms name another closer than the key that the keeper was given. */
export class WrongCloserError extends FarthingError {
  override readonly name = "WrongCloserError";
  constructor(pool: Address, actual: Address, expected: Address) {
    super(
      "wrong-closer",
      `The round ${pool} names ${expected} as its closer, and the key given is that of ${actual}. Give the round's own, or none.`,
    );
  }
}
