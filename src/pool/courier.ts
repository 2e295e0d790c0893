import { BudgetExceededError } from "../payer/policy.ts";
import { ChannelLeavingError, DepositExhaustedError } from "../payer/sign.ts";
import { InvalidAllocationError } from "../protocol/allocation.ts";
import { FarthingError } from "../protocol/errors.ts";
import { type Delivery, deliver, GiftUnresolvedError, type Outcome, synchronise } from "./deliver.ts";
import { type Lane, LedgerMovedError, type Unsigned } from "./lane.ts";
import {
  type Batch,
  type GiftReceipt,
  keptReceipts,
  type Ledger,
  mayHave,
  type Wish,
  withoutAlone,
  withoutFirstAlone,
} from "./ledger.ts";
import { createWaiters } from "./waiters.ts";

export type CourierOptions = Omit<Delivery, "lane" | "isUncertain"> & {
  /** The channel to give through: an existing one, or, where that is asked for, a new one. */
  enter: (mayOpen: boolean) => Promise<Lane | undefined>;
  newKey: () => string;
  sleep: (milliseconds: number, signal: AbortSignal) => Promise<void>;
  onReceipt?: ((receipt: GiftReceipt) => void | Promise<void>) | undefined;
  onGivenUp?: ((wish: Wish, error: unknown) => void) | undefined;
  onWaiting?: ((reason: string) => void) | undefined;
};

/** Carries wishes to the collector: one batch at a time, each signed and written down before it is sent. */
export type Courier = ReturnType<typeof createCourier>;

type Next = Unsigned & {
  /** What taking it up changes in the ledger. */
  take: (ledger: Ledger) => Ledger | undefined;
};

export function createCourier(options: CourierOptions) {
  const { enter, newKey, sleep, onReceipt, onGivenUp, onWaiting } = options;
  /** Asked for and not signed. */
  let queue: Wish[] = [];
  /** Ids of wishes that are signed for alone, because together they were too much. */
  const lone = new Set<string>();
  const waiters = createWaiters();
  /** Keys of batches that were signed here and whose every answer was heard. */
  const certain = new Set<string>();
  const stopping = new AbortController();
  let lane: Lane | undefined;
  let isSynchronised = false;
  let entering: Promise<unknown> = Promise.resolve();
  let running: Promise<void> | undefined;
  let failures = 0;

  async function work(): Promise<void> {
    for (;;) {
      stopping.signal.throwIfAborted();
      const entered = await inside(queue.length > 0);
      if (!entered) {
        if (queue.length > 0) continue;
        // What else is waited for has no channel any more.
        return waiters.rejectAll(new GiftUnresolvedError());
      }
      const ledger = await entered.ledger();
      waiters.settle(ledger, queue);
      if (ledger.pending) {
        await send(entered, ledger.pending);
      } else if (!ledger.alone && queue.length === 0) {
        return;
      } else if (!isSynchronised) {
        // What it learns is in the ledger, which is read again before anything is signed.
        await learn(entered);
      } else if (ledger.alone && mayHave(entered.baseOf(ledger), ledger.alone)) {
        await giveUpAlone(entered, ledger.alone);
      } else {
        await sign(entered, ledger);
      }
    }
  }

  /** One at a time, so that no channel is opened twice. */
  function inside(mayOpen: boolean): Promise<Lane | undefined> {
    const next = entering.then(async () => {
      if (!lane) {
        lane = await enter(mayOpen);
        isSynchronised = !lane?.known;
      }
      return lane;
    });
    entering = next.catch(heard);
    return next;
  }

  /** Until the collector says what it holds: nothing newer, as far as it ever said, is held then than what the ledger says. */
  async function learn(entered: Lane): Promise<void> {
    const outcome = await synchronise(deliveryOf(entered), newKey());
    isSynchronised = outcome.type !== "unanswered";
    if (outcome.type === "unanswered") await pause(outcome.reason);
  }

  async function sign(entered: Lane, ledger: Ledger): Promise<void> {
    const { take, ...next } = ledger.alone ? firstAlone(ledger.alone) : fromQueue();
    const isQueued = !ledger.alone;
    const again = () => {
      if (isQueued) queue = [...next.wishes, ...queue];
    };
    try {
      await entered.sign(next, { take });
      certain.add(next.key);
    } catch (error) {
      if (error instanceof LedgerMovedError) return again();
      if (error instanceof ChannelLeavingError && isQueued) {
        // It was closed elsewhere: the store says so now, so that another one is found or opened.
        lane = undefined;
        return again();
      }
      if (next.wishes.length > 1 && isTooMuch(error)) {
        for (const { id } of next.wishes) lone.add(id);
        return again();
      }
      if (isQueued) return waiters.reject(next.wishes, error);
      await entered.update(withoutFirstAlone);
      giveUp(next.wishes, error);
    }
  }

  /** A list that they were signed in may have turned up after all: signing again might give them twice. */
  async function giveUpAlone(entered: Lane, { wishes }: NonNullable<Ledger["alone"]>): Promise<void> {
    await entered.update(withoutAlone);
    giveUp(wishes, new GiftUnresolvedError());
  }

  function giveUp(wishes: readonly Wish[], error: unknown): void {
    waiters.reject(wishes, error);
    for (const wish of wishes) onGivenUp?.(wish, error);
  }

  function firstAlone({ wishes, attempts }: NonNullable<Ledger["alone"]>): Next {
    const [wish] = wishes;
    const take = (ledger: Ledger) => (ledger.alone?.wishes[0]?.id === wish?.id ? withoutFirstAlone(ledger) : undefined);
    return { key: wish?.id ?? newKey(), wishes: wish ? [wish] : [], attempts, take };
  }

  /** All that is asked for by now; a wish of its own has its id for a key. */
  function fromQueue(): Next {
    const end = queue.findIndex(({ id }) => lone.has(id));
    const count = end === 0 ? 1 : Math.min(end < 0 ? queue.length : end, keptReceipts);
    const wishes = queue.splice(0, count);
    const [first, second] = wishes;
    for (const { id } of wishes) lone.delete(id);
    return { key: first && !second ? first.id : newKey(), wishes, attempts: [], take: (ledger) => ledger };
  }

  async function send(entered: Lane, batch: Batch): Promise<void> {
    const outcome = await delivered(entered, batch);
    if (outcome.type === "unanswered") {
      certain.delete(batch.key);
      return pause(outcome.reason);
    }
    failures = 0;
    isSynchronised = true;
    if (outcome.type === "again") return;
    certain.delete(batch.key);
    if (outcome.type === "given up") {
      if (outcome.isChannelOver) lane = undefined;
      return giveUp(outcome.wishes, outcome.error);
    }
    for (const receipt of outcome.receipts) waiters.resolve(receipt);
    for (const receipt of outcome.fresh) await onReceipt?.(receipt);
  }

  async function delivered(entered: Lane, batch: Batch): Promise<Outcome> {
    try {
      return await deliver(deliveryOf(entered), batch);
    } catch (error) {
      if (!(error instanceof LedgerMovedError) && !(error instanceof ChannelLeavingError)) throw error;
      // A channel that is being left keeps what is pending: it is brought on-chain without the collector, or not at all.
      if (error instanceof ChannelLeavingError) lane = undefined;
      return { type: "again" };
    }
  }

  function deliveryOf(entered: Lane): Delivery {
    const { collector, pool, leastGift } = options;
    return { lane: entered, collector, pool, leastGift, isUncertain: (key) => !certain.has(key) };
  }

  async function pause(reason: string): Promise<void> {
    onWaiting?.(reason);
    failures += 1;
    await sleep(Math.min(longestPause, 250 * 2 ** failures), stopping.signal);
  }

  function failed(error: unknown): void {
    const reason = stopping.signal.aborted ? new GiverStoppedError() : error;
    queue = [];
    waiters.rejectAll(reason);
  }

  /** Carries on until nothing is asked for and nothing unanswered. */
  function run(): Promise<void> {
    running ??= work().then(
      () => finished(),
      (error: unknown) => {
        failed(error);
        finished();
        throw stopping.signal.aborted ? new GiverStoppedError() : error;
      },
    );
    return running;
  }

  function finished(): void {
    running = undefined;
    if (queue.length > 0) run().catch(heard);
  }

  return {
    run,
    /** Resolves with the collector's receipt. */
    ask(wish: Wish): Promise<GiftReceipt> {
      if (stopping.signal.aborted) return Promise.reject(new GiverStoppedError());
      const receipt = waiters.wait(wish);
      queue.push(wish);
      run().catch(heard);
      return receipt;
    },
    lane: () => inside(false),
    stop(): void {
      stopping.abort(new GiverStoppedError());
    },
  };
}

/** Together they may be too much, and one alone not. */
function isTooMuch(error: unknown): boolean {
  return (
    error instanceof DepositExhaustedError ||
    error instanceof BudgetExceededError ||
    error instanceof InvalidAllocationError
  );
}

/** Whoever waits for a gift has heard of the failure. */
function heard(): void {}

/** Milliseconds between two sendings of a batch, at most: half a minute. */
const longestPause = 30_000;

/** The giver was stopped. What it had signed is kept, and sent by the next giver on the same store. */
export class GiverStoppedError extends FarthingError {
  override readonly name = "GiverStoppedError";
  constructor() {
    super("giver-stopped", "The giver was stopped. A gift that was signed is sent by the next one on the same store.");
  }
}
