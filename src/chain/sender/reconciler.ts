import type { TransactionReceipt } from "viem";
import { getBlock, getTransactionCount, getTransactionReceipt } from "viem/actions";
import type { JournalEntry } from "../../store/store.ts";
import { reasonOf } from "../failure.ts";
import type { Attempts } from "./attempts.ts";
import { type Book, LeaseLostError, NotJournalledError } from "./book.ts";
import { asking, type Context } from "./context.ts";

/** What one look at the chain says of a pending entry. */
type Finding =
  /** A receipt is deep enough. */
  | { is: "final"; receipt: TransactionReceipt }
  /** A receipt is there, but a reorganisation may still take it. */
  | { is: "shallow" }
  /** Its nonce is used, and none of its hashes has a receipt. */
  | { is: "overtaken" }
  | { is: "absent" };

/** Finds out what became of journalled transactions, and helps those that are stuck. */
export function createReconciler(context: Context, book: Book, attempts: Attempts) {
  const { client, clock, policy, exclusive } = context;

  async function wait(given: JournalEntry, options: { signal?: AbortSignal } = {}): Promise<JournalEntry> {
    let sentAt = clock();
    let signedAt = sentAt;
    let overtaken = 0;
    let entry = given;
    for (;;) {
      try {
        await book.requireLease();
        entry = await book.current(given);
        const finding = entry.status === "pending" ? await look(entry) : undefined;
        overtaken = finding?.is === "overtaken" ? overtaken + 1 : 0;
        if (finding?.is === "final") entry = await finish(entry, finding.receipt);
        else if (overtaken >= policy.dropAfterLooks) entry = await drop(entry);
        else if (finding?.is === "absent") entry = await help(entry);
        if (entry.status !== "pending") return entry;
      } catch (error) {
        if (error instanceof LeaseLostError || error instanceof NotJournalledError) throw error;
        context.onFault?.({ entry, reason: reasonOf(error) });
      }
      if (options.signal?.aborted) return entry;
      await pause(policy.pollMs, options.signal);
    }

    async function help(stuck: JournalEntry): Promise<JournalEntry> {
      const now = clock();
      if (now - signedAt >= policy.bumpAfterMs) {
        signedAt = now;
        const replaced = await attempts.bump(stuck);
        if (replaced.attempts.length > stuck.attempts.length) sentAt = now;
        return replaced;
      }
      if (now - sentAt >= policy.rebroadcastAfterMs) {
        sentAt = now;
        await attempts.broadcast(stuck);
      }
      return stuck;
    }
  }

  async function recover(): Promise<JournalEntry[]> {
    await book.requireLease();
    await book.chainId();
    const results: JournalEntry[] = [];
    for (const entry of await book.pending()) {
      const finding = await look(entry);
      if (finding.is === "absent") await attempts.broadcast(entry);
      results.push(finding.is === "final" ? await finish(entry, finding.receipt) : entry);
    }
    return results;
  }

  /** The nonce is read before the receipts, so that a nonce used by one of our hashes has its receipt by then. */
  async function look(entry: JournalEntry): Promise<Finding> {
    const { number: head } = await asking("reading the newest block", () => getBlock(client, { blockTag: "latest" }));
    const deep = head > context.confirmations ? head - context.confirmations : 0n;
    const { address } = book;
    const used = await asking("reading the nonce", () => getTransactionCount(client, { address, blockNumber: deep }));
    const receipt = await receiptOf(entry);
    if (receipt) return receipt.blockNumber <= deep ? { is: "final", receipt } : { is: "shallow" };
    return { is: used > entry.nonce ? "overtaken" : "absent" };
  }

  /** A receipt of any of the entry's hashes. Not found says nothing of a transaction, only of this node. */
  async function receiptOf(entry: JournalEntry): Promise<TransactionReceipt | undefined> {
    for (const { hash } of entry.attempts) {
      const receipt = await asking("reading a receipt", () =>
        getTransactionReceipt(client, { hash }).catch((error: Error) => {
          if (error.name === "TransactionReceiptNotFoundError") return undefined;
          throw error;
        }),
      );
      if (receipt?.transactionHash.toLowerCase() === hash) return receipt;
    }
    return undefined;
  }

  function finish(entry: JournalEntry, receipt: TransactionReceipt): Promise<JournalEntry> {
    const { transactionHash, blockNumber, gasUsed, effectiveGasPrice } = receipt;
    const outcome = {
      hash: transactionHash,
      blockNumber,
      gasUsed,
      fee: gasUsed * effectiveGasPrice + dataFee(receipt),
    };
    return end(entry, { status: receipt.status === "success" ? "mined" : "reverted", outcome });
  }

  function drop(entry: JournalEntry): Promise<JournalEntry> {
    return end(entry, { status: "dropped" });
  }

  /** Ends an entry once; attempts added meanwhile stay. */
  function end(entry: JournalEntry, ending: Pick<JournalEntry, "status" | "outcome">): Promise<JournalEntry> {
    return exclusive(async () => {
      const current = await book.current(entry);
      if (current.status !== "pending" || (ending.status === "dropped" && grew(entry, current))) return current;
      await book.requireLease();
      return book.put({ ...current, ...ending });
    });
  }

  return { wait, recover };
}

function grew(before: JournalEntry, after: JournalEntry): boolean {
  return after.attempts.length > before.attempts.length;
}

/** The L1 data fee that OP-stack receipts carry, wei; 0 on other chains. */
function dataFee(receipt: TransactionReceipt): bigint {
  const { l1Fee } = receipt as { l1Fee?: unknown };
  if (typeof l1Fee === "bigint") return l1Fee;
  return typeof l1Fee === "string" && /^0x[0-9a-f]+$/i.test(l1Fee) ? BigInt(l1Fee) : 0n;
}

function pause(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(done, milliseconds);
    signal?.addEventListener("abort", done);
    if (signal?.aborted) done();
    function done() {
      clearTimeout(timer);
      signal?.removeEventListener("abort", done);
      resolve();
    }
  });
}
