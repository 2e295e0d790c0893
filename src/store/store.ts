import type { Address, Hex } from "viem";
import type { ChannelRecord } from "./record.ts";

/**
 * Where a payee's channels, its keeper's journal and their leases live. Every adapter passes the same conformance suite.
 * A promise that resolved means durable: after that no crash loses it.
 */
export interface ChannelStore {
  /**
   * What is stored, or undefined.
   * @param options.atHand What was read or written here before will do, without asking whether another process has changed it since:
   * for who goes on to an `update`, which decides on what is stored.
   */
  get(id: Hex, options?: { atHand?: boolean }): Promise<ChannelRecord | undefined>;

  /**
   * Atomically replaces one record by `change(record)`, where `record` is undefined if there is none, and resolves with
   * what is stored, once durable. `change` is pure: it may run again. Returning the same object, or undefined, writes
   * nothing. An error that it throws rejects the promise and writes nothing.
   * @param options.payerLimit Most that the payer may owe, base units, over all of its channels to this payee in this token that are
   * not finalized, `authorized - settled` each. An update that lets this one owe more, and them all more than that, rejects with
   * `PayerLimitError` and writes nothing: exactly, whatever other processes write meanwhile under a limit.
   */
  update(
    id: Hex,
    change: (record: ChannelRecord | undefined) => ChannelRecord | undefined,
    options?: { payerLimit?: bigint },
  ): Promise<ChannelRecord | undefined>;

  /** Records that match, ordered by id. Page with `after`, the last id seen. Indexed: never a scan of closed channels. */
  list(query?: ChannelQuery): Promise<ChannelRecord[]>;

  /** Takes or renews the named lease for `holder`; undefined while another holds it unexpired. */
  lease(request: LeaseRequest): Promise<Lease | undefined>;

  /** Gives a lease back; nothing happens if `holder` does not have it. */
  release(name: string, holder: string): Promise<void>;

  /** Small durable facts: whose store this is, how far the chain was read. */
  readonly meta: {
    get(key: string): Promise<string | undefined>;
    set(key: string, value: string): Promise<void>;
  };

  /** Transactions, written before they are broadcast. */
  readonly journal: Journal;

  close(): Promise<void>;
}

export type ChannelQuery = {
  payee?: Address;
  token?: Address;
  payer?: Address;
  /** Not finalized. Implied by the next four. */
  live?: true;
  /** `authorized > settled`. */
  unsettled?: true;
  /** A close is pending on-chain. */
  closing?: true;
  /** Carries a `closeRequest` or a `closeAuthorization`. */
  leaving?: true;
  /** Only ids above this one. */
  after?: Hex;
  /** At most this many; 1,000 unless told. */
  limit?: number;
};

export type LeaseRequest = {
  name: string;
  holder: string;
  /** How long the lease is good, milliseconds. */
  ttl: number;
  /** The caller's clock, Unix milliseconds. */
  now: number;
};

export type Lease = { name: string; holder: string; expiresAt: number };

/** The record of one transaction from before it is first broadcast to its end. */
export type JournalEntry = {
  /** Unique, made by the sender. */
  readonly id: string;
  readonly chainId: number;
  /** The sending account, lower case. */
  readonly account: Address;
  readonly nonce: number;
  readonly to: Address;
  readonly data: Hex;
  readonly value: bigint;
  /** What it is for, in words for a person and a program: `settleBatch`, `withdraw`, … */
  readonly purpose: string;
  /** Channels it touches. */
  readonly channelIds: readonly Hex[];
  /** Every signed variant, oldest first: a replacement with a higher fee has the same nonce. */
  readonly attempts: readonly { readonly hash: Hex; readonly raw: Hex; readonly maxFeePerGas: bigint }[];
  /**
   * `pending`: signed and journalled, perhaps broadcast; `mined`: one of the hashes succeeded at the confirmation depth;
   * `reverted`: one was mined and reverted; `dropped`: its nonce was used by something else.
   */
  readonly status: "pending" | "mined" | "reverted" | "dropped";
  /** The hash that was mined, its block and its gas. */
  readonly outcome?: {
    readonly hash: Hex;
    readonly blockNumber: bigint;
    readonly gasUsed: bigint;
    readonly fee: bigint;
  };
  /** Most that its gas may cost in wei, fee bumps included; it outlives a restart. */
  readonly maxCost?: bigint;
  /** Unix milliseconds of the sender's clock. */
  readonly createdAt: number;
};

export interface Journal {
  /** Inserts or replaces by id, durable when it resolves. */
  put(entry: JournalEntry): Promise<void>;
  /** Entries of an account by nonce, then time; `pending` alone when asked. */
  list(query: { chainId: number; account?: Address; status?: JournalEntry["status"] }): Promise<JournalEntry[]>;
}
