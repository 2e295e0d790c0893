export {
  type Allocation,
  AllocationDivergesError,
  type AllocationRule,
  type Attribution,
  allocationDigest,
  allocationTypes,
  checkAllocation,
  type Gift,
  InvalidAllocationError,
  maxGifts,
  type Pool,
  poolDomain,
  type SignedAllocation,
  signAllocation,
  unmatched,
} from "./allocation.ts";
export { formatAmount, InvalidAmountError, parseAmount } from "./amount.ts";
export {
  authorizationNonce,
  authorizationTypedData,
  type TransferAuthorization,
  topUpAuthorizationNonce,
} from "./authorization.ts";
export {
  type Channel,
  canonicalChannel,
  channelId,
  channelSigner,
  type Escrow,
  InvalidChannelError,
  maxAmount,
  maxDeposit,
  nativeCoin,
} from "./channel.ts";
export {
  type CloseAuthorizationMessage,
  type CloseRequestMessage,
  closeAuthorizationDigest,
  closeRequestDigest,
  signCloseAuthorization,
  signCloseRequest,
} from "./close.ts";
export { type Donation, donationNonce, donationSum, gateDataHash } from "./donation.ts";
export { FarthingError } from "./errors.ts";
export {
  type Attestation,
  type AttestedGate,
  attestationDigest,
  attestationTypes,
  attestedGateData,
  attestedGateDomain,
  type SignedAttestation,
  signAttestation,
} from "./gate/attestation.ts";
export {
  createEligibilityTree,
  type EligibilityTree,
  type EligibleDonor,
  InvalidEligibilityError,
} from "./gate/eligibilityTree.ts";
export { openGateData } from "./gate/openGate.ts";
export { attributionOf, collectedGifts, donationId, giftsHash, keyId, roundId } from "./line.ts";
export { openPermitTypedData, type Permit, permit2Address, topUpPermitTypedData } from "./permit2.ts";
export * as quadratic from "./quadratic/index.ts";
export { platformRandom, type Random, randomSalt } from "./salt.ts";
export { isPlainSignature, isPlainSignatureBytes } from "./signature.ts";
export type { Signer } from "./signer.ts";
export {
  isSameOffer,
  maxTicks,
  owedByTicks,
  type SignedTickVoucher,
  signTickVoucher,
  type TickLink,
  type TickOffer,
  type TickPayment,
  type TickVoucher,
  tickVoucherDigest,
  verifyTick,
} from "./tick.ts";
export { createTicks, InvalidTickChainError, type TickChain, TicksExhaustedError } from "./tickChain.ts";
export { formatTokenAmount, parseTokenAmount } from "./tokenAmount.ts";
export { escrowDomain, typedData } from "./typedData.ts";
export {
  InvalidSignatureError,
  recoverVoucher,
  type SignedVoucher,
  signVoucher,
  type Voucher,
  voucherDigest,
  voucherHasher,
} from "./voucher.ts";
export {
  type AllocationPayload,
  formatAllocation,
  formatHeld,
  type HeldAllocation,
  MalformedAllocationError,
  maxGateData,
  parseAllocation,
  parseHeld,
} from "./wire/allocation.ts";
export { decodeBase64url, decodeBase64urlText, encodeBase64url } from "./wire/base64url.ts";
export {
  type Challenge,
  challengeExpired,
  decodeOpaque,
  formatChallenge,
  MalformedChallengeError,
  parseChallenges,
} from "./wire/challenge.ts";
export {
  formatCloseRequest,
  MalformedCloseRequestError,
  parseCloseRequest,
  type SignedCloseRequest,
} from "./wire/closeRequest.ts";
export {
  type Credential,
  formatCredential,
  isPaymentCredential,
  MalformedCredentialError,
  parseCredential,
} from "./wire/credential.ts";
export { type Evidence, formatEvidence, MalformedEvidenceError, parseEvidence } from "./wire/evidence.ts";
export { canonicalJson, type Json, maxHeaderLength, NotCanonicalError } from "./wire/json.ts";
export { type OpenCredential, openedChannel } from "./wire/openedChannel.ts";
export {
  type OpenByAuthorization,
  type OpenByHash,
  type Payload,
  type TickPayload,
  type TopUpByHash,
  UnsupportedCredentialError,
  type VoucherPayload,
} from "./wire/payload.ts";
export {
  formatProblem,
  MalformedProblemError,
  type Problem,
  type ProblemCode,
  parseProblem,
  problem,
  problemCode,
  problemMediaType,
  type RefusalCode,
  refusalProblem,
} from "./wire/problem.ts";
export {
  formatReceipt,
  MalformedReceiptError,
  parseReceipt,
  parseReceiptJson,
  type Receipt,
  receiptJson,
} from "./wire/receipt.ts";
export {
  type ChallengeSecret,
  type ChallengeTerms,
  sealChallenge,
  verifyChallenge,
  WeakSecretError,
} from "./wire/seal.ts";
export { requestedEscrow, type SessionRequest } from "./wire/sessionRequest.ts";
export { formatSource, parseSource, type Source } from "./wire/source.ts";
export { timestamp } from "./wire/timestamp.ts";
