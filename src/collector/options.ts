import type { Address, Client } from "viem";
import type { Sender } from "../chain/index.ts";
import type { Demand } from "../http/gate.ts";
import type { RelayPolicy } from "../http/index.ts";
import type { KeeperLogger } from "../keeper/logger.ts";
import type { Escrow } from "../protocol/index.ts";
import type { ChannelStore } from "../store/index.ts";
import type { Verifier } from "../verifier/index.ts";
import type { CollectorMetrics } from "./metrics.ts";

/** What a collector asks of gifts. Amounts in base units of the round's token. */
export type CollectorTerms = {
  /** Seconds of chain time before the round's `end` from which no gift is taken: the keeper's time to collect them all. */
  margin: bigint;
  /** Least that one request may add to one project: 1 unless told. */
  leastGift?: bigint;
  /** Most gifts of one allocation: 64 unless told, what a pool takes. */
  mostGifts?: number;
  /** Least deposit of a channel: 1 unless told. */
  minDeposit?: bigint;
  /** What a new channel had best lock; no word of it unless told. */
  suggestedDeposit?: bigint;
  /** Most that a channel may owe unsettled. No limit unless told. */
  maxUnsettledPerChannel?: bigint;
  /** How old what is known of the chain may be when a gift is judged, milliseconds: 10,000 unless told. */
  freshness?: number;
  /** Which close requests are taken: the keeper pays for them. */
  closing?: ClosingTerms;
};

export type ClosingTerms = {
  /** Least that a close must give back to the donor, base units: 1 unless told. */
  leastRemainder?: bigint;
  /** Most requests of one payer's address within `window`: 3 unless told. */
  perPayer?: number;
  /** Milliseconds: 24 hours unless told. */
  window?: number;
};

/** Opens channels for donors without coin. */
export type CollectorRelay = {
  /** With a key of the relayer's own and the store's journal. */
  sender: Sender;
  /** `minDeposit` in base units of the round's token. */
  policy: Omit<RelayPolicy, "minDeposit"> & { minDeposit: bigint };
};

/** All that a collector is made of. It closes none of it. */
export type CollectorOptions = {
  client: Client;
  /** The round's donation pool: the payee of every channel. */
  pool: Address;
  escrow: Escrow;
  store: ChannelStore;
  verifier: Verifier;
  terms: CollectorTerms;
  /** At least 32 random bytes, or the present ones and those before, for challenges. */
  secret: Demand["secret"];
  /** The challenges' protection space: `gifts` unless told. */
  realm?: string;
  relay?: CollectorRelay;
  /** Blocks on top of what is believed of channels: 2 unless told. */
  confirmations?: number;
  /** Block of the pool's making, where reading its events starts: 0 unless told. */
  fromBlock?: bigint;
  /** Start on an empty store although the chain shows channels to the pool. */
  allowEmptyStore?: boolean;
  /** Milliseconds between looks at the round: 3,000 unless told. */
  interval?: number;
  stream?: StreamOptions;
  /** Unix milliseconds; the system's unless told. Stamps receipts and paces; no gift is judged by it. */
  clock?: () => number;
  logger?: KeeperLogger;
  metrics?: CollectorMetrics;
  /** `Access-Control-Allow-Origin`: any unless told. */
  origin?: string;
};

export type StreamOptions = {
  /** Most listeners at once: 1,000 unless told. */
  maxClients?: number;
  /** Milliseconds between two totals at least: 250 unless told. */
  pace?: number;
  /** Milliseconds between signs of life: 15,000 unless told. A listener that takes nothing for four of them is let go. */
  heartbeat?: number;
};

/** {@link CollectorTerms} with every default filled in. */
export type FullCollectorTerms = Required<
  Omit<CollectorTerms, "maxUnsettledPerChannel" | "suggestedDeposit" | "closing">
> &
  Pick<CollectorTerms, "maxUnsettledPerChannel" | "suggestedDeposit"> & { closing: Required<ClosingTerms> };

/** Fills in the defaults. */
export function fullTerms(terms: CollectorTerms): FullCollectorTerms {
  const closing = { leastRemainder: 1n, perPayer: 3, window: 86_400_000, ...terms.closing };
  return { leastGift: 1n, mostGifts: 64, minDeposit: 1n, freshness: 10_000, ...terms, closing };
}
