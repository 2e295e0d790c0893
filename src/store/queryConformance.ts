import { same } from "./conformanceCase.ts";
import type { ChannelRecord } from "./record.ts";
import { sampleAddress, sampleId, sampleRecord } from "./sample.ts";
import type { ChannelQuery, ChannelStore } from "./store.ts";

const closeRequest = { deposit: 1_000_000n, signature: "0x12" } as const;
const closeAuthorization = { cumulativeAmount: 0n, voucherSignature: "0x", deadline: 1n, signature: "0x34" } as const;

/** Forty channels in every standing, and closed ones that would match but for being closed. */
const population: ChannelRecord[] = Array.from({ length: 40 }, (_, n) => {
  const record = sampleRecord(n, {
    authorized: n % 2 === 0 ? 10n ** 30n : 5n,
    settled: n % 4 === 0 ? 9n : 5n,
    closeRequestedAt: n % 3 === 0 ? 1_700_000_000n : 0n,
    finalized: n % 5 === 0,
    ...(n % 7 === 0 ? { closeRequest } : {}),
    ...(n % 11 === 0 ? { closeAuthorization } : {}),
  });
  const payer = sampleAddress(100 + (n % 6));
  const payee = sampleAddress(200 + (n % 2));
  return { ...record, channel: { ...record.channel, payer, payee, token: sampleAddress(300 + (n % 3)) } };
});

const parties: ChannelQuery[] = [
  {},
  { payer: sampleAddress(100) },
  { payee: sampleAddress(201) },
  { token: sampleAddress(302) },
  { payee: sampleAddress(200), token: sampleAddress(300) },
  { payer: sampleAddress(103), payee: sampleAddress(201), token: sampleAddress(300) },
  { payee: sampleAddress(999) },
];
const standings: ChannelQuery[] = [
  {},
  { live: true },
  { unsettled: true },
  { closing: true },
  { leaving: true },
  { unsettled: true, closing: true },
  { live: true, unsettled: true, closing: true, leaving: true },
];
const queries = parties.flatMap((party) => standings.map((standing) => ({ ...party, ...standing })));

/** What `list` must answer. Every query is checked against a plain filter over what was written. */
export const queryConformance: Record<string, (store: ChannelStore) => Promise<void>> = {
  "list gives exactly what matches, ordered by id": async (store) => {
    await fill(store);
    for (const query of queries) same(ids(await store.list(query)), expected(query), describe(query));
    const whole = await store.list({ unsettled: true });
    same(
      whole[0],
      population.find(({ id }) => id === whole[0]?.id),
      "whole records",
    );
  },

  "list in pages gives each record once, whatever the page": async (store) => {
    await fill(store);
    for (const query of queries) {
      for (const limit of [1, 3, 100]) same(await pages(store, { ...query, limit }), expected(query), describe(query));
    }
    const middle = expected({})[20] ?? "0x";
    const between = `0x${(BigInt(middle) + 1n).toString(16).padStart(64, "0")}` as const;
    same(ids(await store.list({ after: between })), expected({}).slice(21), "after an id that is not there");
    same(await store.list({ limit: 0 }), [], "a limit of none");
  },

  "list gives at most 1,000 unless told": async (store) => {
    const many = Array.from({ length: 1_010 }, (_, n) => sampleRecord(n));
    await Promise.all(many.map((record) => store.update(record.id, () => record)));
    same((await store.list({ live: true })).length, 1_000, "unless told");
    same((await store.list({ live: true, limit: 1_005 })).length, 1_005, "when told");
    same((await pages(store, { live: true })).length, 1_010, "in pages");
  },

  "a record leaves and enters a list as it changes": async (store) => {
    await store.update(sampleId(1), () => sampleRecord(1));
    const check = async (changes: Partial<ChannelRecord>, standing: string) => {
      await store.update(sampleId(1), (record) => record && { ...record, ...changes });
      const names = ["live", "unsettled", "closing", "leaving"] as const;
      const { payer } = sampleRecord(1).channel;
      const found = await Promise.all(names.map((name) => store.list({ [name]: true, payer })));
      same(names.filter((_, index) => found[index]?.length === 1).join(" "), standing, standing || "nothing");
      const everybodys = await Promise.all(names.map((name) => store.list({ [name]: true })));
      same(names.filter((_, index) => everybodys[index]?.length === 1).join(" "), standing, standing || "nothing");
    };
    await check({}, "live");
    await check({ authorized: 6n }, "live unsettled");
    await check({ settled: 6n }, "live");
    await check({ authorized: 10n }, "live unsettled");
    await check({ closeRequestedAt: 1n }, "live unsettled closing");
    await check({ closeRequestedAt: 0n, closeRequest }, "live unsettled leaving");
    await check({ closeRequestedAt: 2n, closeAuthorization }, "live unsettled closing leaving");
    await check({ finalized: true }, "");
    same((await store.list()).length, 1, "a closed channel, when all are asked for");
    await check({ finalized: false }, "live unsettled closing leaving");
  },
};

async function fill(store: ChannelStore): Promise<void> {
  await Promise.all(population.map((record) => store.update(record.id, () => record)));
}

async function pages(store: ChannelStore, query: ChannelQuery): Promise<string[]> {
  const found: string[] = [];
  for (let page = await store.list(query); page.length > 0; ) {
    found.push(...ids(page));
    const last = page.at(-1);
    page = last ? await store.list({ ...query, after: last.id }) : [];
  }
  return found;
}

function expected({ payee, token, payer, ...standing }: ChannelQuery): string[] {
  const matching = population.filter(({ channel, ...record }) => {
    const unsettled = record.authorized > record.settled;
    const leaving = record.closeRequest !== undefined || record.closeAuthorization !== undefined;
    return (
      (!payee || channel.payee === payee) &&
      (!token || channel.token === token) &&
      (!payer || channel.payer === payer) &&
      (Object.keys(standing).length === 0 || !record.finalized) &&
      (!standing.unsettled || unsettled) &&
      (!standing.closing || record.closeRequestedAt > 0n) &&
      (!standing.leaving || leaving)
    );
  });
  return ids(matching).sort();
}

function ids(records: readonly ChannelRecord[]): string[] {
  return records.map(({ id }) => id);
}

function describe(query: ChannelQuery): string {
  return `list(${JSON.stringify(query)})`;
}
