import { expect } from "chai";
import { type Address, zeroAddress, zeroHash } from "viem";
import {
  decodeRegistryEvents,
  encodeDecideProject,
  encodeReinstateProject,
  encodeReplaceStewards,
  encodeSuspendProject,
  RegistryRevertError,
} from "../../../../src/chain/index.ts";
import { startChain, type TestChain } from "../../../support/chain.ts";
import { day, type RoundStage, setRoundStage, stewardsDelay } from "../../../support/roundStage.ts";
import { failure } from "../support.ts";

const reasonHash = `0x${"77".repeat(32)}` as const;

describe("registry actions", () => {
  let chain: TestChain;
  let stage: RoundStage;
  let [manager, rival]: [Address, Address] = [zeroAddress, zeroAddress];

  before(async () => {
    chain = await startChain();
    stage = await setRoundStage(chain);
    [manager, rival] = [await stage.person(), await stage.person()];
  });
  after(() => chain.stop());

  const as = (address: Address) => stage.onRegistry(address);

  async function submitted() {
    await stage.mined(await as(manager).approve({ token: stage.token, amount: 50n }));
    await stage.mined(await as(manager).submitProject({ payout: manager, metadataHash: zeroHash }));
    return as(manager).getProjectCount();
  }

  async function challenged() {
    const projectId = await submitted();
    await stage.mined(await as(rival).approve({ token: stage.token, amount: 50n }));
    await stage.mined(await as(rival).challengeProject({ projectId, reasonHash }));
    return projectId;
  }

  it("given a registry, when read, its terms should be those of its deployment", async () => {
    const terms = await as(manager).getRegistryTerms();
    expect(terms.depositToken.toLowerCase()).to.equal(stage.token);
    expect(terms).to.deep.include({ applicationDeposit: 50n, challengeWindow: day, decisionWindow: 2n * day });
    expect((await as(manager).getStewards()).toLowerCase()).to.equal(stage.stewards);
  });

  it("given an application that nobody challenges, when accepted, it should take gifts and its deposit be owed", async () => {
    const projectId = await submitted();
    expect(await as(manager).getProject({ projectId })).to.include({ status: "submitted", challengedAt: 0 });
    expect(await failure(as(rival).acceptProject({ projectId }))).to.include({ reason: "WindowOpen" });
    await chain.increaseTime(day);
    await stage.mined(await as(rival).acceptProject({ projectId }));
    expect(await as(manager).getProject({ projectId })).to.include({ status: "accepted" });
    const bits = await as(manager).getAcceptedBits({ wordIndex: 0n });
    expect((bits >> projectId) & 1n).to.equal(1n);
    expect(await as(manager).getOwedDeposit({ owner: manager })).to.equal(50n);
    await stage.mined(await as(rival).withdrawDeposit({ owner: manager }));
    expect(await as(manager).getOwedDeposit({ owner: manager })).to.equal(0n);
  });

  it("given a challenge, when the stewards reject, the deposits should be the challenger's", async () => {
    const projectId = await challenged();
    const parameters = { address: stage.registry, projectId, accepted: false, reasonHash };
    const { logs } = await stage.steward(encodeDecideProject(parameters));
    const names = decodeRegistryEvents(logs, { address: stage.registry }).map(({ eventName }) => eventName);
    expect(names).to.deep.equal(["ProjectDecided", "DepositReleased"]);
    expect(await as(manager).getProject({ projectId })).to.include({ status: "rejected" });
    expect(await as(rival).getOwedDeposit({ owner: rival })).to.equal(100n);
  });

  it("given an accepted project, when its manager acts, payout, place, description and end should follow", async () => {
    const [first] = await stage.acceptedProjects(1);
    if (!first) throw new Error("no project");
    const act = as(first.manager);
    const projectId = first.id;
    await stage.mined(await act.changePayout({ projectId, newPayout: rival }));
    expect((await act.getPayout({ projectId })).toLowerCase()).to.equal(first.payout);
    await chain.increaseTime(day);
    expect((await act.getPayout({ projectId })).toLowerCase()).to.equal(rival);
    await stage.mined(await act.changeMetadata({ projectId, metadataHash: reasonHash }));
    await stage.mined(await act.transferManager({ projectId, newManager: rival }));
    await stage.mined(await as(rival).acceptManager({ projectId }));
    const error = await failure(act.closeProject({ projectId }));
    expect(error).to.be.instanceOf(RegistryRevertError);
    expect(error).to.include({ reason: "NotManager" });
    await stage.mined(await as(rival).closeProject({ projectId }));
    const project = await act.getProject({ projectId });
    expect(project).to.include({ status: "closed", metadataHash: reasonHash });
    expect(project.manager.toLowerCase()).to.equal(rival);
  });

  it("given the stewards, when they suspend, reinstate and hand over, each should be done through their timelock", async () => {
    const [project] = await stage.acceptedProjects(1);
    if (!project) throw new Error("no project");
    const named = { address: stage.registry, projectId: project.id, reasonHash };
    await stage.steward(encodeSuspendProject(named));
    expect((await as(manager).getProject({ projectId: project.id })).status).to.equal("suspended");
    await stage.steward(encodeReinstateProject(named));
    expect((await as(manager).getProject({ projectId: project.id })).status).to.equal("accepted");
    const newStewards = await chain.deploy("Timelock", [stewardsDelay, [manager]]);
    await stage.steward(encodeReplaceStewards({ address: stage.registry, newStewards, reasonHash }));
    expect((await as(manager).getStewards()).toLowerCase()).to.equal(newStewards);
  });

  it("given an id that nobody has, when read, it should say so", async () => {
    const error = await failure(as(manager).getProject({ projectId: 999n }));
    expect(error).to.be.instanceOf(RegistryRevertError);
    expect(error).to.include({ reason: "ProjectNotFound" });
  });
});
