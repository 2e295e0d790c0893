import type { Hex } from "viem";
import type { ChannelRecord } from "../../src/store/record.ts";
import type { ChannelStore } from "../../src/store/store.ts";

/** A store that lies: its updates resolve at once and are written a little later. What the kill series must be able to catch. */
export function answerBeforeWrite(store: ChannelStore, delay = 25): ChannelStore {
  const claimed = new Map<Hex, ChannelRecord>();
  const flush = (id: Hex) => store.update(id, () => claimed.get(id));
  const lying: Pick<ChannelStore, "get" | "update"> = {
    get: async (id) => claimed.get(id) ?? store.get(id),
    async update(id, change) {
      const stored = await store.get(id);
      const before = claimed.get(id) ?? stored;
      const after = change(before);
      if (!after || after === before) return before;
      claimed.set(id, after);
      setTimeout(() => void flush(id), delay);
      return after;
    },
  };
  return {
    ...lying,
    list: (query) => store.list(query),
    lease: (request) => store.lease(request),
    release: (name, holder) => store.release(name, holder),
    meta: store.meta,
    journal: store.journal,
    async close() {
      await Promise.all([...claimed.keys()].map(flush));
      await new Promise((resolve) => setTimeout(resolve, 2 * delay));
      await store.close();
    },
  };
}
