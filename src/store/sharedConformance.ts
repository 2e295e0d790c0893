import type { Hex } from "viem";
import { type ConformanceCase, same } from "./conformanceCase.ts";
import type { SetTime } from "./ledgerConformance.ts";
import { owedInAll } from "./limitConformance.ts";
import { sampleEntry, sampleId, sampleRecord } from "./sample.ts";
import type { ChannelStore } from "./store.ts";

/** Opens two stores on what is called `name`, as two processes would: both empty when the name is new. The suite closes them. */
export type OpenTwoStores = (name: string) => Promise<readonly [ChannelStore, ChannelStore]>;

/**
 * What two {@link ChannelStore}s on one set of data must do, where an adapter allows two: as `channelStoreConformance`.
 * @param options.setTime As there.
 */
export function sharedStoreConformance(
  open: OpenTwoStores,
  { setTime = async () => undefined }: { setTime?: SetTime } = {},
): ConformanceCase[] {
  return Object.entries(cases).map(([name, body]) => ({
    name,
    run: async () => {
      const [one, other] = await open(name);
      try {
        await one.update(sampleId(1), () => sampleRecord(1));
        await body(one, other, setTime);
      } finally {
        await Promise.all([one.close(), other.close()]);
      }
    },
  }));
}

const cases: Record<string, (one: ChannelStore, other: ChannelStore, setTime: SetTime) => Promise<void>> = {
  "each sees at once what the other wrote, though it had the record at hand": async (one, other) => {
    for (let n = 1n; n <= 20n; n++) {
      const [writer, reader] = n % 2n === 0n ? [one, other] : [other, one];
      await writer.update(sampleId(1), (record) => record && { ...record, authorized: n });
      same((await reader.get(sampleId(1)))?.authorized, n, "get");
      same((await reader.list({ unsettled: true }))[0]?.authorized, n, "list");
      await writer.meta.set("cursor", `${n}`);
      same(await reader.meta.get("cursor"), `${n}`, "fact");
      await writer.journal.put(sampleEntry(1, { nonce: Number(n) }));
      same((await reader.journal.list({ chainId: 31337 }))[0]?.nonce, Number(n), "journal");
    }
  },

  "an update that writes nothing is decided on what the other wrote last": async (one, other) => {
    for (let n = 1n; n <= 20n; n++) {
      const [writer, reader] = n % 2n === 0n ? [one, other] : [other, one];
      await reader.get(sampleId(1));
      await writer.update(sampleId(1), (record) => record && { ...record, authorized: n });
      let seen: bigint | undefined;
      const answer = await reader.update(sampleId(1), (record) => {
        seen = record?.authorized;
        return n % 3n === 0n ? undefined : record;
      });
      same([seen, answer?.authorized], [n, n], "what it was decided on, and resolved with");
    }
  },

  "an update that throws does so because of what the other wrote last": async (one, other) => {
    await one.get(sampleId(1));
    await other.update(sampleId(1), (record) => record && { ...record, authorized: 5n });
    const refusal = await one
      .update(sampleId(1), (record) => {
        throw new Error(`it was ${record?.authorized}`);
      })
      .catch((error: Error) => error.message);
    same(refusal, "it was 5", "the error");
  },

  "fifty copies of one voucher at each are accepted once": async (one, other) => {
    for (let amount = 1n; amount <= 10n; amount++) {
      const copies = Array.from({ length: 100 }, (_, n) => accept(n % 2 === 0 ? one : other, sampleId(1), amount));
      same((await Promise.all(copies)).filter(Boolean).length, 1, "acceptances");
      const record = await one.get(sampleId(1));
      same([record?.authorized, record?.charges.length], [amount, Number(amount)], "authorized, charges");
    }
  },

  "what both add at once to one record and to many is all there, each charge once and in order": async (one, other) => {
    const ids = [1, 2, 3, 4, 5].map(sampleId);
    await Promise.all([2, 3, 4, 5].map((n) => one.update(sampleId(n), () => sampleRecord(n))));
    const adding = Array.from({ length: 600 }, (_, n) => {
      const id = ids[n % 3 === 0 ? 0 : n % 5] as Hex;
      return add(n % 2 === 0 ? one : other, id, BigInt(n), `${n}`);
    });
    await Promise.all(adding);
    const records = await Promise.all(ids.map((id) => other.get(id)));
    const sum = records.reduce((total, record) => total + (record?.authorized ?? 0n), 0n);
    same(sum, (599n * 600n) / 2n, "the sum of 0 to 599");
    const keys = records.flatMap((record) => record?.charges.map(({ key }) => key) ?? []);
    same([keys.length, new Set(keys).size], [600, 600], "charges, distinct charges");
    for (const record of records) {
      let spent = 0n;
      for (const charge of record?.charges ?? []) {
        spent += charge.amount;
        same(charge.spent, spent, "each charge on top of the one before");
      }
      same(record?.authorized, spent, "authorized");
    }
  },

  "what both add at once to each of a crowd, time and again, is all there, each charge once": async (one, other) => {
    const ids = Array.from({ length: 40 }, (_, n) => sampleId(n + 1));
    await Promise.all(ids.slice(1).map((id, n) => one.update(id, () => sampleRecord(n + 2))));
    for (let wave = 0; wave < 20; wave++) {
      await Promise.all(ids.flatMap((id) => [add(one, id, 1n, `one ${wave}`), add(other, id, 2n, `other ${wave}`)]));
    }
    for (const id of ids) {
      const record = await other.get(id);
      same([record?.authorized, record?.charges.at(-1)?.spent], [60n, 60n], "authorized, and spent by the last charge");
      same(new Set(record?.charges.map(({ key }) => key)).size, 40, "distinct charges");
    }
  },

  "what one has at hand may be behind what the other wrote, and what it does with it is not": async (one, other) => {
    await one.get(sampleId(1));
    await add(other, sampleId(1), 5n, "other");
    const { authorized = -1n } = (await one.get(sampleId(1), { atHand: true })) ?? {};
    same(authorized === 0n || authorized === 5n, true, "what was there before, or what is there now");
    same((await add(one, sampleId(1), 2n, "one"))?.authorized, 7n, "an update on what is there now");
    same((await one.get(sampleId(1), { atHand: true }))?.authorized, 7n, "what it wrote itself");
  },

  "what one lists is what it asked for, whole, while the other keeps changing it": async (one, other) => {
    let isOver = false;
    const changing = (async () => {
      for (let n = 1n; !isOver; n++) {
        const settled = n % 2n === 0n ? n : n - 1n;
        await other.update(sampleId(1), (record) => {
          const charge = { key: `${n}`, cumulativeAmount: n, amount: 1n, spent: n, at: 1 };
          return record && { ...record, authorized: n, settled, charges: [...record.charges, charge].slice(-3) };
        });
      }
    })();
    for (let turn = 0; turn < 150; turn++) {
      for (const record of await one.list({ unsettled: true })) {
        same(record.authorized - record.settled, 1n, "unsettled");
        same(record.charges.at(-1)?.cumulativeAmount, record.authorized, "the last charge");
      }
    }
    isOver = true;
    await changing;
  },

  "what both let a payer owe at once, on channels of each and of both, is never above its limit": async (
    one,
    other,
  ) => {
    const { channel } = sampleRecord(1);
    const all = Array.from({ length: 40 }, (_, n) => n + 1);
    await Promise.all(all.map((n) => one.update(sampleId(n), () => sampleRecord(n, { channel }))));
    const raise = (store: ChannelStore, n: number, by: bigint, payerLimit?: bigint) =>
      store.update(
        sampleId(n),
        (record) => record && { ...record, authorized: record.authorized + by },
        payerLimit === undefined ? {} : { payerLimit },
      );
    for (let wave = 1; wave <= 10; wave++) {
      const payerLimit = BigInt(wave) * 30n;
      const asked = all.map((n) => raise(n % 2 === 0 ? one : other, n % 3 === 0 ? 1 : n, 3n, payerLimit));
      // Others on the same channels, under no limit: what settles meanwhile is not lost.
      const touching = all.map((n) =>
        one.update(sampleId(n), (record) => record && { ...record, spent: BigInt(wave) }),
      );
      const passed = (await Promise.allSettled(asked)).filter(({ status }) => status === "fulfilled");
      await Promise.all(touching);
      same([passed.length, await owedInAll(other)], [10, payerLimit], `wave ${wave}: passed, owed`);
    }
    same((await one.get(sampleId(40)))?.spent, 10n, "what came without a limit");
  },

  "both create one record at once, and it is created once": async (one, other) => {
    for (let n = 2; n < 12; n++) {
      const created = Array.from({ length: 20 }, (_, copy) => {
        return (copy % 2 === 0 ? one : other).update(sampleId(n), (record) => {
          return record ?? sampleRecord(n, { deposit: BigInt(copy + 1) });
        });
      });
      const deposits = (await Promise.all(created)).map((record) => record?.deposit);
      same(new Set(deposits).size, 1, "deposits seen");
    }
  },

  "of fifty at each who ask for a lease, one gets it, and it holds at both": async (one, other, setTime) => {
    await setTime(1);
    const asked = Array.from({ length: 100 }, (_, n) => {
      return (n % 2 === 0 ? one : other).lease({ name: "keeper", holder: `${n}`, ttl: 100, now: 1 });
    });
    const [lease, ...more] = (await Promise.all(asked)).filter((taken) => taken !== undefined);
    same(more.length, 0, "more leases");
    await setTime(50);
    for (const store of [one, other]) {
      same(await store.lease({ name: "keeper", holder: "late", ttl: 100, now: 50 }), undefined, "while it holds");
    }
    await other.release("keeper", lease?.holder ?? "");
    same((await one.lease({ name: "keeper", holder: "late", ttl: 100, now: 50 }))?.holder, "late", "once released");
  },
};

function add(store: ChannelStore, id: Hex, amount: bigint, key: string) {
  return store.update(id, (record) => {
    if (!record) return undefined;
    const authorized = record.authorized + amount;
    const charge = { key, cumulativeAmount: authorized, amount, spent: authorized, at: 1 };
    return { ...record, authorized, charges: [...record.charges, charge] };
  });
}

async function accept(store: ChannelStore, id: Hex, cumulativeAmount: bigint): Promise<boolean> {
  let accepted = false;
  await store.update(id, (record) => {
    accepted = record !== undefined && cumulativeAmount > record.authorized;
    if (!record || !accepted) return undefined;
    const charge = { key: `${cumulativeAmount}`, cumulativeAmount, amount: 1n, spent: cumulativeAmount, at: 1 };
    return { ...record, authorized: cumulativeAmount, charges: [...record.charges, charge] };
  });
  return accepted;
}
