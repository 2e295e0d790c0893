import type { Address } from "viem";
import type { RoundStatus } from "../../chain/pool/reads.ts";
import type { Verdict } from "../report.ts";

/** A round as its events tell it. Amounts are base units of its token. */
export type RoundReport = {
  readonly pool: Address;
  readonly token: Address;
  readonly registry: Address;
  readonly verdict: Verdict;
  readonly status: RoundStatus;
  /** Accounts whose gifts counted. */
  readonly donors: number;
  /** Attributed to projects that were not taken out, refunds left out. */
  readonly gifts: bigint;
  /** What sponsors paid in. */
  readonly pot: bigint;
  /** What projects draw from it. */
  readonly matched: bigint;
  readonly claimed: bigint;
  /** Paid back to donors. */
  readonly refunded: bigint;
  readonly sponsorRefunded: bigint;
  /** What came in and did not go out again. */
  readonly owed: bigint;
  /** Of it, what waits in the escrow. */
  readonly credit: bigint;
  /** What the pool holds; undefined where the token does not answer. */
  readonly balance: bigint | undefined;
  /** Held beyond what is owed: tokens sent to the pool itself. Negative is a shortage. */
  readonly surplus: bigint | undefined;
  readonly projects: readonly RoundProjectReport[];
};

export type RoundProjectReport = {
  readonly projectId: bigint;
  readonly donors: number;
  readonly gifts: bigint;
  /** `S` and `R`. */
  readonly rootSum: bigint;
  readonly subsidy: bigint;
  readonly match: bigint;
  readonly paid: bigint;
  readonly disqualified: boolean;
};

/** A registry as its events tell it. Amounts are base units of its deposits' token. */
export type RegistryReport = {
  readonly registry: Address;
  readonly token: Address;
  readonly verdict: Verdict;
  readonly projects: number;
  readonly accepted: number;
  readonly deposited: bigint;
  /** In applications that are open. */
  readonly locked: bigint;
  /** Freed and not yet withdrawn. */
  readonly owed: bigint;
  readonly withdrawn: bigint;
  readonly balance: bigint | undefined;
  readonly surplus: bigint | undefined;
};
