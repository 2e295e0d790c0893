import type { Hex } from "viem";
import { type ConformanceCase, holds, rejects, same, vandalise } from "./conformanceCase.ts";
import { durabilityConformance } from "./durabilityConformance.ts";
import { ledgerConformance, type SetTime } from "./ledgerConformance.ts";
import { limitConformance } from "./limitConformance.ts";
import { queryConformance } from "./queryConformance.ts";
import type { ChannelRecord } from "./record.ts";
import { reservationConformance } from "./reservationConformance.ts";
import { sampleId, sampleRecord, sampleTicks } from "./sample.ts";
import type { ChannelStore } from "./store.ts";

/**
 * Opens the store called `name`: empty when the name is new, and what the last store of that name held when it is not.
 * The suite closes what it opens.
 */
export type OpenChannelStore = (name: string) => Promise<ChannelStore>;

/**
 * What every {@link ChannelStore} must do, free of any test framework: run each case and let it throw.
 * @param options.persistent Whether what was written outlives the store, so that closing and opening again is tried too.
 * @param options.setTime Sets the clock of the store that was opened last, where its leases go by a clock of its own.
 * @example
 * for (const { name, run } of channelStoreConformance(open, { persistent: true })) it(name, run);
 */
export function channelStoreConformance(
  open: OpenChannelStore,
  options: { persistent: boolean; setTime?: SetTime },
): ConformanceCase[] {
  const { persistent, setTime = async () => undefined } = options;
  const cases = {
    ...recordCases,
    ...limitConformance,
    ...reservationConformance,
    ...queryConformance,
    ...ledgerConformance,
  };
  const plain = Object.entries(cases).map(([name, body]) => ({
    name,
    run: async () => {
      const store = await open(name);
      try {
        await body(store, setTime);
      } finally {
        await store.close();
      }
    },
  }));
  return persistent ? [...plain, durabilityConformance(open, setTime)] : plain;
}

const largest = 2n ** 128n - 1n;

const recordCases: Record<string, (store: ChannelStore) => Promise<void>> = {
  "given no record, get is undefined and update may create it": async (store) => {
    same(await store.get(sampleId(1)), undefined, "get before");
    let seen: unknown = "nothing";
    const created = await store.update(sampleId(1), (record) => {
      seen = record;
      return sampleRecord(1);
    });
    same(seen, undefined, "what change was given");
    same(created, sampleRecord(1), "what update resolved with");
    same(await store.get(sampleId(1)), sampleRecord(1), "get after");
    same(await store.get(sampleId(1), { atHand: true }), sampleRecord(1), "at hand");
    same(await store.get(sampleId(2), { atHand: true }), undefined, "at hand, where there is none");
  },

  "an update replaces the whole record and resolves with what is stored": async (store) => {
    await put(store, sampleRecord(1, { evidence: "gift", signature: "0xabcd" }));
    const { evidence: _, ...without } = sampleRecord(1, { signature: "0xabcd", authorized: 5n });
    const stored = await store.update(sampleId(1), () => ({ ...without, spent: 3n }));
    same(stored, { ...without, spent: 3n }, "resolved with");
    same(await store.get(sampleId(1)), { ...without, spent: 3n }, "stored");
  },

  "an optional field that is there and undefined is absent": async (store) => {
    const loud = { ...sampleRecord(1), evidence: undefined, ticks: undefined } as unknown as ChannelRecord;
    await put(store, loud);
    const stored = await store.get(sampleId(1));
    same(stored, sampleRecord(1), "stored");
    same(Object.keys(stored ?? {}).sort(), Object.keys(sampleRecord(1)).sort(), "fields");
  },

  "a change that returns undefined or its own argument writes nothing": async (store) => {
    same(await store.update(sampleId(1), () => undefined), undefined, "undefined where there is none");
    same(await store.get(sampleId(1)), undefined, "still none");
    await put(store, sampleRecord(1));
    same(await store.update(sampleId(1), () => undefined), sampleRecord(1), "undefined resolves with what is stored");
    same(await store.update(sampleId(1), (record) => record), sampleRecord(1), "same resolves with what is stored");
    same(await store.get(sampleId(1)), sampleRecord(1), "unchanged");
  },

  "a change that throws rejects with its error, writes nothing, and harms no other": async (store) => {
    await put(store, sampleRecord(1));
    const boom = () => {
      throw new Error("boom");
    };
    const before = add(store, 1, 1n);
    const failing = store.update(sampleId(1), boom);
    const after = add(store, 1, 10n);
    await rejects(failing, "boom", "the failing update");
    await Promise.all([before, after]);
    same((await store.get(sampleId(1)))?.authorized, 11n, "the other two");
  },

  "fifty concurrent updates of one record lose none": async (store) => {
    await put(store, sampleRecord(1));
    await Promise.all(Array.from({ length: 50 }, (_, n) => add(store, 1, BigInt(n + 1))));
    same((await store.get(sampleId(1)))?.authorized, 1275n, "the sum of 1 to 50");
  },

  "fifty concurrent updates that create one record create it once": async (store) => {
    const outcomes = await Promise.all(
      Array.from({ length: 50 }, (_, n) => {
        return store.update(sampleId(1), (record) => record ?? sampleRecord(1, { deposit: BigInt(n + 1) }));
      }),
    );
    same(new Set(outcomes.map((record) => record?.deposit)).size, 1, "deposits seen");
  },

  "fifty concurrent copies of one voucher are accepted exactly once": async (store) => {
    await put(store, sampleRecord(1));
    const accepted = await Promise.all(Array.from({ length: 50 }, () => accept(store, sampleId(1), 100n)));
    same(accepted.filter(Boolean).length, 1, "acceptances");
    const record = await store.get(sampleId(1));
    same([record?.authorized, record?.spent, record?.charges.length], [100n, 100n, 1], "authorized, spent, charges");
  },

  "updates of many records at once keep apart": async (store) => {
    const all = Array.from({ length: 60 }, (_, n) => sampleRecord(n, { deposit: BigInt(n) }));
    await Promise.all(all.map((record) => put(store, record)));
    await Promise.all(all.map((_, n) => add(store, n, BigInt(n))));
    for (const [n, record] of all.entries()) {
      same(await store.get(record.id), { ...record, authorized: BigInt(n) }, `record ${n}`);
    }
  },

  "two spellings of an id and of addresses are one record in lower case": async (store) => {
    const upper = (value: string) => `0x${value.slice(2).toUpperCase()}` as Hex;
    const { id, escrow, channel, ...rest } = sampleRecord(1);
    const { payer, payee, token, salt, authorizedSigner } = channel;
    const loud = { payer: upper(payer), payee: upper(payee), token: upper(token), salt: upper(salt) };
    await store.update(upper(id), () => ({
      ...rest,
      id: upper(id),
      escrow: { ...escrow, address: upper(escrow.address) },
      channel: { ...loud, authorizedSigner: upper(authorizedSigner) },
    }));
    same(await store.get(id), sampleRecord(1), "by the lower spelling");
    same(await store.get(upper(id)), sampleRecord(1), "by the upper spelling");
    same((await store.list()).length, 1, "records");
    same((await store.list({ payer: upper(payer), payee: upper(payee), token: upper(token) })).length, 1, "by parties");
  },

  "ticks come back exactly, advance, and leave with the voucher that takes them away": async (store) => {
    const upper = (value: string) => `0x${value.slice(2).toUpperCase()}` as Hex;
    const ticks = sampleTicks({ cumulativeAmount: largest, tickValue: largest, ticks: 65_535 });
    await put(store, sampleRecord(1, { authorized: largest, ticks: { ...ticks, link: upper(ticks.link) } }));
    same(await store.get(sampleId(1)), sampleRecord(1, { authorized: largest, ticks }), "stored");
    same((await store.list({ unsettled: true }))[0]?.ticks, ticks, "listed");
    const further = sampleTicks({ ticks: 4, link: sampleId(4) });
    await store.update(sampleId(1), (record) => record && { ...record, ticks: further });
    same((await store.get(sampleId(1)))?.ticks, further, "one further");
    const half = { ...further, ticks: 0.5 };
    await rejects(put(store, sampleRecord(1, { ticks: half })), "invalid-record", "half a tick");
    const without = sampleRecord(1, { authorized: largest, signature: "0xabcd" });
    await put(store, without);
    same(await store.get(sampleId(1)), without, "after a newer voucher");
  },

  "amounts up to 2^104 - 1 and 2^128 - 1 come back exactly": async (store) => {
    const charge = { key: "k", cumulativeAmount: largest, amount: largest, spent: largest, at: 1_700_000_000_000 };
    const deadline = 2n ** 256n - 1n;
    const record = sampleRecord(1, {
      deposit: 2n ** 104n - 1n,
      settled: 2n ** 104n - 2n,
      authorized: largest,
      spent: largest - 1n,
      closeRequestedAt: 2n ** 40n - 1n,
      charges: [charge],
      closeRequest: { deposit: largest, signature: "0x12" },
      closeAuthorization: { cumulativeAmount: largest, voucherSignature: "0x", deadline, signature: "0x34" },
      signature: `0x${"5a".repeat(65)}`,
      evidence: 'quotes " and \\ and \u0000 and 💸',
    });
    await put(store, record);
    same(await store.get(record.id), record, "stored");
    same(await store.list({ unsettled: true }), [record], "listed");
  },

  "what cannot be stored is refused and writes nothing": async (store) => {
    await put(store, sampleRecord(1));
    const bad: [string, Partial<Record<keyof ChannelRecord, unknown>>][] = [
      ["a negative amount", { authorized: -1n }],
      ["an amount above 2^128 - 1", { spent: largest + 1n }],
      ["a number for a bigint", { deposit: 5 }],
      ["another record's id", { id: sampleId(2) }],
      ["a field that does not exist", { sent: 1n }] as never,
      ["a missing field", { block: undefined }],
      ["charges that are no list", { charges: 5 }],
      ["charges that are null", { charges: null }],
      ["text that is not hexadecimal", { signature: "0xzz" }],
    ];
    for (const [what, changes] of bad) {
      const attempt = store.update(sampleId(1), (record) => ({ ...record, ...changes }) as ChannelRecord);
      await rejects(attempt, "invalid-record", what);
    }
    same(await store.get(sampleId(1)), sampleRecord(1), "unchanged");
    same(await store.get(sampleId(2)), undefined, "no other");
  },

  "the last charges slide: old ones leave, new ones come, in order": async (store) => {
    await put(store, sampleRecord(1));
    for (let n = 1; n <= 150; n++) holds(await accept(store, sampleId(1), BigInt(n), 10), `voucher ${n} is accepted`);
    const keys = Array.from({ length: 10 }, (_, n) => String(n + 141));
    same(
      (await store.get(sampleId(1)))?.charges.map(({ key }) => key),
      keys,
      "the last ten",
    );
    const charges = (await store.get(sampleId(1)))?.charges.slice(3, 6).reverse() ?? [];
    await store.update(sampleId(1), (record) => record && { ...record, charges });
    same((await store.get(sampleId(1)))?.charges, charges, "any other list");
    await store.update(sampleId(1), (record) => record && { ...record, charges: [] });
    same((await store.get(sampleId(1)))?.charges, [], "none");
    holds(await accept(store, sampleId(1), 151n, 10), "one more");
    same(
      (await store.list())[0]?.charges.map(({ key }) => key),
      ["151"],
      "the one more",
    );
  },

  "whoever changes what a store gave or was given does not change what is stored": async (store) => {
    const charges = [{ key: "1", cumulativeAmount: 1n, amount: 1n, spent: 1n, at: 1 }];
    const expected = sampleRecord(1, { authorized: 1n, charges: charges.map((charge) => ({ ...charge })) });
    const given = { ...sampleRecord(1, { authorized: 1n, charges }) };
    const updated = await store.update(sampleId(1), () => given);
    vandalise(given);
    if (updated) vandalise(updated);
    same(await store.get(sampleId(1)), expected, "after the update");
    for (const record of await store.list()) vandalise(record);
    const got = await store.get(sampleId(1));
    if (got) vandalise(got);
    same(await store.get(sampleId(1)), expected, "after get and list");
    let during: unknown;
    await store.update(sampleId(1), (record) => {
      during = structuredClone(record);
      if (record) vandalise(record);
      return undefined;
    });
    same(during, expected, "what change is given");
    same(await store.get(sampleId(1)), expected, "after a change that writes nothing but meddles");
  },

  "a closed store refuses every call": async (store) => {
    await put(store, sampleRecord(1));
    await store.close();
    await store.close();
    await rejects(store.get(sampleId(1)), "store-closed", "get");
    await rejects(put(store, sampleRecord(1)), "store-closed", "update");
    await rejects(store.list(), "store-closed", "list");
    await rejects(store.meta.get("a"), "store-closed", "meta");
    await rejects(store.journal.list({ chainId: 1 }), "store-closed", "journal");
    await rejects(store.release("a", "b"), "store-closed", "release");
  },
};

function put(store: ChannelStore, record: ChannelRecord) {
  return store.update(record.id, () => record);
}

function add(store: ChannelStore, n: number, amount: bigint) {
  return store.update(sampleId(n), (record) => record && { ...record, authorized: record.authorized + amount });
}

/** As a payee does it: one conditional write, and whether it was this call that made it. */
async function accept(store: ChannelStore, id: Hex, cumulativeAmount: bigint, kept = 256): Promise<boolean> {
  let accepted = false;
  await store.update(id, (record) => {
    accepted = record !== undefined && cumulativeAmount > record.authorized;
    if (!record || !accepted) return undefined;
    const amount = cumulativeAmount - record.authorized;
    const charge = { key: String(cumulativeAmount), cumulativeAmount, amount, spent: cumulativeAmount, at: 1 };
    const charges = [...record.charges, charge].slice(-kept);
    return { ...record, authorized: cumulativeAmount, spent: cumulativeAmount, charges };
  });
  return accepted;
}
