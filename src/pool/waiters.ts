import { GiftUnresolvedError } from "./deliver.ts";
import type { GiftReceipt, Ledger, Wish } from "./ledger.ts";

/** Who waits for which gift's receipt, by the wish's id. */
export type Waiters = ReturnType<typeof createWaiters>;

export function createWaiters() {
  const waiting = new Map<string, { resolve: (receipt: GiftReceipt) => void; reject: (error: unknown) => void }>();

  function resolve(receipt: GiftReceipt): void {
    waiting.get(receipt.id)?.resolve(receipt);
    waiting.delete(receipt.id);
  }

  function reject(id: string, error: unknown): void {
    waiting.get(id)?.reject(error);
    waiting.delete(id);
  }

  return {
    /** Resolves with the wish's receipt. */
    wait: ({ id }: Wish) => new Promise<GiftReceipt>((resolve, reject) => waiting.set(id, { resolve, reject })),
    resolve,
    reject(wishes: readonly Wish[], error: unknown): void {
      for (const { id } of wishes) reject(id, error);
    },
    rejectAll(error: unknown): void {
      for (const id of waiting.keys()) reject(id, error);
    },
    /**
     * Another giver on the same store may have heard the answer to what was asked for here: of what is neither queued nor under
     * way any more, the ledger has the receipt, or nobody knows.
     */
    settle({ pending, alone, receipts }: Ledger, queued: readonly Wish[]): void {
      const open = new Set([...queued, ...(pending?.wishes ?? []), ...(alone?.wishes ?? [])].map(({ id }) => id));
      for (const id of waiting.keys()) {
        if (open.has(id)) continue;
        const receipt = receipts.find((one) => one.id === id);
        if (receipt) resolve(receipt);
        else reject(id, new GiftUnresolvedError());
      }
    },
  };
}
