// The demonstration's chain, from outside: deploying, funding, moving time.
import { rm } from "node:fs/promises";
import hre from "hardhat";
import { type Address, createTestClient, type Hex, http, publicActions, walletActions } from "viem";
import { hardhat } from "viem/chains";
import { deployEscrow } from "../../deploy/deployEscrow.ts";
import { installPermit2 } from "../../test/support/permit2.ts";
import { deposit, type Member, submitter, wallet } from "./cast.ts";

/** Seconds between a close request and the end of an exit: the value of every deployment. */
export const gracePeriod = 48n * 3600n;

type IgnitionOptions = { connection: Awaited<ReturnType<typeof hre.network.create>>; deploymentId: string };

export type World = Awaited<ReturnType<typeof createWorld>>;

export async function createWorld(rpc: string) {
  const client = createTestClient({ mode: "hardhat", chain: hardhat, transport: http(rpc), pollingInterval: 200 })
    .extend(publicActions)
    .extend(walletActions);
  const [deployer] = await client.getAddresses();
  if (!deployer) throw new Error("the simulated chain has no accounts");
  const account = deployer;

  async function deploy(name: string, args: readonly unknown[] = []): Promise<Address> {
    const { abi, bytecode } = await hre.artifacts.readArtifact(name);
    const hash = await client.deployContract({ abi, bytecode: bytecode as Hex, args, account });
    const { contractAddress } = await client.waitForTransactionReceipt({ hash });
    if (!contractAddress) throw new Error(`${name} was not deployed`);
    return contractAddress.toLowerCase() as Address;
  }

  /** Work with Ignition, by the same modules and the same checks as on any chain. `name` is the run's: its journal goes with it. */
  async function ignite<T>(name: string, work: (options: IgnitionOptions) => Promise<T>): Promise<T> {
    process.env.FARTHING_RPC = rpc;
    const connection = await hre.network.create("localhost");
    try {
      return await work({ connection, deploymentId: name });
    } finally {
      await connection.close();
      await rm(new URL(`../../deploy/deployments/${name}`, import.meta.url), { recursive: true, force: true });
    }
  }

  const deployment = (name: string) =>
    ignite(name, async (options) => (await deployEscrow(hre, options)).deployment.address);

  /** Everybody gets what they open with; those who sign authorizations get no native coin at all. */
  async function fund(members: readonly Member[], seed: string, token: Address, services: readonly Address[]) {
    const coins = (address: Address) => client.setBalance({ address, value: 10n ** 20n });
    const { abi } = await hre.artifacts.readArtifact("AuthorizationToken");
    await Promise.all(services.map(coins));
    await installPermit2(client);
    for (const member of members) {
      const { address } = wallet(seed, member.index);
      if (member.way !== "authorization") await coins(address);
      await coins(submitter(seed, member.index).address);
      if (member.currency === "native") continue;
      const args = [address, deposit.token];
      await client.writeContract({ address: token, abi, functionName: "mint", args, account });
    }
  }

  /** From now on a block a second, whether or not anybody sends anything. */
  async function startClock() {
    await client.setAutomine(false);
    await client.request({ method: "evm_setIntervalMining", params: [1_000] } as never);
  }

  /** Does work in which each transaction has a block of its own, at once. */
  async function instantly<T>(work: () => Promise<T>): Promise<T> {
    await client.setAutomine(true);
    await client.request({ method: "evm_setIntervalMining", params: [0] } as never);
    try {
      return await work();
    } finally {
      await startClock();
    }
  }

  /** Moves the chain's time on, in one block. */
  async function pass(seconds: bigint) {
    await client.increaseTime({ seconds: Number(seconds) });
    await client.mine({ blocks: 1 });
  }

  /** Moves the chain's time to a second that is still to come; nothing if it is past. */
  async function passTo(timestamp: bigint) {
    const left = timestamp - (await now());
    if (left > 0n) await pass(left);
  }

  /** The chain's time. */
  async function now(): Promise<bigint> {
    return (await client.getBlock()).timestamp;
  }

  return { rpc, client, stranger: account, deploy, ignite, deployment, fund, startClock, instantly, pass, passTo, now };
}
