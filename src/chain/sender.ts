import type { Address, Client, Hex, LocalAccount } from "viem";
import type { Journal, JournalEntry } from "../store/store.ts";
import { createAttempts, type SentRevert } from "./sender/attempts.ts";
import { createBook } from "./sender/book.ts";
import { createMutex } from "./sender/mutex.ts";
import { type Policy, withDefaults } from "./sender/policy.ts";
import { createReconciler } from "./sender/reconciler.ts";

/** One transaction to make. */
export type SendRequest = {
  to: Address;
  data: Hex;
  value?: bigint;
  /** What it may use, where an estimate would mislead: a call that swallows what goes wrong inside. Estimated unless told. */
  gas?: bigint | undefined;
  /** Names the reason of the contract that is called; the escrow's unless told. */
  decode?: ((error: unknown) => SentRevert | undefined) | undefined;
  /** For the journal and the log: `settleBatch`, `withdraw`, … */
  purpose: string;
  channelIds: readonly Hex[];
  /** Most that its gas may cost in wei, fee bumps included; a request above it is refused before it is signed. */
  maxCost?: bigint;
};

/** The only broadcaster of the library: own nonce, journal before broadcast, replacement of what is stuck. */
export type Sender = {
  readonly address: Address;
  /** Simulates, signs, journals, broadcasts. Resolves once journalled and sent; `wait` for the outcome. */
  send(request: SendRequest): Promise<JournalEntry>;
  /**
   * Resolves when an entry is mined at the confirmation depth, reverted or dropped; bumps the fee of what is stuck. When
   * `signal` is aborted it resolves with the entry as it is then. A node that does not answer is waited for; a lost lease
   * throws {@link LeaseLostError}, and leaves the entry to whoever leads.
   */
  wait(entry: JournalEntry, options?: { signal?: AbortSignal }): Promise<JournalEntry>;
  /** Entries neither mined nor failed, from the journal. */
  pending(): Promise<JournalEntry[]>;
  /** After a restart: re-broadcasts what is pending and reconciles nonces with the chain. Resolves with what was pending. */
  recover(): Promise<JournalEntry[]>;
};

export type SenderOptions = {
  client: Client;
  /** A key of the sender's own: nothing else may send from it. */
  account: LocalAccount;
  journal: Journal;
  /** Unix milliseconds; for pacing and the journal alone. */
  clock: () => number;
  /** Asked before each signature and broadcast: whether this process still leads. */
  lease?: (() => Promise<boolean>) | undefined;
  /** Blocks on top of a receipt before it counts: 2 unless told, 0 for the head itself. */
  confirmations?: number | undefined;
  policy?: Partial<Policy> | undefined;
  /** Told of what went wrong and was survived: a broadcast that failed, a node that did not answer. Never a signature. */
  onFault?: ((fault: { entry: JournalEntry | undefined; reason: string }) => void) | undefined;
};

/**
 * Makes transactions from one key.
 * `send` throws {@link WouldRevertError}, {@link CostAboveCapError}, {@link OutOfFundsError}, {@link LeaseLostError},
 * {@link WrongChainError} and {@link ChainUnavailableError}, all before anything is signed.
 */
export function createSender(options: SenderOptions): Sender {
  const policy = withDefaults(options.policy);
  const context = { ...options, policy, confirmations: BigInt(options.confirmations ?? 2), exclusive: createMutex() };
  const book = createBook(context);
  const attempts = createAttempts(context, book);
  const reconciler = createReconciler(context, book, attempts);
  return {
    address: book.address,
    send: attempts.send,
    wait: reconciler.wait,
    pending: book.pending,
    recover: reconciler.recover,
  };
}
