import type { Hex } from "viem";
import type { Observed, Observer } from "../chain/observer.ts";
import { FarthingError } from "../protocol/errors.ts";
import type { ChannelRecord } from "../store/record.ts";

/** What the chain said of channels, and when this process asked. Age is by the payee's clock; block time decides nothing here. */
export type ChainState = {
  /** Reads the channel again if the last reading is older than the terms allow; undefined at once when it is fresh enough. */
  fresh(id: Hex): Promise<Observed> | undefined;
  /** Reads the channel now: never answered by a reading that began before the call. */
  read(id: Hex): Promise<Observed>;
};

/**
 * One reading is under way and one more gathers, however many requests and channels ask: nobody can make the payee flood its
 * chain endpoint.
 * @param freshness Milliseconds.
 */
export function createChainState(observer: Observer, clock: () => number, freshness: number): ChainState {
  const readAt = new Map<Hex, number>();
  let running: Reading | undefined;
  let gathering: Reading | undefined;

  function gather(): Reading {
    if (gathering) return gathering;
    const ids = new Set<Hex>();
    const before = running?.states.catch(() => undefined) ?? Promise.resolve();
    const reading: Reading = {
      ids,
      states: before
        .then(() => {
          running = reading;
          gathering = undefined;
          return readAll(ids);
        })
        .finally(() => {
          if (running === reading) running = undefined;
        }),
    };
    gathering = reading;
    return reading;
  }

  async function readAll(ids: ReadonlySet<Hex>): Promise<Map<Hex, Observed>> {
    const startedAt = clock();
    const states = new Map<Hex, Observed>();
    for (const observed of await observer.read([...ids])) {
      const id = observed.id.toLowerCase() as Hex;
      states.set(id, observed);
      if (observed.deposit === 0n || observed.finalized) readAt.delete(id);
      else readAt.set(id, startedAt);
    }
    return states;
  }

  async function resultOf(reading: Reading, id: Hex): Promise<Observed> {
    reading.ids.add(id);
    const observed = (await reading.states).get(id);
    if (!observed) throw new ChannelNotReadError(id);
    return observed;
  }

  function fresh(id: Hex): Promise<Observed> | undefined {
    const at = readAt.get(id);
    const age = at === undefined ? Number.POSITIVE_INFINITY : clock() - at;
    // A clock that was set back gives no age to trust.
    if (age >= 0 && age < freshness) return undefined;
    return resultOf(running?.ids.has(id) ? running : gather(), id);
  }

  return { fresh, read: (id) => resultOf(gather(), id) };
}

type Reading = { ids: Set<Hex>; states: Promise<Map<Hex, Observed>> };

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

/** The chain endpoint answered, but not for the channel that it was asked about. */
export class ChannelNotReadError extends FarthingError {
  override readonly name = "ChannelNotReadError";
  constructor(id: Hex) {
    super("channel-not-read", `The chain endpoint gave no state for channel ${id}: check it, or use another.`);
  }
}
