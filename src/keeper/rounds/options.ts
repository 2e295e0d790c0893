import type { Address, LocalAccount } from "viem";
import type { ChannelStore } from "../../store/store.ts";

/** When money that belongs to somebody already is sent to them at the keeper's cost. */
export type PayoutRule =
  /** They fetch it themselves. */
  | "never"
  | "always"
  /** Once it is worth so many times the whole fee. A token without a price never is. */
  | { readonly times: bigint };

/** A round that the keeper works for: its pool, and where its collector keeps what donors signed. */
export type RoundOptions = {
  /** The round's donation pool. */
  pool: Address;
  /** The collector's store: a record's `evidence` is the newest allocation. */
  store: ChannelStore;
  /** Seconds before `end` from which on everything is collected, whether it pays or not: the collector's, who takes no gifts then. */
  margin: bigint;
  /**
   * The key that the round's terms name as closer, used by nothing else: channels whose donors ask to leave are closed at once.
   * Without it their close requests are submitted, and they wait for the grace period to end.
   */
  closer?: LocalAccount | undefined;
  /** The block of the pool's making, where reading its events starts: 0 unless told. */
  fromBlock?: bigint | undefined;
  /** What projects are due, paid to them: never unless told, they pull it. */
  claims?: PayoutRule | undefined;
  /** What donors and sponsors are due, paid to them: once worth ten times the fee unless told. */
  refunds?: PayoutRule | undefined;
  /**
   * What to do with a round that nobody settled by `settleBy`: `settle` it still, and switch it to refunds only where that is
   * impossible, or `refund` it. `settle` unless told.
   */
  unsettled?: "settle" | "refund" | undefined;
};
