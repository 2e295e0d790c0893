import { readFile, rm } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { expect } from "chai";
import hre from "hardhat";
import { createTestClient, custom, type Hex, keccak256, publicActions } from "viem";
import { deployEscrow } from "../../deploy/deployEscrow.ts";
import { DeploymentMismatchError, readBack } from "../../deploy/readBack.ts";
import { NotAnEscrowError } from "../../src/chain/checkEscrow.ts";
import { opcodesBeyondCancun } from "./opcodes.ts";

const grace = 48n * 3600n;

describe("deployment", () => {
  type Connection = Awaited<ReturnType<typeof hre.network.create>>;
  let connection: Connection;

  beforeEach(async () => {
    connection = await hre.network.create("default");
  });

  afterEach(() => connection.close());

  const clientOf = () =>
    createTestClient({ mode: "hardhat", transport: custom(connection.provider, { retryCount: 0 }) }).extend(
      publicActions,
    );

  it("by create2 is read back in full: grace period, domain, code", async () => {
    const { deployment, fresh } = await deployEscrow(hre, { connection });
    const code = await clientOf().getCode({ address: deployment.address });
    expect(fresh).to.equal(true);
    expect(deployment).to.deep.equal({
      contract: "PaymentChannels",
      chainId: 31337,
      address: deployment.address,
      constructorArguments: { closeGracePeriod: 172_800 },
      codeHash: keccak256(code as Hex),
    });
  });

  it("repeated, finds the same contract and deploys nothing", async () => {
    const first = await deployEscrow(hre, { connection });
    const block = await clientOf().getBlockNumber({ cacheTime: 0 });
    const second = await deployEscrow(hre, { connection });
    expect(second).to.deep.equal({ deployment: first.deployment, fresh: false });
    expect(await clientOf().getBlockNumber({ cacheTime: 0 })).to.equal(block);
  });

  it("on another chain, by another deployer, has the same address", async () => {
    const first = await deployEscrow(hre, { connection });
    const other = await hre.network.create("default");
    const [, second] = (await other.provider.request({ method: "eth_accounts" })) as Hex[];
    await other.provider.request({
      method: "eth_sendTransaction",
      params: [{ from: second, to: second, value: "0x1" }],
    });
    const again = await deployEscrow(hre, { connection: other });
    await other.close();
    expect(again.deployment.address).to.equal(first.deployment.address);
  });

  it("over a network resumes from Ignition's journal", async () => {
    const server = await hre.network.createServer("default", "127.0.0.1", 0);
    const { address, port } = await server.listen();
    const before = process.env.FARTHING_RPC;
    process.env.FARTHING_RPC = `http://${address}:${port}`;
    const deploymentId = `test-${process.pid}`;
    const journal = path.join(hre.config.paths.ignition, "deployments", deploymentId);
    const remote = await hre.network.create("localhost");
    try {
      const first = await deployEscrow(hre, { connection: remote, deploymentId });
      const written = await readFile(path.join(journal, "deployed_addresses.json"), "utf8");
      expect(written.toLowerCase()).to.include(first.deployment.address);
      const second = await deployEscrow(hre, { connection: remote, deploymentId });
      expect(second.deployment).to.deep.equal(first.deployment);
    } finally {
      if (before === undefined) delete process.env.FARTHING_RPC;
      else process.env.FARTHING_RPC = before;
      await remote.close();
      await server.close();
      await rm(journal, { recursive: true, force: true });
    }
  });

  describe("that is not as built", () => {
    const expected = async () => ({
      closeGracePeriod: grace,
      artifact: await hre.artifacts.readArtifact("PaymentChannels"),
    });

    it("in one byte of its code is refused", async () => {
      const { deployment } = await deployEscrow(hre, { connection });
      const client = clientOf();
      const code = (await client.getCode({ address: deployment.address })) as Hex;
      await client.setCode({ address: deployment.address, bytecode: `${code.slice(0, -2)}01` as Hex });
      expect(await failure(readBack(client, deployment.address, await expected()))).to.be.instanceOf(
        DeploymentMismatchError,
      );
    });

    it("in its grace period is refused", async () => {
      const { deployment } = await deployEscrow(hre, { connection });
      const demand = { ...(await expected()), closeGracePeriod: grace + 1n };
      const error = await failure(readBack(clientOf(), deployment.address, demand));
      expect(error).to.be.instanceOf(DeploymentMismatchError);
      expect(error.message).to.include("grace period 172800, not 172801");
    });

    it("since there is nothing at all, is refused", async () => {
      const nowhere = `0x${"12".repeat(20)}` as const;
      expect(await failure(readBack(clientOf(), nowhere, await expected()))).to.be.instanceOf(NotAnEscrowError);
    });
  });

  it("has the same parameters, and so the same address, on every chain", async () => {
    const files = [31337, 8453, 84532].map(
      (chain) => new URL(`../../deploy/parameters/${chain}.json`, import.meta.url),
    );
    const contents = await Promise.all(files.map(async (file) => JSON.parse(await readFile(file, "utf8"))));
    for (const content of contents) expect(content).to.deep.equal({ PaymentChannels: { closeGracePeriod: 172_800 } });
  });

  it("builds to the same bytes with the default and the production profile", async function () {
    this.timeout(240_000); // two compilations by way of Yul
    const [usual, production] = [await compiled("default"), await compiled("production")];
    expect(usual.length > 10_000).to.equal(true);
    expect(keccak256(production)).to.equal(keccak256(usual));
  });

  it("uses no opcode that Cancun lacks", async () => {
    const artifact = await hre.artifacts.readArtifact("PaymentChannels");
    expect(opcodesBeyondCancun(artifact.deployedBytecode as Hex)).to.deep.equal([]);
    expect(opcodesBeyondCancun("0x5f1e611e1e00")).to.deep.equal(["0x1e at 1"]); // CLZ, of a later upgrade
    expect(opcodesBeyondCancun("0x00e0")).to.deep.equal(["0xe0 at 1"]);
  });
});

/** Creation code as a build profile compiles it, without touching the artifacts on disk. */
async function compiled(buildProfile: string): Promise<Hex> {
  const source = fileURLToPath(new URL("../../contracts/PaymentChannels.sol", import.meta.url));
  const options = { buildProfile, force: true, isolated: true, quiet: true };
  const jobs = await hre.solidity.getCompilationJobs([source], options);
  if (!("compilationJobsPerFile" in jobs)) throw new Error(jobs.formattedReason);
  const job = jobs.compilationJobsPerFile.get(source);
  if (!job) throw new Error("nothing to compile");
  const { output } = await hre.solidity.runCompilationJob(job, { buildProfile, quiet: true });
  for (const contracts of Object.values(output.contracts ?? {})) {
    const object = contracts.PaymentChannels?.evm?.bytecode?.object;
    if (object) return `0x${object}`;
  }
  throw new Error("the compiler gave no PaymentChannels");
}

async function failure(promise: Promise<unknown>): Promise<Error> {
  const outcome = await promise.then(
    () => undefined,
    (error: unknown) => error,
  );
  if (!(outcome instanceof Error)) throw new Error("it should have failed");
  return outcome;
}
