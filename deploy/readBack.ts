import { type Abi, type Address, type Client, type Hex, keccak256 } from "viem";
import { getChainId, getCode, readContract } from "viem/actions";
import { checkEscrow } from "../src/chain/checkEscrow.ts";
import { FarthingError } from "../src/protocol/errors.ts";

/** What is committed of a deployment, as `deploy/deployments/<chainId>.json`. */
export type Deployment = {
  contract: "PaymentChannels";
  chainId: number;
  address: Address;
  /** Seconds. */
  constructorArguments: { closeGracePeriod: number };
  /** keccak256 of the runtime code, immutables included. */
  codeHash: Hex;
};

/** The parts of a build artifact that deployed code is compared with. */
export type Artifact = {
  deployedBytecode: string;
  immutableReferences?: Readonly<Record<string, readonly { start: number; length: number }[]>> | undefined;
};

/**
 * Reads everything back from the chain: grace period, typed-data domain, and the code, which must be the artifact's but
 * for its immutables.
 * @throws {@link DeploymentMismatchError} for whatever is not as built, {@link NotAnEscrowError} for what is no escrow.
 */
export async function readBack(
  client: Client,
  address: Address,
  expected: { closeGracePeriod: bigint; artifact: Artifact },
): Promise<Deployment> {
  const chainId = await getChainId(client);
  const { closeGracePeriod } = await checkEscrow(client, { address, chainId });
  if (closeGracePeriod !== expected.closeGracePeriod) {
    throw new DeploymentMismatchError(address, "grace period", expected.closeGracePeriod, closeGracePeriod);
  }
  const code = await readCode(client, address, expected.artifact);
  return {
    contract: "PaymentChannels",
    chainId,
    address: address.toLowerCase() as Address,
    constructorArguments: { closeGracePeriod: Number(closeGracePeriod) },
    codeHash: keccak256(code),
  };
}

/** Constructor arguments by the view that tells them, as they were given. */
export type Views = Readonly<Record<string, Hex | bigint>>;

/**
 * Reads a contract of rounds back: the code, which must be the artifact's but for its immutables, and each argument.
 * @throws {@link DeploymentMismatchError} for whatever is not as built.
 */
export async function readBackContract(
  client: Client,
  address: Address,
  { artifact, views }: { artifact: Artifact & { abi: Abi }; views: Views },
): Promise<void> {
  await readCode(client, address, artifact);
  for (const [functionName, expected] of Object.entries(views)) {
    const actual = await readContract(client, { address, abi: artifact.abi, functionName });
    if (String(actual).toLowerCase() !== String(expected).toLowerCase()) {
      throw new DeploymentMismatchError(address, functionName, expected, actual);
    }
  }
}

async function readCode(client: Client, address: Address, artifact: Artifact): Promise<Hex> {
  const code = (await getCode(client, { address })) ?? "0x";
  const built = withoutImmutables(artifact.deployedBytecode as Hex, artifact);
  const deployed = withoutImmutables(code, artifact);
  if (deployed !== built) {
    throw new DeploymentMismatchError(address, "code hash but for immutables", keccak256(built), keccak256(deployed));
  }
  return code;
}

/** What the chain holds is not what this source builds. */
export class DeploymentMismatchError extends FarthingError {
  override readonly name = "DeploymentMismatchError";
  constructor(address: Address, what: string, expected: unknown, actual: unknown) {
    super(
      "deployment-mismatch",
      `The contract at ${address} has the ${what} ${actual}, not ${expected}. Nothing was recorded; do not use it.`,
    );
  }
}

function withoutImmutables(code: Hex, { immutableReferences = {} }: Artifact): Hex {
  let digits = code.slice(2);
  for (const { start, length } of Object.values(immutableReferences).flat()) {
    digits = `${digits.slice(0, start * 2)}${"00".repeat(length)}${digits.slice((start + length) * 2)}`;
  }
  return `0x${digits}`;
}
