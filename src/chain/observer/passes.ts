import type { Hex } from "viem";
import type { ChannelRecord } from "../../store/record.ts";
import type { ChannelStore } from "../../store/store.ts";
import type { Observed } from "../observer.ts";
import { createCursor } from "./cursor.ts";
import { changedIds, eachSpan } from "./logs.ts";
import type { Block, Reader } from "./reader.ts";

export type Passes = {
  sync(store: ChannelStore): Promise<{ from: bigint; to: bigint; touched: Hex[] }>;
  poll(store: ChannelStore): Promise<{ block: bigint; touched: Hex[] }>;
};

/** Records refreshed at once: enough for a store that commits in groups, few enough for one that does not. */
const page = 400;

/** The two ways of bringing a store up to the chain: by log, and by state. */
export function createPasses({ reader, chunk }: { reader: Reader; chunk: bigint }): Passes {
  async function sync(store: ChannelStore) {
    const at = await reader.block();
    const cursor = createCursor(store, reader);
    const touched = new Set(await recover(store, at));
    const start = await cursor.get();
    if (start === undefined) {
      for (const id of await refreshLive(store, at)) touched.add(id);
      await cursor.set(at);
      return { from: at.number, to: at.number, touched: [...touched] };
    }
    const range = { from: start.number + 1n, to: at.number };
    const fresh = new Set<Hex>();
    await eachSpan(range, chunk, async (span) => {
      const changed = [...(await changedIds(reader, span))].filter((id) => !fresh.has(id));
      for (const id of await refresh(store, await known(store, changed), at, false)) touched.add(id);
      for (const id of changed) fresh.add(id);
      const hash = span.to === at.number ? at.hash : await reader.hashAt(span.to);
      // The cursor moves after the writes: a crash between reads a span again, and never skips one.
      if (hash) await cursor.set({ number: span.to, hash });
    });
    return { ...range, touched: [...touched] };
  }

  async function poll(store: ChannelStore) {
    const at = await reader.block();
    const touched = new Set(await recover(store, at));
    for (const id of await refreshLive(store, at)) touched.add(id);
    await createCursor(store, reader).remember(at);
    return { block: at.number, touched: [...touched] };
  }

  /** If a block that records were read at is gone: goes back, and reads again every record that is newer. */
  async function recover(store: ChannelStore, at: Block): Promise<Hex[]> {
    const fork = await createCursor(store, reader).rewind();
    if (fork === undefined) return [];
    return refreshAll(store, {}, at, (record) => record.block.number > fork || !record.finalized);
  }

  async function refreshLive(store: ChannelStore, at: Block): Promise<Hex[]> {
    return refreshAll(store, { live: true }, at);
  }

  async function refreshAll(
    store: ChannelStore,
    query: { live?: true },
    at: Block,
    undone?: (record: ChannelRecord) => boolean,
  ): Promise<Hex[]> {
    const touched: Hex[] = [];
    for (let after: Hex | undefined; ; ) {
      const records = await store.list({ ...query, limit: page, ...(after ? { after } : {}) });
      after = records.at(-1)?.id;
      if (!after) return touched;
      const ids = records.filter((record) => isOwn(record) && (undone?.(record) ?? true)).map(({ id }) => id);
      touched.push(...(await refresh(store, ids, at, undone !== undefined)));
    }
  }

  async function refresh(store: ChannelStore, ids: readonly Hex[], at: Block, force: boolean): Promise<Hex[]> {
    const observed = await reader.read(ids, at);
    const changed = await Promise.all(observed.map((state) => write(store, state, force)));
    return ids.filter((_, index) => changed[index]);
  }

  async function known(store: ChannelStore, ids: readonly Hex[]): Promise<Hex[]> {
    const records = await Promise.all(ids.map((id) => store.get(id)));
    return ids.filter((_, index) => records[index] && isOwn(records[index]));
  }

  // On another escrow of the same store the id is unknown, and would read as a channel without deposit.
  function isOwn({ escrow }: ChannelRecord): boolean {
    return escrow.chainId === reader.escrow.chainId && escrow.address.toLowerCase() === reader.escrow.address;
  }

  return { sync, poll };
}

/** Writes the observer's own fields of a known record. An older block never replaces a newer one, unless that one is gone. */
async function write(store: ChannelStore, state: Observed, force: boolean): Promise<boolean> {
  let changed = false;
  await store.update(state.id, (record) => {
    changed = false;
    if (!record || (!force && record.block.number > state.block.number)) return record;
    const { deposit, settled, closeRequestedAt, finalized } = state;
    changed =
      record.deposit !== deposit ||
      record.settled !== settled ||
      record.closeRequestedAt !== closeRequestedAt ||
      record.finalized !== finalized;
    if (!changed && !force) return record;
    const { number, hash } = state.block;
    return { ...record, deposit, settled, closeRequestedAt, finalized, block: { number, hash } };
  });
  return changed;
}
