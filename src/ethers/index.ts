export { ethersClient, NoProviderError } from "./client.ts";
export {
  type At,
  attestedGate,
  donationPool,
  donationPoolFactory,
  eligibilityGate,
  merkleGate,
  paymentChannels,
  projectRegistry,
} from "./contracts.ts";
export type { DonationPool } from "./generated/contracts/DonationPool.ts";
export type { DonationPoolFactory } from "./generated/contracts/DonationPoolFactory.ts";
export type { AttestedGate } from "./generated/contracts/gates/AttestedGate.ts";
export type { MerkleGate } from "./generated/contracts/gates/MerkleGate.ts";
export type { IEligibilityGate } from "./generated/contracts/interfaces/IEligibilityGate.ts";
export type { PaymentChannels } from "./generated/contracts/PaymentChannels.ts";
export type { ProjectRegistry } from "./generated/contracts/ProjectRegistry.ts";
export { ethersSigner } from "./signer.ts";
