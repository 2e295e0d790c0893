// What the demonstration deploys, compiled: the rest of the Solidity is for tests.
import { spawn } from "node:child_process";
import hre from "hardhat";
import type { Service } from "./processes.ts";

/** What the first days deploy, and what the season does. A round takes a minute or two to optimise. */
export const contractsOf = {
  cycle: ["contracts/PaymentChannels.sol", "test/contracts/tokens/AuthorizationToken.sol"],
  season: [
    "contracts/ProjectRegistry.sol",
    "contracts/DonationPoolFactory.sol",
    "contracts/gates/OpenGate.sol",
    "contracts/gates/MerkleGate.sol",
    "test/contracts/tokens/SeasonDollar.sol",
    "npm:@openzeppelin/contracts/governance/TimelockController.sol",
  ],
};

/**
 * Compiles some sources, and whatever they import.
 * @param services Given for work in the background: it ends with the others.
 */
export async function compile(sources: readonly string[], services?: Service[]): Promise<void> {
  const build = spawn(process.execPath, ["node_modules/.bin/hardhat", "build", ...sources]);
  const output: Buffer[] = [];
  for (const stream of [build.stdout, build.stderr]) stream.on("data", (chunk: Buffer) => output.push(chunk));
  const ended = new Promise<number | null>((resolve) => {
    build.once("error", () => resolve(null));
    build.once("close", resolve);
  });
  if (services && build.pid) {
    const stop = () => {
      build.kill();
      return ended;
    };
    services.push({ name: "compiler", url: "", process: build, ended, stop });
  }
  if ((await ended) !== 0) throw new Error(`The contracts do not compile:\n${Buffer.concat(output)}`);
  // This process may have listed the artifacts before, and would not see the new ones.
  await hre.artifacts.clearCache();
}
