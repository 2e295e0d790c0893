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
  // What the events of a round alone show.
  | "foreign-round"
  | "foreign-channel"
  | "out-of-time"
  | "wrong-status"
  | "malformed-list"
  | "gift-lowered"
  | "gifts-above-settled"
  | "not-accepted"
  | "wrongly-skipped"
  | "unweighed"
  | "standing-changed"
  | "wrong-admission"
  | "wrong-receipt"
  | "wrong-settlement"
  | "wrong-claim"
  | "wrong-payout"
  | "wrong-sponsor-refund"
  // What the events of a registry alone show.
  | "wrong-project"
  | "wrong-release"
  | "wrong-deposit-withdrawal"
  // What the token's own logs show.
  | "deposit-not-received"
  | "payout-mismatch"
  | "unexplained-transfer"
  // What the state at the audited block shows.
  | "state-mismatch"
  | "credit-mismatch"
  | "round-mismatch"
  | "project-mismatch"
  | "line-mismatch"
  | "standing-mismatch"
  | "receipt-mismatch"
  | "gate-mismatch"
  | "registry-mismatch"
  | "shortage"
  // What a collector's export shows.
  | "malformed-evidence"
  | "repeated-evidence"
  | "foreign-evidence"
  | "invalid-allocation"
  | "unsigned-voucher"
  | "unsigned-allocation"
  | "evidence-above-deposit"
  | "evidence-diverges"
  | "uncollected-gift"
  | "totals-mismatch";

/** One broken rule, with what it was expected to be and what it is. Amounts are base units. */
export type Fact = {
  readonly code: FactCode;
  /** One sentence for a person. */
  readonly message: string;
  /** The token concerned, where one is known. */
  readonly token?: Address;
  readonly channelId?: Hex;
  /** The round concerned. */
  readonly pool?: Address;
  /** The registry concerned. */
  readonly registry?: Address;
  readonly projectId?: bigint;
  readonly account?: Address;
  readonly expected?: bigint;
  readonly actual?: bigint;
  /** Where it happened; absent for facts about the state at the audited block. */
  readonly blockNumber?: bigint;
  readonly transactionHash?: Hex;
};
