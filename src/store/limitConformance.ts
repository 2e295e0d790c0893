import { rejects, same } from "./conformanceCase.ts";
import type { ChannelRecord } from "./record.ts";
import { sampleAddress, sampleId, sampleRecord } from "./sample.ts";
import type { ChannelStore } from "./store.ts";

/** What every store must do with a limit on what a payer owes; a part of `channelStoreConformance`. */
export const limitConformance: Record<string, (store: ChannelStore) => Promise<void>> = {
  "under a payer's limit, its channels together owe as much as that, and not a unit more": async (store) => {
    for (const n of [1, 2, 3]) await create(store, n);
    const limit = { payerLimit: 100n };
    same((await owe(store, 1, 40n, limit))?.authorized, 40n, "the first");
    same((await owe(store, 2, 60n, limit))?.authorized, 60n, "the second, up to the limit");
    await rejects(owe(store, 3, 1n, limit), "payer-limit", "a unit more");
    await rejects(owe(store, 1, 41n, limit), "payer-limit", "a unit more on the first");
    same((await store.get(sampleId(3)))?.authorized, 0n, "nothing was written");
    same((await store.get(sampleId(1)))?.authorized, 40n, "nor there");
    const refusal = await owe(store, 3, 7n, limit).catch((error: { owed?: bigint }) => error.owed);
    same(refusal, 107n, "what it would owe");
    same((await owe(store, 3, 1n))?.authorized, 1n, "without a limit");
  },

  "whatever lets a channel owe no more passes a payer's limit": async (store) => {
    await create(store, 1, { authorized: 80n });
    await create(store, 2, { authorized: 80n });
    const limit = { payerLimit: 100n };
    const change = (changes: Partial<ChannelRecord>) =>
      store.update(sampleId(1), (record) => record && { ...record, ...changes }, limit);
    same((await change({ evidence: "gift", spent: 80n }))?.spent, 80n, "spending what is authorized");
    same((await change({ authorized: 90n, settled: 10n }))?.authorized, 90n, "as much as before");
    same((await change({ settled: 90n }))?.settled, 90n, "a settlement");
    same((await store.update(sampleId(1), (record) => record, limit))?.settled, 90n, "no change");
    same((await owe(store, 1, 110n, limit))?.authorized, 110n, "what has become free");
    await rejects(owe(store, 1, 111n, limit), "payer-limit", "a unit more");
  },

  "another payer, payee or token, and a finalized channel, count apart": async (store) => {
    await create(store, 1);
    await create(store, 2, { authorized: 900n, finalized: true });
    await create(store, 3, { authorized: 5n, settled: 900n });
    for (const [index, party] of (["payer", "payee", "token"] as const).entries()) {
      const { channel } = sampleRecord(1);
      const other = { ...channel, [party]: sampleAddress(900 + index) };
      await store.update(sampleId(10 + index), () => sampleRecord(10 + index, { channel: other, authorized: 900n }));
    }
    same((await owe(store, 1, 100n, { payerLimit: 100n }))?.authorized, 100n, "up to the limit");
    await rejects(owe(store, 1, 101n, { payerLimit: 100n }), "payer-limit", "a unit more");
  },

  "a first record is held to its payer's limit": async (store) => {
    await create(store, 1, { authorized: 60n });
    const first = (n: number, authorized: bigint) =>
      store.update(sampleId(n), () => sampleRecord(n, { ...shared, authorized }), { payerLimit: 100n });
    await rejects(first(2, 41n), "payer-limit", "above it");
    same(await store.get(sampleId(2)), undefined, "nothing was written");
    same((await first(3, 40n))?.authorized, 40n, "up to it");
  },

  "of fifty at once on fifty channels of one payer, and twice on each, as many pass as its limit allows": async (
    store,
  ) => {
    const all = Array.from({ length: 50 }, (_, n) => n + 1);
    await Promise.all(all.map((n) => create(store, n)));
    const asked = [...all, ...all].map((n) =>
      store.update(sampleId(n), (record) => record && { ...record, authorized: record.authorized + 3n }, {
        payerLimit: 100n,
      }),
    );
    const passed = (await Promise.allSettled(asked)).filter(({ status }) => status === "fulfilled");
    same(passed.length, 33, "passed");
    same(await owedInAll(store), 99n, "owed");
  },
};

/** What all channels of a store owe, base units. */
export async function owedInAll(store: ChannelStore): Promise<bigint> {
  const records = await store.list({ unsettled: true });
  return records.reduce((sum, { authorized, settled }) => sum + authorized - settled, 0n);
}

/** Channels of one payer, payee and token. */
const shared = { channel: sampleRecord(1).channel };

function create(store: ChannelStore, n: number, changes: Partial<ChannelRecord> = {}) {
  return store.update(sampleId(n), () => sampleRecord(n, { ...shared, ...changes }));
}

function owe(store: ChannelStore, n: number, authorized: bigint, options?: { payerLimit: bigint }) {
  return store.update(sampleId(n), (record) => record && { ...record, authorized }, options);
}
