import type { Hex } from "viem";
import type { Observed, Observer } from "../chain/observer.ts";
import type { ChannelRecord } from "../store/record.ts";

/** What the chain said of channels, and when this process asked. Age is by the payee's clock; block time decides nothing here. */
export type ChainState = {
  /** Reads the channel again if the last reading is older than the terms allow; undefined when it is fresh enough. */
  fresh(id: Hex): Promise<Observed | undefined>;
  /** Reads the channel now: never answered by a reading that began before the call. */
  read(id: Hex): Promise<Observed>;
};

/**
 * At most one reading of a channel is under way and one more waits, however many requests ask: nobody can make the payee
 * flood its chain endpoint.
 * @param freshness Milliseconds.
 */
export function createChainState(observer: Observer, clock: () => number, freshness: number): ChainState {
  const readAt = new Map<Hex, number>();
  const running = new Map<Hex, Promise<Observed>>();
  const waiting = new Map<Hex, Promise<Observed>>();

  function begin(id: Hex): Promise<Observed> {
    const startedAt = clock();
    const reading = observer.read([id]).then(([observed]) => {
      if (observed?.id.toLowerCase() !== id) throw new Error("the observer answered for another channel");
      if (observed.finalized) readAt.delete(id);
      else readAt.set(id, startedAt);
      return observed;
    });
    const tracked = reading.finally(() => running.delete(id));
    running.set(id, tracked);
    return tracked;
  }

  function read(id: Hex): Promise<Observed> {
    const current = running.get(id);
    if (!current) return begin(id);
    const queued = waiting.get(id);
    if (queued) return queued;
    const next = current
      .catch(() => undefined)
      .then(() => {
        waiting.delete(id);
        return begin(id);
      });
    waiting.set(id, next);
    return next;
  }

  async function fresh(id: Hex): Promise<Observed | undefined> {
    const at = readAt.get(id);
    const age = at === undefined ? Number.POSITIVE_INFINITY : clock() - at;
    // A clock that was set back gives no age to trust.
    if (age >= 0 && age < freshness) return undefined;
    return running.get(id) ?? begin(id);
  }

  return { fresh, read };
}

/** A record with what the chain says now. A reading from before the record's block, by a lagging endpoint, changes nothing. */
export function withObserved(record: ChannelRecord, observed: Observed | undefined): ChannelRecord {
  if (!observed || observed.block.number < record.block.number) return record;
  const { deposit, settled, closeRequestedAt, finalized, block } = observed;
  if (
    deposit === record.deposit &&
    settled === record.settled &&
    closeRequestedAt === record.closeRequestedAt &&
    finalized === record.finalized
  )
    return record;
  return {
    ...record,
    deposit,
    settled,
    closeRequestedAt,
    finalized,
    block: { number: block.number, hash: block.hash },
  };
}
