export {
  type CountingTerms,
  checkCountingTerms,
  type DonorEntry,
  emptyEntry,
  entryOf,
  InvalidIncrementError,
  InvalidTermsError,
  weigh,
} from "./entry.ts";
export { type FieldLimits, fieldLimits, fullWeight, rootScale } from "./limits.ts";
export { type Recount, recount } from "./recount.ts";
export { integerRoot, NegativeRootError } from "./root.ts";
export {
  type CappedPair,
  findCapped,
  type Lambda,
  lambdaOf,
  matchOf,
  type PotTerms,
  type Settlement,
  type Subsidies,
  settle,
  WrongPairError,
} from "./settlement.ts";
export {
  type Attack,
  type Dice,
  type RoundParameters,
  type SimulatedGate,
  type SimulatedProject,
  type Simulation,
  simulateRound,
} from "./simulateRound.ts";
export { ReceiptOutsidePotError, type SponsorReceipt, sponsorRefund } from "./sponsor.ts";
export { countGift, createTally, emptyProject, type Increment, type ProjectTally, type Tally } from "./tally.ts";
export { type WeightScale, weightOfScore } from "./weight.ts";
