import type { Address, Hex } from "viem";
import type { Channel, Escrow } from "../protocol/channel.ts";
import type { SignedTickVoucher } from "../protocol/tick.ts";

/** What a payer keeps of one channel. Amounts are base units. */
export type PayerRecord = {
  readonly id: Hex;
  readonly escrow: Escrow;
  readonly channel: Channel;
  /** Total locked, as last read from the chain. */
  readonly deposit: bigint;
  /** Highest cumulative amount ever signed or revealed: the payer's own mark, which no server can raise. Never decreases. */
  readonly authorized: bigint;
  /** Of the voucher over exactly `authorized`: the payer's copy heals a payee that lost its own. Undefined once ticks owe more. */
  readonly signature?: Hex;
  /** The hash chain that pays the channel's ticks; a newer plain voucher takes it away. */
  readonly ticks?: OfferedTicks;
  /** What belongs to the channel's vouchers, in one write with them; opaque to payer and store. A giver keeps its ledger here. */
  readonly evidence?: string;
  /** `opening`: journalled, perhaps not yet on-chain; `open`; `closing`: a close was asked for; `closed`. */
  readonly status: "opening" | "open" | "closing" | "closed";
  /** Spent per UTC day and in all, for budgets. */
  readonly spentToday: { readonly day: string; readonly amount: bigint };
};

/** A chain whose root was signed for this channel. */
export type OfferedTicks = Readonly<
  Omit<SignedTickVoucher, "channelId"> & {
    /** The chain's far end, 32 bytes: it pays every tick of the chain, so keep it as a key. */
    secret: Hex;
    /** Ticks that the chain can pay. */
    length: number;
    /** Ticks that were revealed, counted before the link left. Never decreases. */
    ticks: number;
  }
>;

/** Where a payer keeps its channels: memory, a file, IndexedDB. A promise that resolved means durable. */
export interface PayerStore {
  get(id: Hex): Promise<PayerRecord | undefined>;
  /** As `ChannelStore.update`: atomic, `change` is pure and may run again. */
  update(
    id: Hex,
    change: (record: PayerRecord | undefined) => PayerRecord | undefined,
  ): Promise<PayerRecord | undefined>;
  list(query?: { payee?: Address; token?: Address; payer?: Address }): Promise<PayerRecord[]>;
  close(): Promise<void>;
}
