import type { Address, Client, LocalAccount } from "viem";
import type { Policy } from "../chain/index.ts";
import type { Escrow } from "../protocol/channel.ts";
import type { ChannelStore } from "../store/store.ts";
import type { ExitOptions } from "./decide.ts";
import type { KeeperLogger } from "./logger.ts";
import type { KeeperMetrics } from "./metrics.ts";
import type { DeadlineOptions } from "./policies/deadline.ts";
import type { ClaimPolicy, TokenPrice } from "./policy.ts";
import type { RoundOptions } from "./rounds/options.ts";

export type KeeperOptions = {
  /** One for each payee. The keeper writes what the chain says into them, nothing else. */
  stores: readonly ChannelStore[];
  /** Keeps journal, lease and quarantine; the first of `stores`, or else of the rounds', unless told. All keepers of one key must share it. */
  journal?: ChannelStore | undefined;
  client: Client;
  /** A second, independent endpoint: where the two differ, the worse news for the payee counts. */
  secondary?: Client | undefined;
  escrow: Escrow;
  /** A key of the keeper's own, with coin for fees. It holds nobody's money, and nothing else may send from it. */
  account: LocalAccount;
  /** Rounds of giving to keep: their pools' channels are left to their own loop, whatever store holds them. */
  rounds?: readonly RoundOptions[] | undefined;
  /** When ordinary value is settled. Value under a pending close is settled whatever this says. */
  policy: ClaimPolicy;
  deadline?: DeadlineOptions | undefined;
  exits?: ExitOptions | undefined;
  /** What tokens are worth, by lower-case address; the native coin needs no entry. */
  prices?: ReadonlyMap<Address, TokenPrice> | undefined;
  logger: KeeperLogger;
  metrics?: KeeperMetrics | undefined;
  /** Host time in Unix milliseconds: it paces and dates leases, and decides nothing. */
  clock?: (() => number) | undefined;
  /** Names this process in the lease; random unless told. */
  holder?: string | undefined;
  /** Milliseconds that the lease is good for: 60,000 unless told. */
  leaseTtl?: number | undefined;
  /** Blocks on top of what counts: 2 unless told. */
  confirmations?: number | undefined;
  /** Most rows of a `settleBatch`: 150 unless told, about two million gas. */
  batchSize?: number | undefined;
  /** How many times today's fee a transaction may come to cost where what it moves is worth less: 10 unless told. */
  feeCeiling?: bigint | undefined;
  /** Milliseconds between the passes of each loop: 12,000, 60,000 and 600,000 unless told. */
  intervals?: { deadline?: number; exits?: number; economy?: number } | undefined;
  /** Milliseconds that one `pass` waits for its transactions to be confirmed: 600,000 unless told. */
  patience?: number | undefined;
  /** How transactions are priced and paced. */
  sender?: Partial<Policy> | undefined;
};
