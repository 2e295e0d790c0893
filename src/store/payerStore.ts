import type { Address, Hex } from "viem";
import type { Channel, Escrow } from "../protocol/channel.ts";

/** What a payer keeps of one channel. Amounts are base units. */
export type PayerRecord = {
  readonly id: Hex;
  readonly escrow: Escrow;
  readonly channel: Channel;
  /** Total locked, as last read from the chain. */
  readonly deposit: bigint;
  /** Highest cumulative amount ever signed: the payer's own mark, which no server can raise. Never decreases. */
  readonly authorized: bigint;
  /** Signature over `authorized`: the payer's copy heals a payee that lost its own. */
  readonly signature?: Hex;
  /** What belongs to the channel's vouchers, in one write with them; opaque to payer and store. A giver keeps its ledger here. */
  readonly evidence?: string;
  /** `opening`: journalled, perhaps not yet on-chain; `open`; `closing`: a close was asked for; `closed`. */
  readonly status: "opening" | "open" | "closing" | "closed";
  /** Spent per UTC day and in all, for budgets. */
  readonly spentToday: { readonly day: string; readonly amount: bigint };
};

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
