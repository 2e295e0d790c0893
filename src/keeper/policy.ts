import type { Address } from "viem";
import type { ChannelRecord } from "../store/record.ts";

/**
 * Decides what to do about one channel's unsettled value. Pure: the same channel and the same surroundings give the same
 * answer, so that `--dry-run` shows exactly what a run would do.
 */
export type ClaimPolicy = (channel: ClaimChannel, env: ClaimEnv) => ClaimDecision;

/**
 * `settle`: pay the payee now. `close`: end the channel with the payee's stored consent, or settle where there is none.
 * `wait`: not yet. `writeoff`: settling costs more than anybody wants to spend on it; the value is given up for now.
 */
export type ClaimDecision = { action: "settle" | "close" | "wait" | "writeoff"; reason: string };

/** A channel as a policy sees it. Amounts in base units of its token. */
export type ClaimChannel = {
  readonly record: ChannelRecord;
  /** `authorized - settled`, never negative. */
  readonly unsettled: bigint;
  /** Unix seconds of block time; 0 while nobody says that a close is pending. With two endpoints, the earliest said. */
  readonly closeRequestedAt: bigint;
  /** Block time at which the keeper first saw this unsettled value, Unix seconds. */
  readonly since: bigint;
  /** What this keeper has paid in fees for this channel so far, wei. */
  readonly feesPaid: bigint;
};

/** What a policy may know of the world. Wei and Unix seconds of block time; no host clock. */
export type ClaimEnv = {
  /** Timestamp of the newest block at the confirmation depth. */
  readonly timestamp: bigint;
  /** The escrow's grace period, seconds. */
  readonly grace: bigint;
  /** What a unit of gas costs now, wei. */
  readonly gasPrice: bigint;
  /** L1 data fee of a settlement and of one more row of a batch, wei. `none` where the chain has no oracle: both 0. */
  readonly l1Fee: { readonly source: "oracle" | "none"; readonly base: bigint; readonly row: bigint };
  /** What tokens are worth. The native coin needs no entry. */
  readonly prices: ReadonlyMap<Address, TokenPrice>;
  /** How many rows share the transaction, at least 1. */
  readonly batch: number;
  /** Gas of a transaction before its rows, and of this row; a `settleBatch`'s unless told. */
  readonly gas?: { readonly batch: bigint; readonly row: bigint };
};

/** A token's price: `wei` for `units` base units. A ratio, because a base unit may be worth less than a wei. */
export type TokenPrice = { readonly wei: bigint; readonly units: bigint };
