import { expect } from "chai";
import hre from "hardhat";
import {
  type Abi,
  encodeDeployData,
  encodeFunctionData,
  type Hex,
  keccak256,
  numberToHex,
  type PrivateKeyAccount,
  stringToHex,
  zeroAddress,
  zeroHash,
} from "viem";
import { startChain, type TestChain } from "../../support/chain.ts";
import { day, type RoundStage, setRoundStage, stewardsDelay } from "../../support/roundStage.ts";
import { showsEverything } from "./completeness.ts";
import { deployToken } from "./tokens.ts";
import { type Call, createWitness, type Expected, type Witness } from "./witness.ts";

const deposit = 50n;
const reasonHash = keccak256(stringToHex("a published reason"));
const metadataHash = keccak256(stringToHex("a published description"));

describe("ProjectRegistry, as observed on the wire", () => {
  let chain: TestChain;
  let abi: Abi;
  let stage: RoundStage;
  let witness: Witness;
  let manager: PrivateKeyAccount;
  let challenger: PrivateKeyAccount;
  let other: PrivateKeyAccount;

  before(async () => {
    chain = await startChain();
    abi = (await hre.artifacts.readArtifact("ProjectRegistry")).abi as Abi;
    stage = await setRoundStage(chain);
    witness = createWitness(chain, abi, stage.registry);
    [manager, challenger, other] = [await person(), await person(), await person()];
  });

  after(() => chain.stop());

  /** Someone who can pay for ten deposits. */
  async function person(): Promise<PrivateKeyAccount> {
    const address = await stage.person();
    await stage.mined(await stage.onRegistry(address).approve({ token: stage.token, amount: 10n * deposit }));
    return { ...stage.key(address), address };
  }

  const call = (functionName: string, ...args: readonly unknown[]): Call => ({ functionName, args });
  const event = (name: string, args: Record<string, unknown>): Expected => ({ name, args });
  const refuses = (by: PrivateKeyAccount, of: Call, name: string, ...args: readonly unknown[]) =>
    witness.reverts(by, of, name, args);
  const does = (by: PrivateKeyAccount, of: Call, ...events: readonly Expected[]) => witness.transact(by, of, events);
  const stewards = (of: Call, ...events: readonly Expected[]) => witness.transactBy(stage.steward, of, events);

  /** An application of the manager's, paid out to itself. */
  async function submit(): Promise<bigint> {
    const { address } = manager;
    const projectId = (await stage.onRegistry(address).getProjectCount()) + 1n;
    const submitted = event("ProjectSubmitted", { projectId, manager: address, payout: address, metadataHash });
    await does(manager, call("submit", address, metadataHash), submitted);
    return projectId;
  }

  async function challenge(projectId: bigint) {
    const challenged = event("ProjectChallenged", { projectId, challenger: challenger.address, reasonHash });
    await does(challenger, call("challenge", projectId, reasonHash), challenged);
  }

  const released = (projectId: bigint, to: PrivateKeyAccount, amount: bigint) =>
    event("DepositReleased", { projectId, account: to.address, amount });

  it("takes applications, and accepts by silence", async () => {
    const id = await submit();
    const { timestamp } = await chain.client.getBlock();
    const project = { manager: manager.address, submittedAt: timestamp, challengedAt: 0n, status: 1n };
    const payouts = { payout: manager.address, payoutChangesAt: 0n, pendingPayout: zeroAddress };
    const state = { ...project, ...payouts, pendingManager: zeroAddress, challenger: zeroAddress, metadataHash };
    await witness.read(manager, call("getProject", id), state);
    await witness.read(manager, call("payoutOf", id), manager.address);
    await witness.read(manager, call("projectCount"), id);
    await witness.read(manager, call("depositToken"), stage.token);
    await witness.read(manager, call("applicationDeposit"), deposit);
    await witness.read(manager, call("challengeWindow"), day);
    await witness.read(manager, call("decisionWindow"), 2n * day);
    await witness.read(manager, call("payoutDelay"), day);
    await witness.read(manager, call("stewards"), stage.stewards);
    await refuses(other, call("accept", 99n), "ProjectNotFound", 99n);
    await refuses(manager, call("changeMetadata", id, reasonHash), "NotAdmitted", id, 1n);
    await stage.at(timestamp + 1n);
    await refuses(other, call("accept", id), "WindowOpen", timestamp + day, timestamp + 1n);
    await stage.at(timestamp + day);
    await refuses(other, call("challenge", id, reasonHash), "WindowClosed", timestamp + day, timestamp + day);
    const accepted = event("ProjectAccepted", { projectId: id });
    await does(other, call("accept", id), accepted, released(id, manager, deposit));
    await refuses(other, call("challenge", id, reasonHash), "InvalidStatus", id, 1n, 3n);
    await witness.read(manager, call("acceptedBits", 0n), 1n << id);
    await witness.read(manager, call("owedTo", manager.address), deposit);
    const withdrawn = event("DepositWithdrawn", { account: manager.address, amount: deposit });
    await does(other, call("withdrawDeposit", manager.address), withdrawn);
  });

  it("lets stewards decide a challenge, suspend, reinstate and hand over", async () => {
    const [good, bad] = [await submit(), await submit()];
    for (const id of [good, bad]) await challenge(id);
    await refuses(other, call("decide", good, true, reasonHash), "NotSteward", stage.stewards, other.address);
    const decided = (projectId: bigint, accepted: boolean) =>
      event("ProjectDecided", { projectId, accepted, reasonHash });
    const [yes, no] = [call("decide", good, true, reasonHash), call("decide", bad, false, reasonHash)];
    await stewards(yes, decided(good, true), released(good, manager, 2n * deposit));
    await stewards(no, decided(bad, false), released(bad, challenger, 2n * deposit));
    await stewards(call("suspend", good, reasonHash), event("ProjectSuspended", { projectId: good, reasonHash }));
    await stewards(call("reinstate", good, reasonHash), event("ProjectReinstated", { projectId: good, reasonHash }));

    const successors = await chain.deploy("test/contracts/support/Timelock.sol:Timelock", [
      stewardsDelay,
      [other.address],
    ]);
    const replaced = { previousStewards: stage.stewards, newStewards: successors, reasonHash };
    const replace = (by: string) => call("replaceStewards", by, reasonHash);
    const asStewards = (of: Call, name: string, ...args: readonly unknown[]) =>
      witness.reverts(stage.stewards, of, name, args);
    await asStewards(replace(chain.deployer), "InvalidStewards", chain.deployer);
    const slow = await chain.deploy("test/contracts/support/Timelock.sol:Timelock", [day + 1n, []]);
    await asStewards(replace(slow), "StewardsTooSlow", day, day + 1n);
    await stewards(replace(successors), event("StewardsReplaced", replaced));
  });

  it("lets a manager change payout, place and description, and leave", async () => {
    const id = 1n;
    const [from, to] = [manager, other];
    await refuses(to, call("changePayout", id, to.address), "NotManager", from.address, to.address);
    await refuses(from, call("changePayout", id, zeroAddress), "InvalidPayout", zeroAddress);
    await does(
      from,
      call("changeMetadata", id, reasonHash),
      event("MetadataChanged", { projectId: id, metadataHash: reasonHash }),
    );
    const time = (await stage.now()) + 10n;
    await chain.client.setNextBlockTimestamp({ timestamp: time });
    const scheduled = event("PayoutChangeScheduled", { projectId: id, payout: to.address, changesAt: time + day });
    await does(from, call("changePayout", id, to.address), scheduled);
    const offered = { projectId: id, manager: from.address, pendingManager: to.address };
    await does(from, call("transferManager", id, to.address), event("ManagerTransferStarted", offered));
    await refuses(from, call("acceptManager", id), "NotPendingManager", to.address, from.address);
    const taken = { projectId: id, previousManager: from.address, newManager: to.address };
    await does(to, call("acceptManager", id), event("ManagerTransferred", taken));
    await does(to, call("close", id), event("ProjectClosed", { projectId: id }));
  });

  it("refuses terms that no registry can keep", async () => {
    const { bytecode } = await hre.artifacts.readArtifact("ProjectRegistry");
    const terms = [stage.token, deposit, day, 2n * day, day, stage.stewards];
    const refusesTerm = (index: number, value: unknown, name: string, ...args: readonly unknown[]) => {
      const data = encodeDeployData({ abi, bytecode: bytecode as Hex, args: terms.with(index, value as never) });
      return witness.refuses(chain.deployer, { data }, name, args);
    };
    await refusesTerm(0, chain.deployer, "InvalidToken", chain.deployer);
    await refusesTerm(1, 0n, "ZeroDeposit");
    await refusesTerm(2, 60n, "InvalidDuration", "challengeWindow", 3_600n, 365n * day, 60n);
  });

  it("refuses tokens that keep, say no or call back", async () => {
    const registryOf = async (name: string) => {
      const token = await deployToken(chain, name, manager);
      const terms = [token.address, 100n, day, 2n * day, day, stage.stewards];
      const registry = await chain.deploy("ProjectRegistry", terms);
      await token.tell("mint", manager.address, 100n);
      await token.tell("approve", registry, 100n);
      return { token, registry };
    };
    const apply = call("submit", manager.address, zeroHash);
    const keeping = await registryOf("FeeInToken");
    await witness.reverts(manager, apply, "TransferMismatch", [100n, 99n], keeping.registry);
    const refusing = await registryOf("FalseStillToken");
    await refusing.token.tell("refuse");
    const failed = [refusing.token.address];
    await witness.reverts(manager, apply, "SafeERC20FailedOperation", failed, refusing.registry);
    const calling = await registryOf("ReenteringToken");
    const inner = encodeFunctionData({ abi, functionName: "withdrawDeposit", args: [manager.address] });
    await calling.token.tell("arm", calling.registry, inner);
    const applied = { projectId: 1n, manager: manager.address, payout: manager.address, metadataHash: zeroHash };
    await witness.transact(manager, apply, [event("ProjectSubmitted", applied)], calling.registry);
    witness.meets(await calling.token.result(), "ReentrancyGuardReentrantCall");
  });

  it("refuses an application when every id is taken", async () => {
    const last = 2n ** 32n - 1n;
    const count = await stage.onRegistry(manager.address).getProjectCount();
    // Nobody can wait for 2^32 applications: the counter is moved to its end, where the storage has it.
    const address = stage.registry;
    for (let index = 0; index < 8; index += 1) {
      const slot = numberToHex(index, { size: 32 });
      const value = await chain.client.getStorageAt({ address, slot });
      if (BigInt(value ?? 0) === count) {
        await chain.client.setStorageAt({ address, index: slot, value: numberToHex(last, { size: 32 }) });
      }
    }
    await witness.read(chain.deployer, call("projectCount"), last);
    await refuses(manager, call("submit", manager.address, metadataHash), "RegistryFull", last);
  });

  it("has shown every function, event and error of the compiled contract and of its interface", async () => {
    expect(await showsEverything(witness, abi, "IProjectRegistry", {})).to.be.greaterThan(50);
  });
});
