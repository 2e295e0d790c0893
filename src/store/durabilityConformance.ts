import type { OpenChannelStore } from "./conformance.ts";
import { type ConformanceCase, same } from "./conformanceCase.ts";
import type { SetTime } from "./ledgerConformance.ts";
import { sampleRecord, sampleTicks } from "./sample.ts";

/** What a store that outlives its process must still have when it is opened again. */
export function durabilityConformance(open: OpenChannelStore, setTime: SetTime): ConformanceCase {
  const name = "everything that resolved is there after closing and opening again";
  return {
    name,
    run: async () => {
      const before = await open(name);
      const charge = { key: "k", cumulativeAmount: 9n, amount: 9n, spent: 9n, at: 9 };
      const reservations = [{ key: "r", cumulativeAmount: 9n, amount: 2n, expiresAt: 9 }];
      const record = sampleRecord(1, { authorized: 9n, charges: [charge], reservations, ticks: sampleTicks() });
      await before.update(record.id, () => record);
      await before.meta.set("cursor", "12");
      await setTime(5_000);
      await before.lease({ name: "keeper", holder: "a", ttl: 1_000, now: 5_000 });
      // Not awaited: closing lets what was asked before it finish.
      const last = before.update(sampleRecord(2).id, () => sampleRecord(2));
      await before.close();
      await last;
      const after = await open(name);
      try {
        same(await after.get(record.id), record, "the record");
        same((await after.list()).length, 2, "records");
        same(await after.meta.get("cursor"), "12", "the fact");
        await setTime(5_500);
        const lease = await after.lease({ name: "keeper", holder: "b", ttl: 1_000, now: 5_500 });
        same(lease, undefined, "another's lease");
      } finally {
        await after.close();
      }
    },
  };
}
