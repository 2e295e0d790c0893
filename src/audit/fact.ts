import type { Address, Hex } from "viem";

/** Stable words for what an audit can find broken. */
export type FactCode =
  // What the events alone show, by `replay`.
  | "id-mismatch"
  | "reopened"
  | "invalid-open"
  | "unknown-channel"
  | "after-close"
  | "deposit-not-increasing"
  | "deposit-too-large"
  | "settled-above-deposit"
  | "settled-not-increasing"
  | "close-already-requested"
  | "no-close-to-cancel"
  | "wrong-ready-time"
  | "early-refund"
  | "wrong-refund"
  | "credit-unowed"
  | "wrong-credit-withdrawal"
  | "impossible-event"
  // What the token's own logs show.
  | "deposit-not-received"
  | "payout-mismatch"
  // What the state at the audited block shows.
  | "state-mismatch"
  | "credit-mismatch"
  | "shortage";

/** One broken rule, with what it was expected to be and what it is. Amounts are base units. */
export type Fact = {
  readonly code: FactCode;
  /** One sentence for a person. */
  readonly message: string;
  /** The token concerned, where one is known. */
  readonly token?: Address;
  readonly channelId?: Hex;
  readonly account?: Address;
  readonly expected?: bigint;
  readonly actual?: bigint;
  /** Where it happened; absent for facts about the state at the audited block. */
  readonly blockNumber?: bigint;
  readonly transactionHash?: Hex;
};
