import type { TransactionReceipt } from "viem";
import { getBlock, getTransactionCount, getTransactionReceipt } from "viem/actions";
import type { JournalEntry } from "../../store/store.ts";
import { reasonOf } from "../failure.ts";
import { type Attempts, asking, type Context } from "./attempts.ts";

/** Finding out what became of journalled transactions, and helping those that are stuck. */
export function createReconciler(context: Context, attempts: Attempts) {
  const { client, journal, clock, policy } = context;

  async function wait(entry: JournalEntry, options: { signal?: AbortSignal } = {}): Promise<JournalEntry> {
    let current = await newest(entry);
    let sentAt = clock();
    let signedAt = sentAt;
    let unseen = 0;
    while (current.status === "pending" && !options.signal?.aborted) {
      try {
        const found = await look(current, unseen + 1 >= policy.dropAfterLooks);
        if (found.entry.status !== "pending") return found.entry;
        unseen = found.consumed ? unseen + 1 : 0;
        if (!found.seen && !found.consumed && (await attempts.leads())) {
          const now = clock();
          const replaced = now - signedAt >= policy.bumpAfterMs ? await attempts.bump(current) : undefined;
          if (replaced) current = replaced;
          else if (now - sentAt >= policy.rebroadcastAfterMs) await attempts.broadcast(current);
          if (replaced) signedAt = now;
          if (replaced || now - sentAt >= policy.rebroadcastAfterMs) sentAt = now;
        }
      } catch (error) {
        context.onFault?.({ entry: current, reason: reasonOf(error) });
      }
      await pause(policy.pollMs, options.signal);
    }
    return current;
  }

  async function recover(): Promise<JournalEntry[]> {
    const entries = await attempts.pending();
    const results: JournalEntry[] = [];
    for (const entry of entries) {
      const found = await look(entry, false);
      if (found.entry.status === "pending" && !found.seen && !found.consumed && (await attempts.leads())) {
        await attempts.broadcast(entry);
      }
      results.push(found.entry);
    }
    return results;
  }

  /** The journal's own copy: a caller's may be older than the last replacement. */
  async function newest(entry: JournalEntry): Promise<JournalEntry> {
    const pending = await attempts.pending();
    return pending.find(({ id }) => id === entry.id) ?? entry;
  }

  /** One look at the chain. The nonce is read before the receipts, so that a used nonce must have its receipt. */
  async function look(entry: JournalEntry, mayDrop: boolean) {
    const depth = await trusted();
    const consumed = (await countAt(depth)) > entry.nonce;
    const receipt = await receiptOf(entry);
    if (receipt && receipt.blockNumber <= depth) {
      attempts.used(entry.nonce);
      return { entry: await finish(entry, receipt), seen: true, consumed };
    }
    if (!receipt && consumed && mayDrop) {
      attempts.used(entry.nonce);
      const dropped: JournalEntry = { ...entry, status: "dropped" };
      await journal.put(dropped);
      return { entry: dropped, seen: false, consumed };
    }
    return { entry, seen: receipt !== undefined, consumed: consumed && !receipt };
  }

  async function finish(entry: JournalEntry, receipt: TransactionReceipt): Promise<JournalEntry> {
    const { transactionHash: hash, blockNumber, gasUsed, effectiveGasPrice } = receipt;
    const fee = gasUsed * effectiveGasPrice + dataFee(receipt);
    const status = receipt.status === "success" ? "mined" : "reverted";
    const done: JournalEntry = { ...entry, status, outcome: { hash, blockNumber, gasUsed, fee } };
    await journal.put(done);
    return done;
  }

  async function receiptOf(entry: JournalEntry): Promise<TransactionReceipt | undefined> {
    for (const { hash } of entry.attempts) {
      const receipt = await asking("reading a receipt", () =>
        getTransactionReceipt(client, { hash }).catch((error: Error) => {
          // Not found means pending: it says nothing of the transaction, only of this node.
          if (error.name === "TransactionReceiptNotFoundError") return undefined;
          throw error;
        }),
      );
      if (receipt && receipt.transactionHash === hash) return receipt;
    }
    return undefined;
  }

  async function trusted(): Promise<bigint> {
    const { number } = await asking("reading the newest block", () => getBlock(client, { blockTag: "latest" }));
    return number > context.confirmations ? number - context.confirmations : 0n;
  }

  function countAt(blockNumber: bigint): Promise<number> {
    const { address } = context.account;
    return asking("reading the nonce", () => getTransactionCount(client, { address, blockNumber }));
  }

  return { wait, recover };
}

/** The L1 data fee that OP-stack receipts carry, wei. */
function dataFee(receipt: TransactionReceipt): bigint {
  const { l1Fee } = receipt as { l1Fee?: unknown };
  if (typeof l1Fee === "bigint") return l1Fee;
  return typeof l1Fee === "string" && /^0x[0-9a-f]+$/i.test(l1Fee) ? BigInt(l1Fee) : 0n;
}

function pause(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, milliseconds);
    signal?.addEventListener("abort", done);
  });
}
