export type { CollectorAnswer, CollectorClient, SignedGifts, TopUp } from "./collectorClient.ts";
export { GiverStoppedError } from "./courier.ts";
export { DishonestCollectorError, GiftRefusedError, GiftUnresolvedError } from "./deliver.ts";
export type { Estimate } from "./estimate.ts";
export {
  createGiver,
  ForeignRoundError,
  type Given,
  type Giver,
  type GiverOptions,
  InvalidGiftError,
} from "./giver.ts";
export { LedgerMovedError } from "./lane.ts";
export {
  type Batch,
  formatLedger,
  type GiftReceipt,
  keptReceipts,
  type Ledger,
  parseLedger,
  type Wish,
} from "./ledger.ts";
export { type MatchRange, matchRange, type Standing } from "./matching.ts";
export { isOwnPair } from "./prove.ts";
export { NothingGivenError } from "./withoutCollector.ts";
