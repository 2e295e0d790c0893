import { readFile } from "node:fs/promises";
import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";
import { createPublicClient, custom, encodeDeployData, type Hex } from "viem";
import { create2Address } from "./create2Address.ts";
import PaymentChannels from "./modules/PaymentChannels.ts";
import { type Deployment, readBack } from "./readBack.ts";

/**
 * Deploys the escrow by Ignition's create2 strategy, or finds it at its address, whoever put it there, and reads it back.
 * An interrupted deployment is resumed from Ignition's own journal.
 * @throws {@link DeploymentMismatchError} when the chain does not hold what this source builds.
 */
export async function deployEscrow(
  hre: HardhatRuntimeEnvironment,
  options: {
    /** A network of hardhat.config.ts, or a connection to one. */
    connection: Awaited<ReturnType<HardhatRuntimeEnvironment["network"]["create"]>>;
    /** Names Ignition's journal; `chain-<id>` unless told. */
    deploymentId?: string | undefined;
    displayUi?: boolean | undefined;
  },
): Promise<{ deployment: Deployment /** False when it was there before. */; fresh: boolean }> {
  const { connection, deploymentId, displayUi = false } = options;
  const client = createPublicClient({ transport: custom(connection.provider, { retryCount: 0 }) });
  const chainId = await client.getChainId();
  const parameters = await parametersOf(chainId);
  const closeGracePeriod = BigInt(parameters.PaymentChannels.closeGracePeriod);
  const artifact = await hre.artifacts.readArtifact("PaymentChannels");

  const salt = hre.config.ignition.strategyConfig?.create2?.salt as Hex;
  const args = [closeGracePeriod];
  const initCode = encodeDeployData({ abi: artifact.abi, bytecode: artifact.bytecode as Hex, args });
  const expected = create2Address(salt, initCode);
  const fresh = ((await client.getCode({ address: expected })) ?? "0x") === "0x";
  if (fresh) {
    await connection.ignition.deploy(PaymentChannels, {
      parameters: { PaymentChannels: { closeGracePeriod } },
      strategy: "create2",
      displayUi,
      ...(deploymentId === undefined ? {} : { deploymentId }),
    });
  }
  return { deployment: await readBack(client, expected, { closeGracePeriod, artifact }), fresh };
}

/** The committed parameters of a chain. */
async function parametersOf(chainId: number): Promise<{ PaymentChannels: { closeGracePeriod: number } }> {
  return JSON.parse(await readFile(new URL(`parameters/${chainId}.json`, import.meta.url), "utf8"));
}

/** Where a deployment's facts are committed. */
export function deploymentFile(chainId: number): URL {
  return new URL(`deployments/${chainId}.json`, import.meta.url);
}
