import type { Address, Hex } from "viem";
import type { Escrow } from "../protocol/channel.ts";
import type { EvidenceReport } from "./evidence/report.ts";
import type { Fact } from "./fact.ts";
import type { RegistryReport, RoundReport } from "./round/report.ts";

/** `balanced`: every check passed; `broken`: at least one fact says no; `unknown`: something could not be read. */
export type Verdict = "balanced" | "broken" | "unknown";

/** What an audit found. Amounts are base units of their token, gas is units of gas, fees are wei. */
export type AuditReport = {
  readonly verdict: Verdict;
  /** What is broken, the first in chain order first, then what the state shows. At most 100. */
  readonly facts: readonly Fact[];
  /** How many facts in all. */
  readonly broken: number;
  /** Sentences on what could not be told. */
  readonly doubts: readonly string[];
  readonly escrow: Escrow;
  /** Seconds. */
  readonly gracePeriod: bigint;
  /** First block read. */
  readonly fromBlock: bigint;
  /** The audited block. */
  readonly block: { readonly number: bigint; readonly hash: Hex; readonly timestamp: bigint };
  /** Events by name. */
  readonly events: Readonly<Record<string, number>>;
  readonly tokens: readonly TokenReport[];
  readonly payees: readonly PayeeReport[];
  /** Of the rounds that were asked for. */
  readonly rounds: readonly RoundReport[];
  /** Of the registries that they rest on. */
  readonly registries: readonly RegistryReport[];
  /** What a collector's export proves; undefined when none was given. */
  readonly evidence: EvidenceReport | undefined;
  /** Undefined when the audit was told not to read transactions, or there were none. */
  readonly costs: Costs | undefined;
  /** Closes before the end of grace whose consent a contract in between hides: not held against the escrow. */
  readonly unprovenCloses: number;
};

export type TokenReport = {
  readonly token: Address;
  readonly verdict: Verdict;
  readonly channels: number;
  readonly closed: number;
  /** Ever locked: opened and topped up. */
  readonly deposited: bigint;
  readonly toppedUp: bigint;
  /** Made over to payees. */
  readonly settled: bigint;
  /** Of `settled`, what has reached them: all but credits still waiting. */
  readonly given: bigint;
  /** Made over to payers on closing. */
  readonly refunded: bigint;
  /** Still in live channels. */
  readonly locked: bigint;
  /** Reverted payouts that wait for their receivers. */
  readonly credits: bigint;
  /** What the escrow holds; undefined where the token does not answer. */
  readonly balance: bigint | undefined;
  /** Held beyond what is owed: gifts to the escrow itself. Negative is a shortage. */
  readonly surplus: bigint | undefined;
  /** By the token's own logs; undefined for the native coin and for tokens that log no transfers. */
  readonly transfers: { readonly received: bigint; readonly sent: bigint } | undefined;
};

export type PayeeReport = {
  readonly payee: Address;
  readonly token: Address;
  readonly channels: number;
  readonly settled: bigint;
  readonly given: bigint;
};

/** What all transactions that left an event in the escrow cost their senders. A failed one leaves none and is not here. */
export type Costs = {
  readonly transactions: number;
  readonly gasUsed: bigint;
  /** Execution and L1 data fee. */
  readonly fee: bigint;
  readonly l1Fee: bigint;
  /** Signed transactions' size, estimated: calldata and about 110 bytes around it. */
  readonly bytes: bigint;
  /** The same of the transactions that settled something, and how many payments to a payee they made. */
  readonly settling: {
    readonly transactions: number;
    readonly settlements: number;
    readonly gasUsed: bigint;
    readonly fee: bigint;
    readonly bytes: bigint;
  };
};
