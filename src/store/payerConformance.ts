import type { Hex } from "viem";
import { type ConformanceCase, rejects, same, vandalise } from "./conformanceCase.ts";
import type { PayerRecord, PayerStore } from "./payerStore.ts";
import { sampleAddress, sampleId, sampleOfferedTicks, samplePayerRecord } from "./sample.ts";

/** As `OpenChannelStore`: empty when the name is new, what it held before when it is not. The suite closes what it opens. */
export type OpenPayerStore = (name: string) => Promise<PayerStore>;

/** What every {@link PayerStore} must do, free of any test framework. See `channelStoreConformance`. */
export function payerStoreConformance(open: OpenPayerStore, options: { persistent: boolean }): ConformanceCase[] {
  const plain = Object.entries(cases).map(([name, body]) => ({
    name,
    run: async () => {
      const store = await open(name);
      try {
        await body(store);
      } finally {
        await store.close();
      }
    },
  }));
  return options.persistent ? [...plain, durability(open)] : plain;
}

const largest = 2n ** 128n - 1n;

const cases: Record<string, (store: PayerStore) => Promise<void>> = {
  "given no record, get is undefined and update may create it": async (store) => {
    same(await store.get(sampleId(1)), undefined, "get before");
    same(await store.update(sampleId(1), () => undefined), undefined, "a change that writes nothing");
    same(await put(store, samplePayerRecord(1)), samplePayerRecord(1), "what update resolved with");
    same(await store.get(sampleId(1)), samplePayerRecord(1), "get after");
  },

  "a change that returns undefined or its own argument, or throws, writes nothing and harms no other": async (
    store,
  ) => {
    await put(store, samplePayerRecord(1));
    const outcomes = [
      store.update(sampleId(1), () => undefined),
      store.update(sampleId(1), (record) => record),
      add(store, 1, 7n),
    ];
    const failing = store.update(sampleId(1), () => {
      throw new Error("boom");
    });
    await rejects(failing, "boom", "the failing update");
    const [first, second, third] = await Promise.all(outcomes);
    same([first, second], [samplePayerRecord(1), samplePayerRecord(1)], "what the idle ones resolved with");
    same(third?.authorized, 7n, "what the other resolved with");
    same(await store.get(sampleId(1)), samplePayerRecord(1, { authorized: 7n }), "stored");
  },

  "fifty concurrent updates of one record lose none": async (store) => {
    await put(store, samplePayerRecord(1));
    await Promise.all(Array.from({ length: 50 }, (_, n) => add(store, 1, BigInt(n + 1))));
    same((await store.get(sampleId(1)))?.authorized, 1275n, "the sum of 1 to 50");
  },

  "of fifty concurrent wishes to spend the same budget, one is granted": async (store) => {
    await put(store, samplePayerRecord(1, { deposit: 10n }));
    const granted = await Promise.all(
      Array.from({ length: 50 }, async () => {
        let mine = false;
        await store.update(sampleId(1), (record) => {
          mine = record !== undefined && record.authorized + 10n <= record.deposit;
          return record && mine ? { ...record, authorized: record.authorized + 10n } : undefined;
        });
        return mine;
      }),
    );
    same(granted.filter(Boolean).length, 1, "granted");
  },

  "two spellings of an id and of addresses are one record in lower case": async (store) => {
    const upper = (value: string) => `0x${value.slice(2).toUpperCase()}` as Hex;
    const record = samplePayerRecord(1);
    const { payer, payee, token } = record.channel;
    const channel = { ...record.channel, payer: upper(payer), payee: upper(payee), token: upper(token) };
    await store.update(upper(record.id), () => ({ ...record, id: upper(record.id), channel }));
    same(await store.get(upper(record.id)), record, "by the upper spelling");
    same(await store.list({ payer: upper(payer), payee: upper(payee), token: upper(token) }), [record], "by parties");
  },

  "list gives what matches, ordered by id": async (store) => {
    const all = Array.from({ length: 12 }, (_, n) => {
      const record = samplePayerRecord(n);
      const channel = {
        payer: sampleAddress(n % 2),
        payee: sampleAddress(10 + (n % 3)),
        token: sampleAddress(20 + (n % 4)),
      };
      return { ...record, channel: { ...record.channel, ...channel } };
    });
    await Promise.all(all.map((record) => put(store, record)));
    const check = async (query: Parameters<PayerStore["list"]>[0], matches: (record: PayerRecord) => boolean) => {
      const expected = all.filter(matches).sort((a, b) => (a.id < b.id ? -1 : 1));
      same(await store.list(query), expected, JSON.stringify(query) ?? "all");
    };
    await check(undefined, () => true);
    await check({ payer: sampleAddress(1) }, ({ channel }) => channel.payer === sampleAddress(1));
    await check({ payee: sampleAddress(11) }, ({ channel }) => channel.payee === sampleAddress(11));
    await check({ token: sampleAddress(22) }, ({ channel }) => channel.token === sampleAddress(22));
    await check({ payer: sampleAddress(0), payee: sampleAddress(10), token: sampleAddress(20) }, (r) => r === all[0]);
    await check({ payee: sampleAddress(99) }, () => false);
  },

  "amounts up to 2^128 - 1 come back exactly, and what cannot be stored is refused": async (store) => {
    const spentToday = { day: "2026-11-20", amount: largest };
    const record = samplePayerRecord(1, {
      deposit: 2n ** 104n - 1n,
      authorized: largest,
      signature: "0xab",
      spentToday,
    });
    await put(store, record);
    const wrong = (changes: object) => store.update(record.id, (found) => ({ ...found, ...changes }) as PayerRecord);
    await rejects(wrong({ authorized: largest + 1n }), "invalid-record", "an amount above 2^128 - 1");
    await rejects(wrong({ deposit: -1n }), "invalid-record", "a negative amount");
    await rejects(wrong({ id: sampleId(2) }), "invalid-record", "another record's id");
    await rejects(wrong({ status: "lost" }), "invalid-record", "a status that does not exist");
    same(await store.list(), [record], "stored");
  },

  "evidence comes back to the letter, goes with its mark, and can be taken away": async (store) => {
    const evidence = `{"text":"ünïcode 🧺\\n","long":"${"0123456789abcdef".repeat(4_096)}"}`;
    const record = samplePayerRecord(1, { authorized: 7n, signature: "0xab", evidence });
    await put(store, record);
    same(await store.get(record.id), record, "stored");
    await rejects(
      store.update(
        record.id,
        (found) => found && ({ ...found, authorized: 8n, evidence: 8 } as unknown as PayerRecord),
      ),
      "invalid-record",
      "evidence that is no text",
    );
    same(await store.get(record.id), record, "after the refusal");
    const bare = samplePayerRecord(1, { authorized: 8n, signature: "0xab" });
    await store.update(record.id, () => bare);
    same(await store.get(record.id), bare, "without it");
  },

  "ticks come back exactly, advance, and leave with the voucher that takes them away": async (store) => {
    const ticks = sampleOfferedTicks({ cumulativeAmount: largest, tickValue: largest, length: 65_535 });
    await put(store, samplePayerRecord(1, { authorized: largest, ticks }));
    same(await store.get(sampleId(1)), samplePayerRecord(1, { authorized: largest, ticks }), "stored");
    const further = { ...ticks, ticks: ticks.ticks + 1 };
    await store.update(sampleId(1), (record) => record && { ...record, ticks: further });
    same((await store.get(sampleId(1)))?.ticks, further, "one further");
    const bare = { ...ticks, secret: "0x12" } as const;
    await rejects(put(store, samplePayerRecord(1, { ticks: bare })), "invalid-record", "a secret that is too short");
    const without = samplePayerRecord(1, { authorized: largest, signature: "0xabcd" });
    await put(store, without);
    same(await store.get(sampleId(1)), without, "after a newer voucher");
  },

  "whoever changes what a store gave or was given does not change what is stored": async (store) => {
    const given = structuredClone(samplePayerRecord(1));
    const updated = await store.update(sampleId(1), () => given);
    vandalise(given);
    if (updated) vandalise(updated);
    for (const record of await store.list()) vandalise(record);
    await store.update(sampleId(1), (record) => {
      if (record) vandalise(record);
      return undefined;
    });
    same(await store.get(sampleId(1)), samplePayerRecord(1), "stored");
  },

  "a closed store refuses every call": async (store) => {
    await put(store, samplePayerRecord(1));
    await store.close();
    await store.close();
    await rejects(store.get(sampleId(1)), "store-closed", "get");
    await rejects(put(store, samplePayerRecord(1)), "store-closed", "update");
    await rejects(store.list(), "store-closed", "list");
  },
};

function durability(open: OpenPayerStore): ConformanceCase {
  const name = "everything that resolved is there after closing and opening again";
  return {
    name,
    run: async () => {
      const before = await open(name);
      const first = samplePayerRecord(1, { authorized: 9n, ticks: sampleOfferedTicks(), evidence: "ledger" });
      await put(before, first);
      // Not awaited: closing lets what was asked before it finish.
      const last = put(before, samplePayerRecord(2));
      await before.close();
      await last;
      const after = await open(name);
      try {
        same(await after.get(sampleId(1)), first, "the first");
        same(await after.get(sampleId(2)), samplePayerRecord(2), "the last");
      } finally {
        await after.close();
      }
    },
  };
}

function put(store: PayerStore, record: PayerRecord) {
  return store.update(record.id, () => record);
}

function add(store: PayerStore, n: number, amount: bigint) {
  return store.update(sampleId(n), (record) => record && { ...record, authorized: record.authorized + amount });
}
