import type { Address, Hash, Hex } from "viem";
import type { JournalEntry } from "../store/store.ts";

/** One transaction to make. */
export type SendRequest = {
  to: Address;
  data: Hex;
  value?: bigint;
  /** For the journal and the log: `settleBatch`, `withdraw`, … */
  purpose: string;
  channelIds: readonly Hex[];
  /** Most that the transaction may cost in wei, fee bumps included; a request above it is refused before it is signed. */
  maxCost?: bigint;
};

/** The only broadcaster of the library: own nonce, journal before broadcast, replacement of what is stuck. */
export type Sender = {
  readonly address: Address;
  /** Estimates, signs, journals, broadcasts. Resolves once journalled and sent; `wait` for the outcome. */
  send(request: SendRequest): Promise<JournalEntry>;
  /** Resolves when an entry is mined at the confirmation depth, reverted or dropped; bumps the fee of what is stuck. */
  wait(entry: JournalEntry): Promise<JournalEntry>;
  /** Entries neither mined nor failed, from the journal. */
  pending(): Promise<JournalEntry[]>;
  /** After a restart: re-broadcasts what is pending and reconciles nonces with the chain. */
  recover(): Promise<JournalEntry[]>;
};

export type TransactionHash = Hash;
