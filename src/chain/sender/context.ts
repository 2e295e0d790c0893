import type { Client, LocalAccount } from "viem";
import type { Journal } from "../../store/store.ts";
import { ChainUnavailableError, chainFailure } from "../failure.ts";
import type { SenderOptions } from "../sender.ts";
import type { Mutex } from "./mutex.ts";
import type { Policy } from "./policy.ts";

/** What the parts of a sender share. */
export type Context = {
  client: Client;
  account: LocalAccount;
  journal: Journal;
  clock: () => number;
  lease?: (() => Promise<boolean>) | undefined;
  confirmations: bigint;
  policy: Policy;
  onFault?: SenderOptions["onFault"];
  /** Whatever writes the journal does it one at a time. */
  exclusive: Mutex;
};

/** Asks a node for a fact; a failure is the node's, even if it looks like a revert. */
export async function asking<T>(doing: string, ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    const failure = chainFailure(error, doing);
    if (failure.code === "reverted") throw new ChainUnavailableError(doing, failure.message);
    throw failure;
  }
}
