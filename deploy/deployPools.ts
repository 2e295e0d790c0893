import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";
import { type Address, createPublicClient, custom, type Hex } from "viem";
import MerkleGate from "./modules/MerkleGate.ts";
import Pools from "./modules/Pools.ts";
import { readBackContract, type Views } from "./readBack.ts";

/** What rounds rest on. Durations in seconds, the deposit in base units of its token. */
export type PoolsParameters = {
  /** The escrow of every round. */
  channels: Address;
  depositToken: Address;
  applicationDeposit: bigint;
  challengeWindow: bigint;
  decisionWindow: bigint;
  payoutDelay: bigint;
  /** How long what the stewards propose is public before anyone may execute it. */
  stewardsDelay: bigint;
  /** Who may propose: a Safe, on a chain that is not a simulation. */
  proposers: readonly Address[];
};

/** Where these are. */
export type PoolsDeployment = { stewards: Address; registry: Address; factory: Address; openGate: Address };

type Deployed<names extends string> = Record<names, { address: Address }>;

type Options = {
  connection: Awaited<ReturnType<HardhatRuntimeEnvironment["network"]["create"]>>;
  /** Names Ignition's journal; `chain-<id>` unless told. */
  deploymentId?: string | undefined;
  displayUi?: boolean | undefined;
};

/**
 * Deploys timelock, registry, factory and open gate by Ignition, each at the address that follows from its code and
 * arguments, or finds them there, and reads all of it back. An interrupted deployment is resumed from Ignition's journal.
 * @throws {@link DeploymentMismatchError} when the chain does not hold what this source builds.
 */
export async function deployPools(
  hre: HardhatRuntimeEnvironment,
  parameters: PoolsParameters,
  options: Options,
): Promise<PoolsDeployment> {
  const { stewards, registry, factory, openGate } = (await options.connection.ignition.deploy(Pools, {
    parameters: { Pools: { ...parameters, proposers: [...parameters.proposers] } },
    ...plan(options),
  })) as Deployed<keyof PoolsDeployment>;
  const { channels, depositToken, applicationDeposit, challengeWindow, decisionWindow, payoutDelay } = parameters;
  const check = checker(hre, options);
  return {
    stewards: await check("TimelockController", stewards.address, { getMinDelay: parameters.stewardsDelay }),
    registry: await check("ProjectRegistry", registry.address, {
      depositToken,
      applicationDeposit,
      challengeWindow,
      decisionWindow,
      payoutDelay,
      stewards: stewards.address,
    }),
    factory: await check("DonationPoolFactory", factory.address, { channels }),
    openGate: await check("OpenGate", openGate.address, {}),
  };
}

/** Deploys one round's list, as {@link deployPools} does. `roundId` is that of the round's creator and salt. */
export async function deployMerkleGate(
  hre: HardhatRuntimeEnvironment,
  parameters: { root: Hex; roundId: Hex },
  options: Options,
): Promise<Address> {
  const { merkleGate } = (await options.connection.ignition.deploy(MerkleGate, {
    parameters: { MerkleGate: parameters },
    ...plan(options),
  })) as Deployed<"merkleGate">;
  return checker(hre, options)("MerkleGate", merkleGate.address, parameters);
}

function plan({ deploymentId, displayUi = false }: Options) {
  return { strategy: "create2" as const, displayUi, ...(deploymentId === undefined ? {} : { deploymentId }) };
}

function checker(hre: HardhatRuntimeEnvironment, { connection }: Options) {
  const client = createPublicClient({ transport: custom(connection.provider, { retryCount: 0 }) });
  return async (name: string, address: Address, views: Views): Promise<Address> => {
    await readBackContract(client, address, { artifact: await hre.artifacts.readArtifact(name), views });
    return address.toLowerCase() as Address;
  };
}
