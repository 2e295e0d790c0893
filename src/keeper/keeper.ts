import type { Address, Hex } from "viem";
import { getBalance } from "viem/actions";
import { checkEscrow } from "../chain/checkEscrow.ts";
import { reasonOf } from "../chain/failure.ts";
import { createObserver } from "../chain/observer.ts";
import { createSender } from "../chain/sender.ts";
import { FarthingError } from "../protocol/errors.ts";
import { act, type Decided } from "./act.ts";
import { conclude } from "./conclude.ts";
import type { Scope } from "./gather.ts";
import { setGauges } from "./gauges.ts";
import { createLeadership, NotLeaderError } from "./leadership.ts";
import { openLedger, type Quarantined } from "./ledger.ts";
import { runLoops } from "./loops.ts";
import { createMetrics, type KeeperMetrics } from "./metrics.ts";
import type { KeeperOptions } from "./options.ts";
import { type PlannerOptions, plan } from "./planner.ts";
import { requireEscrow } from "./requireEscrow.ts";
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
};

export type Health = {
  /** Leads, its last pass could tell, and the chain grows. */
  ok: boolean;
  leader: boolean;
  /** Newest block at the confirmation depth. */
  block: bigint | undefined;
  /** Milliseconds of host time since that block was first seen. */
  blockAge: number | undefined;
};

export type Keeper = {
  readonly address: Address;
  readonly metrics: KeeperMetrics;
  /** Loops until {@link Keeper.stop}. @throws {@link NotLeaderError} when another keeper has the lease. */
  start(): Promise<void>;
  /** One full pass: what a predecessor left, deadlines, exits, economy, each to its end. @throws when it could not tell. */
  pass(): Promise<PassReport>;
  /** What a pass would do and why. Sends nothing, writes nothing, needs no lease. */
  plan(): Promise<readonly Decided[]>;
  /** Ends once what is in flight is journalled, and gives the lease back. Safe to call twice. */
  stop(): Promise<void>;
  health(): Health;
  /** Resolves when the keeper has ended: with the reason when it ended by itself, undefined when it was stopped. */
  readonly ended: Promise<Error | undefined>;
};

/** A chain that has not grown for this long, milliseconds of host time, is not healthy: five minutes. */
const maxBlockAge = 300_000;

/**
 * Turns vouchers into money, in time and at least cost, for any number of payees whose keys it does not hold.
 * @example
 * const policy = any(profitable({ times: 10n }), maxAge({ seconds: 604_800n }));
 * const keeper = createKeeper({ stores: [store], client, escrow, account, policy, logger });
 * await keeper.start();
 */
export function createKeeper(options: KeeperOptions): Keeper {
  const { stores, client, secondary, escrow, account, logger, confirmations } = options;
  const { clock = Date.now, metrics = createMetrics(), batchSize = 150, feeCeiling = 10n } = options;
  const journal = options.journal ?? stores[0];
  if (!journal) throw new NoStoreError();
  const home = journal;
  const address = account.address.toLowerCase() as Address;
  const name = `keeper:${escrow.chainId}:${address}`;
  const stopping = new AbortController();
  const leadership = createLeadership({
    store: home,
    name,
    holder: options.holder ?? crypto.randomUUID(),
    ttl: options.leaseTtl ?? 60_000,
    now: clock,
  });
  const observer = createObserver({
    client,
    escrow,
    secondary,
    confirmations,
    onDisagreement: ({ field }) => logger.warn({ field }, "the endpoints disagree, or the second is silent"),
  });
  const sender = createSender({
    client,
    account,
    journal: home.journal,
    clock,
    lease: leads,
    confirmations,
    policy: options.sender,
    onFault: ({ entry, reason }) => logger.warn({ nonce: entry?.nonce, reason }, "survived a fault of the node"),
  });
  const planning: PlannerOptions = { ...options, observer, batchSize };
  const seen = { block: undefined as bigint | undefined, at: 0, failed: false };
  let opening: ReturnType<typeof open> | undefined;
  let running: Promise<Error | undefined> | undefined;
  let end: (reason: Error | undefined) => void;
  const ended = new Promise<Error | undefined>((resolve) => {
    end = resolve;
  });

  async function leads(): Promise<boolean> {
    const leader = await leadership.renew();
    metrics.leader.set(leader ? 1 : 0);
    return leader;
  }

  /** What needs the chain or the store once. A failure is tried again by the next pass. */
  async function open() {
    const { closeGracePeriod: grace } = await checkEscrow(client, escrow);
    for (const store of stores) await requireEscrow(store, escrow);
    const ledger = await openLedger(home, `${name}:${escrow.address.toLowerCase()}`);
    const context = { sender, observer, ledger, grace, metrics, logger, signal: stopping.signal };
    const tracker = createTracker({ sender, logger, conclude: (entry, intent) => conclude(entry, intent, context) });
    return { ledger, grace, tracker };
  }

  function opened() {
    opening ??= open().catch((error: unknown) => {
      opening = undefined;
      throw error;
    });
    return opening;
  }

  let recovered = false;
  const underWay = new Set<Promise<PassReport>>();

  /** Remembers each pass until its end, so that stopping can wait for what is being journalled. */
  function run(scope: Scope): Promise<PassReport> {
    const pass = look(scope).finally(() => underWay.delete(pass));
    underWay.add(pass);
    return pass;
  }

  async function look(scope: Scope): Promise<PassReport> {
    const { ledger, grace, tracker } = await opened();
    if (!(await leads())) throw new NotLeaderError(name);
    if (!recovered) for (const entry of await sender.recover()) tracker.follow(entry);
    recovered = true;
    await tracker.resume();
    for (const store of stores) await (scope === "full" ? observer.poll(store) : observer.sync(store));

    const planned = await plan(scope, ledger, grace, planning);
    note(planned.block);
    if (scope === "full") {
      setGauges(metrics, planned);
      ledger.retain(new Set(planned.decided.map(({ channel }) => channel.record.id)));
    }
    const due = planned.decided.filter(({ decision }) => decision.action !== "wait" && decision.action !== "writeoff");
    const { free, release } = tracker.reserve(due);
    try {
      const prepare = { client, secondary, escrow: escrow.address, account: account.address };
      const { follow } = tracker;
      const { signal } = stopping;
      const context = { sender, ledger, prepare, batchSize, feeCeiling, follow, metrics, logger, signal };
      const sent = await act(free, planned.env, context);
      metrics.balance.set(Number(await getBalance(client, { address })));
      const quarantined = ledger.list();
      metrics.quarantined.set(quarantined.length);
      return { sent, decided: planned.decided, quarantined, overdue: planned.overdue };
    } finally {
      release();
    }
  }

  function note(block: bigint): void {
    seen.failed = false;
    if (seen.block !== undefined && block <= seen.block) return;
    seen.block = block;
    seen.at = clock();
  }

  function health(): Health {
    const leader = leadership.held();
    const blockAge = seen.block === undefined ? undefined : clock() - seen.at;
    const ok = leader && !seen.failed && blockAge !== undefined && blockAge < maxBlockAge;
    return { ok, leader, block: seen.block, blockAge };
  }

  let stopped: Promise<void> | undefined;

  async function halt(): Promise<void> {
    stopping.abort();
    await running;
    // What a pass throws, its caller hears.
    await Promise.allSettled(underWay);
    const loaded = await opening?.catch(() => undefined);
    await loaded?.tracker.idle();
    await leadership.release();
    metrics.leader.set(0);
    end(undefined);
  }

  return {
    address,
    metrics,
    ended,
    health,
    async start() {
      if (!(await leads())) throw new NotLeaderError(name);
      const { deadline = 12_000, exits = 60_000, economy = 600_000 } = options.intervals ?? {};
      running = runLoops({
        intervals: { urgent: deadline, exits, full: economy },
        run,
        onError(scope, error) {
          seen.failed = true;
          metrics.failedPasses.inc({ loop: scope });
          logger.error({ loop: scope, reason: reasonOf(error) }, "a pass failed; the next one tries again");
        },
        stopping,
      });
      void running.then((reason) => end(reason));
    },
    async pass() {
      const report = await run("full");
      const { tracker, ledger } = await opened();
      await within(options.patience ?? 600_000, tracker.idle());
      return { ...report, quarantined: ledger.list() };
    },
    async plan() {
      const { ledger, grace } = await opened();
      return (await plan("full", ledger, grace, planning)).decided;
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
