export type { Decided } from "./act.ts";
export type { Decision, ExitOptions, LoopName } from "./decide.ts";
export { batchGas, claimFee, exitFee, exitGas, rowGas, worth } from "./fees.ts";
export type { Health } from "./health.ts";
export {
  createKeeper,
  type Keeper,
  NoStoreError,
  type PassReport,
} from "./keeper.ts";
export { NotLeaderError } from "./leadership.ts";
export type { Quarantined } from "./ledger.ts";
export type { KeeperLogger } from "./logger.ts";
export { createMetrics, type KeeperMetrics } from "./metrics.ts";
export type { KeeperOptions } from "./options.ts";
export { any } from "./policies/any.ts";
export { type DeadlineOptions, deadline } from "./policies/deadline.ts";
export { maxAge } from "./policies/maxAge.ts";
export { maxUnsettled } from "./policies/maxUnsettled.ts";
export { profitable } from "./policies/profitable.ts";
export type { ClaimChannel, ClaimDecision, ClaimEnv, ClaimPolicy, TokenPrice } from "./policy.ts";
export { prioritise } from "./prioritise.ts";
export { WrongStoreError } from "./requireEscrow.ts";
export type { RoundAction, RoundChannel, RoundDecision } from "./rounds/decide.ts";
export type { PayoutRule, RoundOptions } from "./rounds/options.ts";
export type { RoundDecided } from "./rounds/plan.ts";
export { ForeignRoundError } from "./rounds/round.ts";
export { type RoundReport, WrongCloserError } from "./rounds/roundKeeper.ts";
export { StillPendingError } from "./within.ts";
