import { expect } from "chai";
import hre from "hardhat";
import { type Address, createTestClient, custom, type Hex, keccak256, publicActions, stringToHex } from "viem";
import { deployEscrow } from "../../deploy/deployEscrow.ts";
import { deployMerkleGate, deployPools, type PoolsParameters } from "../../deploy/deployPools.ts";
import { DeploymentMismatchError, readBackContract } from "../../deploy/readBack.ts";
import { registryActions } from "../../src/chain/index.ts";

const hour = 3_600n;
const safe: Address = `0x${"5a".repeat(20)}`;

describe("deployment of what rounds rest on", () => {
  type Connection = Awaited<ReturnType<typeof hre.network.create>>;
  let connection: Connection;
  let parameters: PoolsParameters;

  beforeEach(async () => {
    connection = await hre.network.create("default");
    const { deployment } = await deployEscrow(hre, { connection });
    parameters = {
      channels: deployment.address,
      depositToken: deployment.address, // any contract
      applicationDeposit: 50n,
      challengeWindow: 24n * hour,
      decisionWindow: 48n * hour,
      payoutDelay: 12n * hour,
      stewardsDelay: 6n * hour,
      proposers: [safe],
    };
  });
  afterEach(() => connection.close());

  const clientOf = () =>
    createTestClient({ mode: "hardhat", transport: custom(connection.provider, { retryCount: 0 }) }).extend(
      publicActions,
    );

  it("given parameters, when deployed, it should have read each of them back, with the registry behind the timelock", async () => {
    const pools = await deployPools(hre, parameters, { connection });
    const registry = clientOf().extend(registryActions({ address: pools.registry }));
    expect((await registry.getStewards()).toLowerCase()).to.equal(pools.stewards);
    const { abi } = await hre.artifacts.readArtifact("TimelockController");
    const ask = (functionName: string, args: readonly unknown[]) =>
      clientOf().readContract({ address: pools.stewards, abi, functionName, args });
    const role = (name: string) => keccak256(stringToHex(name));
    expect(await ask("hasRole", [role("PROPOSER_ROLE"), safe])).to.equal(true);
    expect(await ask("hasRole", [role("EXECUTOR_ROLE"), `0x${"00".repeat(20)}`])).to.equal(true);
    expect(await ask("hasRole", [`0x${"00".repeat(32)}`, safe])).to.equal(false);
  });

  it("given the same parameters elsewhere, when deployed by another, it should have the same addresses", async () => {
    const first = await deployPools(hre, parameters, { connection });
    const other = await hre.network.create("default");
    const [, second] = (await other.provider.request({ method: "eth_accounts" })) as Hex[];
    const params = [{ from: second, to: second, value: "0x1" }];
    await other.provider.request({ method: "eth_sendTransaction", params });
    await deployEscrow(hre, { connection: other });
    expect(await deployPools(hre, parameters, { connection: other })).to.deep.equal(first);
    await other.close();
  });

  it("given a list's root, when its gate is deployed, it should have root and round read back", async () => {
    const list = { root: keccak256("0x01"), roundId: keccak256("0x02") };
    const gate = await deployMerkleGate(hre, list, { connection });
    const artifact = await hre.artifacts.readArtifact("MerkleGate");
    await readBackContract(clientOf(), gate, { artifact, views: list });
    const refused = await readBackContract(clientOf(), gate, { artifact, views: { root: list.roundId } }).catch(
      (error: unknown) => error,
    );
    expect(refused).to.be.instanceOf(DeploymentMismatchError);
    expect((refused as Error).message).to.include(`has the root ${list.root}, not ${list.roundId}`);
  });

  it("given one byte of the registry's code changed, when read back, it should be refused", async () => {
    const { registry } = await deployPools(hre, parameters, { connection });
    const client = clientOf();
    const code = (await client.getCode({ address: registry })) as Hex;
    await client.setCode({ address: registry, bytecode: `${code.slice(0, -2)}01` as Hex });
    const artifact = await hre.artifacts.readArtifact("ProjectRegistry");
    const refused = await readBackContract(client, registry, { artifact, views: {} }).catch((error: unknown) => error);
    expect(refused).to.be.instanceOf(DeploymentMismatchError);
  });
});
