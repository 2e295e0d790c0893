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
  closed: boolean;
  /** Attributed, by project. */
  gifts: Map<number, bigint>;
  refunded: bigint;
};

export type Project = { accepted: boolean; disqualified: boolean; paid: bigint };

export type Receipt = { sponsor: string; deposit: bigint; refunded: boolean };

/** Why a verb is refused. */
export type Reason =
  | "NotOpen"
  | "NotMatching"
  | "TooEarly"
  | "TooLate"
  | "Refunding"
  | "AlreadySettled"
  | "NotSettled"
  | "InvalidAllocation"
  | "AllocationDiverges"
  | "AllocationExceedsCash"
  | "NotEligible"
  | "NotAccepted"
  | "Unknown"
  | "AlreadyKnown"
  | "AlreadyRefunded"
  | "Disqualified"
  | "NotDonor"
  | "WrongPair"
  | "CreditRemains"
  | "EscrowRefuses"
  | "ZeroAmount";

/** The model's refusal. */
export class Refused extends Error {
  readonly reason: Reason;
  constructor(reason: Reason) {
    super(reason);
    this.reason = reason;
  }
}
