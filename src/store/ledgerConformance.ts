import type { Hex } from "viem";
import { rejects, same, vandalise } from "./conformanceCase.ts";
import { sampleAddress, sampleEntry } from "./sample.ts";
import type { ChannelStore, JournalEntry } from "./store.ts";

const hour = 3_600_000;

/** Sets the clock of a store that goes by one of its own; nothing for one that goes by its callers'. Unix milliseconds. */
export type SetTime = (now: number) => Promise<void>;

/** What leases, the journal and facts must do. */
export const ledgerConformance: Record<string, (store: ChannelStore, setTime: SetTime) => Promise<void>> = {
  "a lease is taken, refused to others, renewed, and free once it expires": async (store, setTime) => {
    const lease = async (holder: string, now: number) => {
      await setTime(now);
      return store.lease({ name: "keeper", holder, ttl: 100, now });
    };
    same(await lease("a", 1_000), { name: "keeper", holder: "a", expiresAt: 1_100 }, "taken");
    same(await lease("b", 1_000), undefined, "refused to another");
    same(await lease("a", 1_050), { name: "keeper", holder: "a", expiresAt: 1_150 }, "renewed");
    same(await lease("b", 1_149), undefined, "refused a millisecond before it expires");
    same(await lease("b", 1_150), { name: "keeper", holder: "b", expiresAt: 1_250 }, "taken when it expires");
    same(await lease("a", 1_200), undefined, "refused to the first holder");
    const other = await store.lease({ name: "relayer", holder: "a", ttl: hour, now: 1_200 });
    same(other, { name: "relayer", holder: "a", expiresAt: 1_200 + hour }, "another name is another lease");
  },

  "a lease is released by its holder alone": async (store, setTime) => {
    await setTime(1_000);
    const lease = (holder: string) => store.lease({ name: "keeper", holder, ttl: 100, now: 1_000 });
    await store.release("keeper", "a");
    await lease("a");
    await store.release("keeper", "b");
    same(await lease("b"), undefined, "released by another");
    await store.release("keeper", "a");
    same((await lease("b"))?.holder, "b", "released by its holder");
  },

  "of fifty who ask for a lease at once, one gets it": async (store, setTime) => {
    await setTime(1);
    const asked = Array.from({ length: 50 }, (_, n) => store.lease({ name: "k", holder: `${n}`, ttl: 100, now: 1 }));
    same((await Promise.all(asked)).filter(Boolean).length, 1, "leases");
  },

  "the journal inserts, replaces by id, and lists by nonce, then time": async (store) => {
    const all = [3, 1, 2].map((n) => sampleEntry(n));
    for (const entry of all) await store.journal.put(entry);
    await store.journal.put(sampleEntry(4, { nonce: 2, createdAt: 1_600_000_000_000 }));
    same(await names(store, { chainId: 31337 }), ["entry-1", "entry-4", "entry-2", "entry-3"], "by nonce, then time");
    const mined = sampleEntry(2, {
      status: "mined",
      outcome: { hash: sampleEntry(2).attempts[0]?.hash as Hex, blockNumber: 5n, gasUsed: 21_000n, fee: 10n ** 20n },
    });
    await store.journal.put(mined);
    same((await store.journal.list({ chainId: 31337 }))[2], mined, "replaced");
    same(await names(store, { chainId: 31337, status: "pending" }), ["entry-1", "entry-4", "entry-3"], "pending");
    same(await names(store, { chainId: 31337, status: "mined" }), ["entry-2"], "mined");
    same(await names(store, { chainId: 31337, status: "dropped" }), [], "dropped");
  },

  "the journal keeps accounts and chains apart, in any spelling of an address": async (store) => {
    const account = sampleAddress(0xabcde);
    const upper = `0x${account.slice(2).toUpperCase()}` as const;
    await store.journal.put(sampleEntry(1, { account: upper }));
    await store.journal.put(sampleEntry(2, { account, status: "mined" }));
    await store.journal.put(sampleEntry(3));
    await store.journal.put(sampleEntry(4, { account, chainId: 10 }));
    same(await names(store, { chainId: 31337, account }), ["entry-1", "entry-2"], "by account");
    same(await names(store, { chainId: 31337, account: upper }), ["entry-1", "entry-2"], "by its other spelling");
    same(await names(store, { chainId: 31337, account, status: "pending" }), ["entry-1"], "pending of an account");
    same(await names(store, { chainId: 31337, account, status: "mined" }), ["entry-2"], "mined of an account");
    same(await names(store, { chainId: 10 }), ["entry-4"], "another chain");
    same((await store.journal.list({ chainId: 31337, account }))[0]?.account, account, "stored in lower case");
  },

  "the journal holds amounts up to 2^256 - 1, is not changed from outside, and refuses what is malformed": async (
    store,
  ) => {
    const entry = sampleEntry(1, { value: 2n ** 256n - 1n });
    const given = structuredClone(entry);
    await store.journal.put(given);
    vandalise(given);
    for (const found of await store.journal.list({ chainId: 31337 })) vandalise(found);
    same(await store.journal.list({ chainId: 31337 }), [entry], "the entry");
    const malformed = sampleEntry(2, { nonce: -1 });
    await rejects(store.journal.put(malformed), "invalid-record", "a nonce below zero");
    same((await store.journal.list({ chainId: 31337 })).length, 1, "entries");
  },

  "facts are set, replaced and read": async (store) => {
    same(await store.meta.get("cursor"), undefined, "before");
    await store.meta.set("cursor", "1");
    await store.meta.set("cursor", "2");
    await store.meta.set("owner", '{"a":"\u00e9"}');
    same([await store.meta.get("cursor"), await store.meta.get("owner")], ["2", '{"a":"\u00e9"}'], "after");
  },
};

async function names(
  store: ChannelStore,
  query: { chainId: number; account?: JournalEntry["account"]; status?: JournalEntry["status"] },
): Promise<string[]> {
  return (await store.journal.list(query)).map(({ id }) => id);
}
