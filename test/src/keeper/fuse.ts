import { custom, type Transport } from "viem";
import type { ChannelStore } from "../../../src/store/index.ts";

/**
 * Everything that a keeper does to the outside goes through here. At the k-th step the process "dies": that step and all
 * after it fail. Whether the k-th step itself still happened is the second half of the matrix.
 */
export function createFuse(blowAt: number, happened: boolean) {
  let steps = 0;
  async function pass<T>(step: () => Promise<T>): Promise<T> {
    steps += 1;
    if (steps === blowAt && happened) await step();
    if (steps >= blowAt) throw new Error("the process died");
    return step();
  }
  return { pass, steps: () => steps };
}

export type Fuse = ReturnType<typeof createFuse>;

/** Only writes: a death before or after a read is the death before the next write. */
export function fusedTransport(real: Transport, fuse: Fuse): Transport {
  const { request } = real({ retryCount: 0 });
  return custom(
    {
      request: ({ method, params }: { method: string; params?: unknown }) => {
        const ask = () => request({ method, params } as never) as Promise<unknown>;
        return method === "eth_sendRawTransaction" || method === "eth_getTransactionReceipt" ? fuse.pass(ask) : ask();
      },
    },
    { retryCount: 0 },
  );
}

export function fusedStore(real: ChannelStore, fuse: Fuse): ChannelStore {
  return {
    get: (id) => real.get(id),
    list: (query) => real.list(query),
    update: (id, change) => fuse.pass(() => real.update(id, change)),
    lease: (request) => fuse.pass(() => real.lease(request)),
    release: (name, holder) => fuse.pass(() => real.release(name, holder)),
    meta: { get: (key) => real.meta.get(key), set: (key, value) => fuse.pass(() => real.meta.set(key, value)) },
    journal: { put: (entry) => fuse.pass(() => real.journal.put(entry)), list: (query) => real.journal.list(query) },
    close: () => real.close(),
  };
}
