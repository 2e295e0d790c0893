import hre from "hardhat";
import { type Abi, type Address, keccak256, stringToHex } from "viem";
import type { CollectItem } from "../../../../src/chain/pool/encode.ts";
import type { RoundTerms } from "../../../../src/chain/pool/reads.ts";
import { type Channel, channelId } from "../../../../src/protocol/channel.ts";
import { keyId } from "../../../../src/protocol/line.ts";
import { startChain } from "../../../support/chain.ts";
import { setRoundStage } from "../../../support/roundStage.ts";
import { createWitness } from "../witness.ts";

export type PoolStage = Awaited<ReturnType<typeof setPoolStage>>;

export const reasonHash = keccak256(stringToHex("a published reason"));

/** Projects 1 to 3, accepted by a registry behind a timelock; a witness of every pool that the factory makes. */
export async function setPoolStage() {
  const chain = await startChain();
  const round = await setRoundStage(chain);
  const abi = (await hre.artifacts.readArtifact("DonationPool")).abi as Abi;
  const witness = createWitness(chain, abi, round.factory);
  const projects = await round.acceptedProjects(3);
  async function person() {
    const address = await round.person();
    return { ...round.key(address), address };
  }
  const [ann, ben, sue, closer] = [await person(), await person(), await person(), await person()];
  const idOf = (channel: Channel) => channelId(channel, chain.escrow);

  /** A round of projects 1 and 2. */
  const createRound = async (fields: Partial<RoundTerms> = {}) =>
    round.createRound(await round.terms({ closer: closer.address, ...fields }), [1n, 2n]);

  const collectCall = (item: CollectItem) => ({ functionName: "collect", args: itemOf(item) });

  /** What the first counted gift of a donor says behind the open gate. */
  const weighed = (donor: Address) => ({
    name: "DonorWeighed",
    args: { donor, key: openKey(donor), weightBps: 10_000n },
  });

  /** The next transaction's block has exactly this time. */
  async function next(timestamp: bigint) {
    await chain.client.setNextBlockTimestamp({ timestamp });
    return timestamp;
  }

  return {
    ...{ chain, round, abi, witness, projects, ann, ben, sue, closer, person, idOf },
    ...{ createRound, collectCall, weighed, next },
  };
}

/** The key under which the open gate counts an account, and its name in the pool. */
export const openKey = (donor: Address) => `0x${donor.slice(2).toLowerCase().padStart(64, "0")}` as const;
export const openKeyId = (donor: Address) => keyId(openKey(donor));

/** An item as the six arguments of `collect`. */
export function itemOf(item: CollectItem): readonly unknown[] {
  const { channel, voucherSignature, previousGifts, gifts, gateData, allocationSignature } = item;
  return [channel, voucherSignature, previousGifts, gifts, gateData, allocationSignature];
}
