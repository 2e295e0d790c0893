import type { Client, Hex } from "viem";
import type { Channel, Escrow } from "../protocol/channel.ts";
import type { ChannelStore } from "../store/store.ts";
import { readOpened } from "./observer/opened.ts";
import { createPasses } from "./observer/passes.ts";
import { createReader, type Disagreement } from "./observer/reader.ts";
import { type Watch, watchStore } from "./observer/watch.ts";

/** What the chain says of a channel at one block, at the confirmation depth. Amounts in base units. */
export type Observed = {
  id: Hex;
  deposit: bigint;
  settled: bigint;
  /** Unix seconds, 0 while no close is pending. */
  closeRequestedAt: bigint;
  finalized: boolean;
  block: { number: bigint; hash: Hex; timestamp: bigint };
};

/** The only supplier of `deposit`, `settled`, `closeRequestedAt` and `finalized` in the whole library. */
export type Observer = {
  /** The block that is deep enough to trust: head minus confirmations. Its timestamp is the time to decide by. */
  block(): Promise<{ number: bigint; hash: Hex; timestamp: bigint }>;
  /** State of channels at that block, in the order asked. An unknown id has a deposit of 0. */
  read(ids: readonly Hex[]): Promise<Observed[]>;
  /** Channels of a payee ever opened, from logs, with their descriptors; for a start on an empty store. */
  opened(query: { payee: Hex; fromBlock?: bigint }): Promise<{ id: Hex; channel: Channel; deposit: bigint }[]>;
  /**
   * One pass: reads the logs after the store's cursor up to the trusted block, refreshes every stored channel that they
   * touch, then moves the cursor. On a reorganisation (the cursor's block hash is gone) it goes back and reads again.
   * Without a cursor it refreshes by state and starts one. `touched` are the records that changed.
   */
  sync(store: ChannelStore): Promise<{ from: bigint; to: bigint; touched: Hex[] }>;
  /** Refreshes every live channel of the store by state, without logs: what a lost log would have hidden. */
  poll(store: ChannelStore): Promise<{ block: bigint; touched: Hex[] }>;
  /** Passes without end: one for each new block, and a full poll now and then. Resolves `stop()` when the last has ended. */
  watch(store: ChannelStore, options?: Watch): () => Promise<void>;
};

export type ObserverOptions = {
  client: Client;
  escrow: Escrow;
  /** Blocks that must be on top of what is believed: 2 unless told, 0 for the head itself. */
  confirmations?: number | undefined;
  /** The escrow's deployment block, where `opened` starts; 0 unless told. */
  fromBlock?: bigint | undefined;
  /** Most blocks asked for in one log query: 5,000 unless told; halved whenever a provider refuses. */
  chunk?: bigint | undefined;
  /** A second, independent endpoint. Where the two disagree, the reading that stops sales and settles sooner is taken. */
  secondary?: Client | undefined;
  /** Told of each disagreement, and of a secondary that does not answer. */
  onDisagreement?: ((disagreement: Disagreement) => void) | undefined;
};

/**
 * Reads the chain for one escrow. Every method throws {@link ChainUnavailableError}, {@link WrongChainError} or
 * {@link StaleChainError}, and then has decided nothing.
 */
export function createObserver(options: ObserverOptions): Observer {
  const reader = createReader(options);
  const passes = createPasses({ reader, chunk: options.chunk ?? 5_000n });
  return {
    block: reader.block,
    read: async (ids) => reader.read(ids, await reader.block()),
    opened: (query) =>
      readOpened(reader, { fromBlock: options.fromBlock ?? 0n, chunk: options.chunk ?? 5_000n, ...query }),
    sync: passes.sync,
    poll: passes.poll,
    watch: (store, watch = {}) => watchStore({ client: options.client, passes, store, ...watch }),
  };
}
