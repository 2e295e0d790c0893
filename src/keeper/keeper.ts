import type { Address, Hex } from "viem";
import { getBalance } from "viem/actions";
import { checkEscrow } from "../chain/checkEscrow.ts";
import { reasonOf } from "../chain/failure.ts";
import { createObserver } from "../chain/observer.ts";
import { FarthingError } from "../protocol/errors.ts";
import { act, type Decided } from "./act.ts";
import { conclude } from "./conclude.ts";
import type { Scope } from "./gather.ts";
import { setGauges } from "./gauges.ts";
import { createCrew, createHands } from "./hand.ts";
import { createHealth, type Health } from "./health.ts";
import { NotLeaderError } from "./leadership.ts";
import { openLedger, type Quarantined } from "./ledger.ts";
import { runLoops } from "./loops.ts";
import { createMetrics, type KeeperMetrics } from "./metrics.ts";
import type { KeeperOptions } from "./options.ts";
import { type PlannerOptions, plan } from "./planner.ts";
import { requireEscrow } from "./requireEscrow.ts";
import type { RoundScope } from "./rounds/plan.ts";
import type { RoundReport } from "./rounds/roundKeeper.ts";
import { openRounds, poolsOf } from "./rounds/rounds.ts";
import { createTracker } from "./tracker.ts";
import { within } from "./within.ts";

/** What one pass did. */
export type PassReport = {
  /** Transactions sent. */
  sent: number;
  /** Every channel looked at, with its decision, most urgent first. */
  decided: readonly Decided[];
  quarantined: readonly Quarantined[];
  /** Channels with value at risk whose grace period was over when the pass began. */
  overdue: readonly Hex[];
  /** One for each round. */
  rounds: readonly RoundReport[];
};

/** What a pass over the ordinary channels did. */
type ChannelReport = Omit<PassReport, "rounds">;

export type Keeper = {
  readonly address: Address;
  readonly metrics: KeeperMetrics;
  /** Loops until {@link Keeper.stop}. @throws {@link NotLeaderError} when another keeper has the lease. */
  start(): Promise<void>;
  /** One full pass: what a predecessor left, deadlines, exits, economy, rounds, each to its end. @throws when it could not tell. */
  pass(): Promise<PassReport>;
  /** What a pass would do with ordinary channels and why. Sends nothing, writes nothing, needs no lease. */
  plan(): Promise<readonly Decided[]>;
  /** What a pass would do for each round and why; as {@link Keeper.plan}. */
  planRounds(): Promise<readonly RoundReport[]>;
  /** Ends once what is in flight is journalled, and gives the lease back. Safe to call twice. */
  stop(): Promise<void>;
  health(): Health;
  /** Resolves when the keeper has ended: with the reason when it ended by itself, undefined when it was stopped. */
  readonly ended: Promise<Error | undefined>;
};

/**
 * Turns vouchers into money, in time and at least cost, for any number of payees whose keys it does not hold.
 * @example
 * const policy = any(profitable({ times: 10n }), maxAge({ seconds: 604_800n }));
 * const keeper = createKeeper({ stores: [store], client, escrow, account, policy, logger });
 * await keeper.start();
 */
export function createKeeper(options: KeeperOptions): Keeper {
  const { stores, client, secondary, escrow, logger, confirmations, rounds = [] } = options;
  const { clock = Date.now, metrics = createMetrics(), batchSize = 150, feeCeiling = 10n } = options;
  const journal = options.journal ?? stores[0] ?? rounds[0]?.store;
  if (!journal) throw new NoStoreError();
  const home = journal;
  const stopping = new AbortController();
  const hands = createHands(options, {
    ...{ home, clock },
    onLease: (leader) => metrics.leader.set(leader ? 1 : 0),
  });
  const { main } = hands;
  const { sender, name } = main;
  const { address } = sender;
  const observer = createObserver({
    client,
    escrow,
    secondary,
    confirmations,
    onDisagreement: ({ field }) => logger.warn({ field }, "the endpoints disagree, or the second is silent"),
  });
  const planning: PlannerOptions = { ...options, observer, batchSize, except: poolsOf(rounds) };
  const health = createHealth({ clock, leads: main.held });
  let opening: ReturnType<typeof open> | undefined;
  let running: Promise<Error | undefined> | undefined;
  let end: (reason: Error | undefined) => void;
  const ended = new Promise<Error | undefined>((resolve) => {
    end = resolve;
  });

  /** What needs the chain or the store once. A failure is tried again by the next pass. */
  async function open() {
    const { closeGracePeriod: grace } = await checkEscrow(client, escrow);
    for (const store of stores) await requireEscrow(store, escrow);
    const ledger = await openLedger(home, `${name}:${escrow.address.toLowerCase()}`);
    const crew = createCrew(main, [...hands.closers.values()]);
    const { signal } = stopping;
    const context = { sender: crew, observer, ledger, grace, metrics, logger, signal };
    const tracker = createTracker({
      ...{ sender: crew, logger },
      conclude: (entry, intent) => conclude(entry, intent, context),
    });
    const around = { ...options, ...{ secondary, confirmations, grace, observer, tracker, home, metrics, signal } };
    const kept = await openRounds(rounds, { ...around, feeCeiling, hand: main }, hands.closers);
    return { ledger, grace, crew, tracker, rounds: kept };
  }

  function opened() {
    opening ??= open().catch((error: unknown) => {
      opening = undefined;
      throw error;
    });
    return opening;
  }

  let recovered = false;
  const underWay = new Set<Promise<unknown>>();

  /** Remembers each pass until its end, so that stopping can wait for what is being journalled. */
  function run<T>(task: () => Promise<T>): Promise<T> {
    const pass = task().finally(() => underWay.delete(pass));
    underWay.add(pass);
    return pass;
  }

  /** Takes the lease, and follows what a predecessor left. */
  async function ready() {
    const kept = await opened();
    const { crew, tracker } = kept;
    if (!(await main.leads())) throw new NotLeaderError(name);
    if (!recovered) for (const entry of await crew.recover()) tracker.follow(entry);
    recovered = true;
    await tracker.resume();
    return kept;
  }

  async function quarantined(): Promise<Quarantined[]> {
    const { ledger, rounds: kept } = await opened();
    const all = [...ledger.list(), ...kept.keepers.flatMap((keeper) => keeper.quarantined())];
    metrics.quarantined.set(all.length);
    return all;
  }

  async function lookAtRounds(scope: RoundScope): Promise<RoundReport[]> {
    const { rounds: kept } = await ready();
    const reports = await kept.pass(scope);
    await quarantined();
    return reports;
  }

  async function look(scope: Scope): Promise<ChannelReport> {
    const { ledger, grace, tracker } = await ready();
    for (const store of stores) await (scope === "full" ? observer.poll(store) : observer.sync(store));

    const planned = await plan(scope, ledger, grace, planning);
    health.note(planned.block);
    if (scope === "full") {
      setGauges(metrics, planned);
      ledger.retain(new Set(planned.decided.map(({ channel }) => channel.record.id)));
    }
    const due = planned.decided.filter(({ decision }) => decision.action !== "wait" && decision.action !== "writeoff");
    const { free, release } = tracker.reserve(due);
    try {
      const prepare = { client, secondary, escrow: escrow.address, account: address };
      const { follow } = tracker;
      const { signal } = stopping;
      const context = { sender, ledger, prepare, batchSize, feeCeiling, follow, metrics, logger, signal };
      const sent = await act(free, planned.env, context);
      metrics.balance.set(Number(await getBalance(client, { address })));
      return { sent, decided: planned.decided, quarantined: await quarantined(), overdue: planned.overdue };
    } finally {
      release();
    }
  }

  let stopped: Promise<void> | undefined;

  async function halt(): Promise<void> {
    stopping.abort();
    await running;
    // What a pass throws, its caller hears.
    await Promise.allSettled(underWay);
    const loaded = await opening?.catch(() => undefined);
    await loaded?.tracker.idle();
    await hands.release();
    metrics.leader.set(0);
    end(undefined);
  }

  return {
    address,
    metrics,
    ended,
    health: health.now,
    async start() {
      if (!(await main.leads())) throw new NotLeaderError(name);
      const { deadline = 12_000, exits = 60_000, economy = 600_000 } = options.intervals ?? {};
      const round = (scope: RoundScope) => () => run(() => lookAtRounds(scope));
      const forRounds = [
        { name: "rounds", interval: deadline, run: round("urgent") },
        { name: "rounds-full", interval: economy, run: round("full") },
      ];
      running = runLoops({
        loops: [
          { name: "urgent", interval: deadline, run: () => run(() => look("urgent")) },
          { name: "exits", interval: exits, run: () => run(() => look("exits")) },
          { name: "full", interval: economy, run: () => run(() => look("full")) },
          ...(rounds.length > 0 ? forRounds : []),
        ],
        onSuccess: (loop) => health.judge(loop, true),
        onError(loop, error) {
          health.judge(loop, false);
          metrics.failedPasses.inc({ loop });
          logger.error({ loop, reason: reasonOf(error) }, "a pass failed; the next one tries again");
        },
        stopping,
      });
      void running.then((reason) => end(reason));
    },
    async pass() {
      // The rounds have their pass whatever became of the other channels, and the other way round.
      const [channels, ofRounds] = await Promise.allSettled([run(() => look("full")), run(() => lookAtRounds("full"))]);
      if (channels.status === "rejected") throw channels.reason;
      if (ofRounds.status === "rejected") throw ofRounds.reason;
      const { tracker } = await opened();
      await within(options.patience ?? 600_000, tracker.idle());
      const reports = ofRounds.value;
      const sent = reports.reduce((sum, report) => sum + report.sent, channels.value.sent);
      const overdue = [...channels.value.overdue, ...reports.flatMap((report) => report.overdue)];
      return { ...channels.value, sent, overdue, quarantined: await quarantined(), rounds: reports };
    },
    async plan() {
      const { ledger, grace } = await opened();
      return (await plan("full", ledger, grace, planning)).decided;
    },
    async planRounds() {
      const { rounds: kept } = await opened();
      return Promise.all(kept.keepers.map((keeper) => keeper.plan()));
    },
    stop() {
      stopped ??= halt();
      return stopped;
    },
  };
}

/** A keeper without a store has nothing to keep. */
export class NoStoreError extends FarthingError {
  override readonly name = "NoStoreError";
  constructor() {
    super("no-store", "The keeper was given no store. Name at least one payee's store.");
  }
}
