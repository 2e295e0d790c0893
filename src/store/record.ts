import type { Hex } from "viem";
import type { Channel, Escrow } from "../protocol/channel.ts";
import type { SignedTickVoucher, TickLink } from "../protocol/tick.ts";

/**
 * All that a payee keeps of one channel. Amounts are base units of the channel's token. Who writes what: the *observer*
 * what the chain says, the *payee* what was signed and spent. The keeper writes the journal and leases alone.
 */
export type ChannelRecord = {
  /** Lower-case channel id, the key. */
  readonly id: Hex;
  /** Where the channel lives. */
  readonly escrow: Escrow;
  /** Canonical descriptor. */
  readonly channel: Channel;

  /** Total locked, as of `block`. Observer. */
  readonly deposit: bigint;
  /** Cumulative amount paid out on-chain, as of `block`. Observer. */
  readonly settled: bigint;
  /** Unix seconds of block time; 0 while no close is pending. Observer. */
  readonly closeRequestedAt: bigint;
  /** Closed for good. Observer. */
  readonly finalized: boolean;
  /** The block that the four fields above were read at. Observer. */
  readonly block: { readonly number: bigint; readonly hash: Hex };

  /** Highest cumulative amount that the payer has signed. Payee. */
  readonly authorized: bigint;
  /** Value already delivered against `authorized`. Payee. */
  readonly spent: bigint;
  /**
   * Signature of the voucher over exactly `authorized`, 65 bytes; undefined before the first, and while `ticks` prove more than any
   * voucher. It is money: never log it. Payee.
   */
  readonly signature?: Hex;
  /**
   * The offer of ticks in force, and how far its chain was revealed. What it owes is never above `authorized`, and is `authorized`
   * itself where there is no `signature`. A newer plain voucher takes it away. Payee.
   */
  readonly ticks?: RevealedTicks;
  /** Whatever must land in the same write as the voucher; opaque here. Payee. */
  readonly evidence?: string;
  /** The last 256 charges, oldest first. Payee. */
  readonly charges: readonly Charge[];
  /**
   * Value held for requests that are still being served, in the order in which it was held; absent when there is none. One that has
   * not lapsed counts against the credit, `authorized - spent`. Payee.
   */
  readonly reservations?: readonly Reservation[];
  /** The payer's signed wish to leave, for the keeper to submit. Payee. */
  readonly closeRequest?: CloseRequest;
  /** The payee's signed consent to close at once, for the keeper to submit. From then on the payee accepts nothing. Payee. */
  readonly closeAuthorization?: CloseAuthorization;
};

/** One paid request: its key buys its receipt again, and never a second service. */
export type Charge = {
  /** The `Idempotency-Key`, by default the voucher's cumulative amount. */
  readonly key: string;
  /** The cumulative amount of the voucher that came with it. */
  readonly cumulativeAmount: bigint;
  /** The price. */
  readonly amount: bigint;
  /** `spent` after this charge. */
  readonly spent: bigint;
  /** Unix milliseconds of the payee's clock, for the receipt. */
  readonly at: number;
};

/** Value held for one request until its price is known. It outlives a restart, and lapses by itself if nobody comes back for it. */
export type Reservation = {
  /** The request's `Idempotency-Key`: the charge that it becomes has the same. */
  readonly key: string;
  /** The cumulative amount of the voucher that came with it. */
  readonly cumulativeAmount: bigint;
  /** Held: the most that the request may cost. */
  readonly amount: bigint;
  /** Unix milliseconds of the payee's clock from which it holds nothing any more. */
  readonly expiresAt: number;
};

/** All that `settleTicks` needs: the offer as it was signed, and the newest link. They are money: never log them. */
export type RevealedTicks = Readonly<Omit<SignedTickVoucher, "channelId"> & TickLink>;

export type CloseRequest = {
  /** The deposit that the request names. */
  readonly deposit: bigint;
  readonly signature: Hex;
};

export type CloseAuthorization = {
  readonly cumulativeAmount: bigint;
  /** Voucher over `cumulativeAmount`; `0x` when that is not above `settled`. */
  readonly voucherSignature: Hex;
  /** Unix seconds of block time, inclusive. */
  readonly deadline: bigint;
  /** The payee's. */
  readonly signature: Hex;
};
