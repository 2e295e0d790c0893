import { expect } from "chai";
import { type Address, encodeFunctionData, type Hex, keccak256, parseAbi, zeroAddress, zeroHash } from "viem";
import { generatePrivateKey, privateKeyToAccount } from "viem/accounts";
import {
  attestedGateData,
  createEligibilityTree,
  gateDataHash,
  openGateData,
  roundId,
  signAttestation,
} from "../../../src/protocol/index.ts";
import { lyingTransport, rpcError } from "../../support/lyingTransport.ts";
import { gifts } from "../../support/roundStage.ts";
import { clientOver } from "../chain/support.ts";
import { give, present, type Rig, startRig } from "./rig.ts";

const key = keccak256("0x1234");

describe("collector's question to the gate", () => {
  let rig: Rig;
  before(async () => {
    rig = await startRig();
  });
  after(() => rig.stop());

  const gated = async (gate: Address, more: Parameters<Rig["open"]>[1] = {}) =>
    rig.open(await rig.newRound({ gate }), more);

  /** What comes of a first gift under these data. */
  async function ask(counter: Awaited<ReturnType<typeof gated>>, gateData: Hex) {
    const donor = await rig.donor(counter.pool);
    const answer = await present(counter.url, donor, await donor.sign(gifts([1n, 5n]), { gateData }));
    return { donor, answer };
  }

  async function expectNotEligible(counter: Awaited<ReturnType<typeof gated>>, gateData: Hex) {
    const { donor, answer } = await ask(counter, gateData);
    expect([answer.status, answer.code], JSON.stringify(answer.body)).to.deep.equal([422, "not-eligible"]);
    expect(await counter.store.get(donor.id)).to.include({ authorized: 0n });
    const unmatched = await give(counter.url, await donor.sign(gifts([1n, 5n])));
    expect(unmatched.status, "without matching it is welcome").to.equal(200);
  }

  it("given a gate that says no, refuses; once it says yes, takes the gift", async () => {
    const gate = await rig.chain.deploy("test/contracts/gates/AnsweringGate.sol:AnsweringGate");
    const counter = await gated(gate);
    await expectNotEligible(counter, "0x01");
    const donor = await rig.donor(counter.pool);
    const abi = parseAbi(["function answer(address donor, bytes32 key, uint256 weightBps)"]);
    const tell = async (weight: bigint) => {
      const data = encodeFunctionData({ abi, functionName: "answer", args: [donor.person, key, weight] });
      await rig.stage.mined(
        await rig.chain.wallet(rig.stage.key(rig.stage.anyone)).sendTransaction({ to: gate, data }),
      );
    };
    await tell(10_001n);
    const signed = await donor.sign(gifts([1n, 5n]), { gateData: "0x02" });
    expect((await present(counter.url, donor, signed)).code, "more than all is nothing").to.equal("not-eligible");
    await tell(5_000n);
    const better = await donor.sign(gifts([1n, 5n]), { gateData: "0x03" });
    expect((await give(counter.url, better)).status).to.equal(200);
  });

  for (const [condition, name] of [
    ["reverts", "RevertingGate"],
    ["burns all of its gas", "GasBurningGate"],
    ["answers too short", "ShortGate"],
  ] as const) {
    it(`given a gate that ${condition}, refuses as the pool would`, async () => {
      await expectNotEligible(await gated(await rig.chain.deploy(`test/contracts/gates/${name}.sol:${name}`)), "0x01");
    });
  }

  it("given a gate that needs more gas than the pool gives it, refuses what the pool would refuse", async () => {
    const hungry = "test/contracts/gates/HungryGate.sol:HungryGate";
    await expectNotEligible(await gated(await rig.chain.deploy(hungry, [210_000n, 0n])), "0x01");
    const modest = await gated(await rig.chain.deploy(hungry, [190_000n, 0n]));
    expect((await ask(modest, "0x01")).answer.status).to.equal(200);
  });

  it("given a list, takes the proof of a donor on it, and nobody else's", async () => {
    const salt = rig.stage.nextSalt();
    const [listed, other] = [await rig.stage.person(), await rig.stage.person()];
    const id = roundId(rig.stage.anyone, salt);
    const tree = createEligibilityTree(
      { chainId: rig.chain.escrow.chainId, roundId: id },
      [listed, other].map((donor) => ({ donor, key, weightBps: 10_000 })),
    );
    const gate = await rig.chain.deploy("MerkleGate", [tree.root, id]);
    const terms = await rig.stage.terms({ gate, acceptsSybil: false });
    const receipt = await rig.stage.mined(
      await rig.stage.onFactory(rig.stage.anyone).createRound({ terms, projectIds: rig.projects.slice(0, 3), salt }),
    );
    const pool = receipt.logs.find(({ address }) => address === rig.stage.factory)?.topics[1];
    const counter = await rig.open(`0x${pool?.slice(26)}` as Address);
    const donor = await rig.donor(counter.pool, { payer: listed });
    const stranger = await rig.donor(counter.pool);
    const gateData = tree.gateData(listed) ?? "0x";
    const stolen = await stranger.sign(gifts([1n, 5n]), { gateData });
    expect((await present(counter.url, stranger, stolen)).code).to.equal("not-eligible");
    const own = await donor.sign(gifts([1n, 5n]), { gateData });
    expect((await present(counter.url, donor, own)).status).to.equal(200);
    // What the collector took, the pool takes, and counts.
    await rig.stage.collect(donor.channel, gifts([1n, 5n]), gateData);
    expect(await rig.stage.onPool(counter.pool).getStanding({ donor: listed })).to.include({ weightBps: 10_000 });
  });

  it("given a donor whom the pool has weighed, takes any data, as the pool does", async () => {
    const attester = privateKeyToAccount(generatePrivateKey());
    const gate = await rig.chain.deploy("AttestedGate", [attester.address]);
    const counter = await gated(gate);
    const { pool } = counter;
    const donor = await rig.donor(pool);
    const expiresAt = (await rig.stage.now()) + 1_000n;
    const attestation = { pool, donor: donor.person, key, weightBps: 7_000, expiresAt };
    const attested = await signAttestation(attester, attestation, { address: gate, chainId: rig.chain.escrow.chainId });
    const gateData = attestedGateData(attested);
    expect((await present(counter.url, donor, await donor.sign(gifts([1n, 5n]), { gateData }))).status).to.equal(200);
    await rig.stage.collect(donor.channel, gifts([1n, 5n]), gateData);
    await rig.chain.increaseTime(2_000n);
    const later = await donor.sign(gifts([1n, 6n]), { gateData: "0x99" });
    expect((await give(counter.url, later)).status).to.equal(200);
    await rig.stage.collect(donor.channel, gifts([1n, 6n]), "0x99");
    expect(await rig.stage.standing(pool, donor.id)).to.deep.equal(gifts([1n, 6n]));
  });

  it("asks once for each donor and data, however many gifts come at once", async () => {
    const node = lyingTransport(rig.chain.transport);
    const counter = await rig.open(await rig.newRound(), { client: clientOver(rig.chain, node.transport) });
    const donors = await Promise.all([rig.donor(counter.pool), rig.donor(counter.pool)]);
    for (const donor of donors) await present(counter.url, donor);
    node.asked.length = 0;
    for (const donor of donors) {
      const list = [1n, 2n, 3n, 4n, 5n].map((amount) => donor.sign(gifts([1n, amount]), { gateData: openGateData }));
      await Promise.all((await Promise.all(list)).map((signed) => give(counter.url, signed)));
    }
    const asked = node.asked.filter(({ method, params }) => {
      const [call] = params as [{ to?: string }];
      return method === "eth_call" && call.to?.toLowerCase() === rig.stage.openGate;
    });
    expect(asked).to.have.length(2);
  });

  it("given a node that says in its own words that the gate burnt its gas, refuses", async () => {
    const node = lyingTransport(rig.chain.transport);
    const pool = await rig.newRound();
    const counter = await rig.open(pool, { client: clientOver(rig.chain, node.transport) });
    node.lie = async ({ method, params }, honest) => {
      const [call] = params as [{ to?: string }];
      if (method === "eth_call" && call.to?.toLowerCase() === rig.stage.openGate) throw rpcError("out of gas");
      return honest();
    };
    const { answer } = await ask(counter, openGateData);
    expect([answer.status, answer.code]).to.deep.equal([422, "not-eligible"]);
  });

  it("given a node that fails, says that it cannot tell, and asks again the next time", async () => {
    const node = lyingTransport(rig.chain.transport);
    const pool = await rig.newRound();
    const counter = await rig.open(pool, { client: clientOver(rig.chain, node.transport) });
    const donor = await rig.donor(pool);
    await present(counter.url, donor);
    node.lie = async ({ method, params }, honest) => {
      const [call] = params as [{ to?: string }];
      if (method === "eth_call" && call.to?.toLowerCase() === rig.stage.openGate) throw rpcError("header not found");
      return honest();
    };
    const signed = await donor.sign(gifts([1n, 5n]), { gateData: openGateData });
    expect((await give(counter.url, signed)).status).to.equal(503);
    node.lie = undefined;
    expect((await give(counter.url, signed)).status).to.equal(200);
  });

  it("in a round without matching asks nobody", async () => {
    const pool = await rig.stage.createRound(await rig.stage.withoutMatching(), rig.projects.slice(0, 3));
    const counter = await rig.open(pool);
    expect((await ask(counter, "0x0123")).answer.status).to.equal(200);
    expect(gateDataHash("0x")).to.equal(zeroHash);
    expect((await rig.stage.onPool(pool).getRoundTerms()).gate).to.equal(zeroAddress);
  });
});
