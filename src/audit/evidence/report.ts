import type { Address, Hex } from "viem";
import type { Verdict } from "../report.ts";

/** What a collector publishes of its round. Gifts in base units, cumulative. */
export type PublishedTotals = {
  readonly projects: readonly { readonly projectId: bigint; readonly gifts: bigint; readonly donors: number }[];
  /** Of all gifts. */
  readonly sum: bigint;
  readonly channels: number;
};

/** A collector's evidence, for an audit. */
export type EvidenceParameters = {
  /** The lines of its export. */
  readonly lines: AsyncIterable<string> | Iterable<string>;
  /**
   * Asks what it publishes: once before the export is read and once after, because gifts only grow, and what the export
   * proves lies between.
   */
  readonly totals?: (() => Promise<PublishedTotals>) | undefined;
};

/** What a collector's export proves. Amounts are base units of the round's token. */
export type EvidenceReport = {
  readonly pool: Address;
  readonly token: Address;
  readonly verdict: Verdict;
  readonly channels: number;
  /** All gifts that its donors signed. */
  readonly gifts: bigint;
  readonly projects: readonly EvidenceProject[];
  /** Gifts that no project will be given: what they were for takes none. They are their donors' to take back. */
  readonly unattributed: readonly UnattributedGift[];
  /** Channels that the round collected and the export does not have, and their gifts: they came by another way. */
  readonly beside: { readonly channels: number; readonly gifts: bigint };
};

export type EvidenceProject = {
  readonly projectId: bigint;
  readonly gifts: bigint;
  /** Payers. */
  readonly donors: number;
  /** Of `gifts`, what the round has attributed. */
  readonly attributed: bigint;
};

export type UnattributedGift = {
  readonly channelId: Hex;
  readonly donor: Address;
  readonly projectId: bigint;
  readonly amount: bigint;
  readonly reason: "not in the round" | "disqualified" | "not accepted" | "skipped" | "round refunded";
};
