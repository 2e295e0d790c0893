import type { Bounds } from "./matching.ts";

/** A round's immutable terms; times in seconds, amounts in base units. */
export type RoundTerms = Bounds & {
  matching: boolean;
  start: number;
  end: number;
  challengeEnd: number;
  settleBy: number;
  cap: bigint;
  /** What the gate answers; weight 0 is no. */
  gate: (donor: string, data: string) => { key: string; weightBps: number };
};

/** What a donor lists for one project: cumulative on a channel, an increment in a donation. */
export type Listed = { project: number; amount: bigint };

/** Money that one donor brought, by one channel or one donation. `received >= attributed + refunded`, always. */
export type Line = {
  donor: string;
  channel: boolean;
  /** Locked in the channel, base units. */
  deposit: bigint;
  /** Arrived at the pool or credited to it; on a channel what is settled. */
  received: bigint;
  /** When the payer asked the escrow to close; undefined before. */
  closeRequestedAt: number | undefined;
  closed: boolean;
  /** Attributed, by project. */
  gifts: Map<number, bigint>;
  refunded: bigint;
};

export type Project = {
  disqualified: boolean;
  /** All that was ever attributed to it, refunded or not, base units. */
  given: bigint;
  paid: bigint;
};

export type Receipt = { sponsor: string; deposit: bigint; refunded: boolean };

/** How an item comes to `collect`; each is in order unless told. */
export type Papers = {
  /** Without a voucher only what is settled already can be given. */
  voucher?: "signed" | "forged" | "absent";
  allocation?: "signed" | "forged";
  /** The list that stands, or another. */
  previous?: "standing" | "other";
};

/** What one `collect` brings: `gifts` are cumulative, `data` undefined gives without matching. */
export type Item = { line: string; gifts: readonly Listed[]; data: string | undefined } & Papers;

/** Why a verb is refused: the contracts' own error names, but for the first three, which the pool all calls `WrongStatus`. */
export type Reason =
  | "Refunding"
  | "AlreadySettled"
  | "NotSettled"
  | "AllocationDiverges"
  | "AllocationExceedsCash"
  | "AlreadyRefunded"
  | "AmountExceedsDeposit"
  | "AmountNotIncreasing"
  | "ChannelAlreadyExists"
  | "ChannelFinalized"
  | "ChannelNotFound"
  | "CloseNotReady"
  | "CloseNotRequested"
  | "CreditRemains"
  | "DonationExists"
  | "GiftsMismatch"
  | "GiftsNotAscending"
  | "InvalidSignature"
  | "InvalidStatus"
  | "NotDonor"
  | "NotEligible"
  | "NotMatching"
  | "NotOpen"
  | "ProjectAlreadyAdmitted"
  | "ProjectIsDisqualified"
  | "ProjectNotAccepted"
  | "ProjectNotAdmitted"
  | "ProjectNotFound"
  | "ReceiptNotFound"
  | "TooEarly"
  | "TooLate"
  | "TooManyGifts"
  | "WrongPair"
  | "ZeroAmount";

/** The model's refusal. */
export class Refused extends Error {
  readonly reason: Reason;
  constructor(reason: Reason) {
    super(reason);
    this.reason = reason;
  }
}

export function need(condition: boolean | undefined, reason: Reason): asserts condition {
  if (!condition) throw new Refused(reason);
}
