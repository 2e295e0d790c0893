import type { Hex } from "viem";
import type { Channel } from "../protocol/channel.ts";
import type { ChannelStore } from "../store/store.ts";

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
   */
  sync(store: ChannelStore): Promise<{ from: bigint; to: bigint; touched: Hex[] }>;
  /** Refreshes every live channel of the store by state, without logs: what a lost log would have hidden. */
  poll(store: ChannelStore): Promise<{ block: bigint; touched: Hex[] }>;
};
