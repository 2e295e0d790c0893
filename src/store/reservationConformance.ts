import { rejects, same } from "./conformanceCase.ts";
import type { ChannelRecord, Reservation } from "./record.ts";
import { sampleId, sampleRecord } from "./sample.ts";
import type { ChannelStore } from "./store.ts";

const largest = 2n ** 128n - 1n;

/** What a store does with value that is held for requests. */
export const reservationConformance: Record<string, (store: ChannelStore) => Promise<void>> = {
  "reservations come back exactly and in order, and leave without a trace": async (store) => {
    const put = (record: ChannelRecord) => store.update(record.id, () => record);
    const reservations = [held("b", largest), held("a", 1n)];
    await put(sampleRecord(1, { reservations }));
    same((await store.get(sampleId(1)))?.reservations, reservations, "stored");
    same((await store.list({ live: true }))[0]?.reservations, reservations, "listed");
    await put(sampleRecord(1, { reservations: [held("a", 1n)] }));
    same((await store.get(sampleId(1)))?.reservations, [held("a", 1n)], "the first is gone");
    await rejects(put(sampleRecord(1, { reservations: [held("a", -1n)] })), "invalid-record", "less than nothing");
    await put(sampleRecord(1));
    same(await store.get(sampleId(1)), sampleRecord(1), "none");
  },
};

function held(key: string, amount: bigint): Reservation {
  return { key, cumulativeAmount: largest, amount, expiresAt: 1_700_000_000_000 };
}
