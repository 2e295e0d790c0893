// Deploys the escrow to a network of hardhat.config.ts, reads everything back, and records it: --network NAME.
import { mkdir, writeFile } from "node:fs/promises";
import { parseArgs } from "node:util";
import hre from "hardhat";
import { deployEscrow, deploymentFile } from "../deploy/deployEscrow.ts";
import { FarthingError } from "../src/protocol/errors.ts";

const { network } = parseArgs({ options: { network: { type: "string" } } }).values;
const names = Object.keys(hre.config.networks);

if (!network || !names.includes(network)) {
  console.error(`deploy: name a network with --network, one of ${names.join(", ")}.`);
  process.exit(2);
}

// The production profile is what `ignition deploy` would use; both profiles build the same bytes.
await hre.tasks.getTask("build").run({ quiet: true, noTests: true, defaultBuildProfile: "production" });
const connection = await hre.network.create(network);
try {
  const { deployment, fresh } = await deployEscrow(hre, { connection, displayUi: process.stdout.isTTY });
  const { chainId, address, codeHash, constructorArguments } = deployment;
  console.log(`PaymentChannels ${fresh ? "deployed" : "found"} on chain ${chainId}`);
  console.log(`  address       ${address}`);
  console.log(`  code hash     ${codeHash}`);
  console.log(`  grace period  ${constructorArguments.closeGracePeriod} seconds`);
  if (connection.networkConfig.type === "http") {
    const file = deploymentFile(chainId);
    await mkdir(new URL(".", file), { recursive: true });
    await writeFile(file, `${JSON.stringify(deployment, null, 2)}\n`);
    console.log(`  recorded in   deploy/deployments/${chainId}.json`);
  }
} catch (error) {
  console.error(`deploy: ${error instanceof FarthingError ? error.message : (error as Error).message}`);
  process.exitCode = 1;
} finally {
  await connection.close();
}
