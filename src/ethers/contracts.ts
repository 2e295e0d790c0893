// Each contract as ethers' own `Contract`, with the types that TypeChain makes of its ABI.
import { Contract, type ContractRunner, type InterfaceAbi } from "ethers";
import { attestedGateAbi } from "../abi/attestedGate.ts";
import { donationPoolAbi } from "../abi/donationPool.ts";
import { donationPoolFactoryAbi } from "../abi/donationPoolFactory.ts";
import { eligibilityGateAbi } from "../abi/eligibilityGate.ts";
import { merkleGateAbi } from "../abi/merkleGate.ts";
import { paymentChannelsAbi } from "../abi/paymentChannels.ts";
import { projectRegistryAbi } from "../abi/projectRegistry.ts";
import type { DonationPool } from "./generated/contracts/DonationPool.ts";
import type { DonationPoolFactory } from "./generated/contracts/DonationPoolFactory.ts";
import type { AttestedGate } from "./generated/contracts/gates/AttestedGate.ts";
import type { MerkleGate } from "./generated/contracts/gates/MerkleGate.ts";
import type { IEligibilityGate } from "./generated/contracts/interfaces/IEligibilityGate.ts";
import type { PaymentChannels } from "./generated/contracts/PaymentChannels.ts";
import type { ProjectRegistry } from "./generated/contracts/ProjectRegistry.ts";

/**
 * A contract at an address. A runner that is a signer sends; a provider reads alone.
 *
 * @example
 * const escrow = paymentChannels(address, wallet);
 * const { deposit, settled } = await escrow.getChannel(channelId); // base units
 */
export type At<contract> = (address: string, runner?: ContractRunner | null) => contract;

/** The escrow. */
export const paymentChannels: At<PaymentChannels> = at(paymentChannelsAbi);
/** One round. */
export const donationPool: At<DonationPool> = at(donationPoolAbi);
/** What makes rounds. */
export const donationPoolFactory: At<DonationPoolFactory> = at(donationPoolFactoryAbi);
/** Who may receive. */
export const projectRegistry: At<ProjectRegistry> = at(projectRegistryAbi);
/** Any gate: who counts in a round, and for how much. */
export const eligibilityGate: At<IEligibilityGate> = at(eligibilityGateAbi);
export const attestedGate: At<AttestedGate> = at(attestedGateAbi);
export const merkleGate: At<MerkleGate> = at(merkleGateAbi);

/** The ABI is what the type was made of: the compiler cannot know, `npm test` holds both to the contracts. */
function at<contract>(abi: InterfaceAbi): At<contract> {
  return (address, runner) => new Contract(address, abi, runner) as unknown as contract;
}
