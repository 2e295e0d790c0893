import { expect } from "chai";
import { type Hex, keccak256, stringToHex } from "viem";
import { audit } from "../../../src/audit/index.ts";
import { encodeCancelRound, encodeDisqualify } from "../../../src/chain/pool/encode.ts";
import { encodeChangePayout, encodeReplaceStewards, encodeSuspendProject } from "../../../src/chain/registry/encode.ts";
import { channelId } from "../../../src/protocol/channel.ts";
import { signCloseRequest } from "../../../src/protocol/close.ts";
import { failure } from "../../src/chain/support.ts";
import { day, gifts } from "../../support/roundStage.ts";
import { type Everybody, setEverybody } from "./transfers/everybody.ts";
import { setWorld, type World } from "./transfers/world.ts";

const reasonHash = keccak256(stringToHex("a published reason"));

for (const together of [false, true]) {
  describe(`A donation pool against ${together ? "every role under one key" : "the roles, each on its own"}`, () => {
    let world: World;
    let everybody: Everybody;
    let atFirst: Record<string, bigint>;
    let clean: Hex;

    before(async () => {
      world = await setWorld(together);
      everybody = await setEverybody(world);
      atFirst = await everybody.holdings();
    });

    beforeEach(async () => {
      clean = await world.chain.client.snapshot();
    });

    afterEach(() => world.chain.client.revert({ id: clean }));

    after(() => world.chain.stop());

    /** Ends the round and requires who has gained what, that nothing is left, and that an audit agrees. */
    async function ends(expected: Record<string, bigint>) {
      const left = await everybody.finish();
      const now = await everybody.holdings();
      const gains = Object.fromEntries(
        Object.entries(now).map(([name, holding]) => [name, holding - (atFirst[name] ?? 0n)]),
      );
      expect(gains).to.deep.equal(expected);
      expect(left, "what is left in the pool").to.equal(0n);
      const { chain, stage } = world;
      const report = await audit({
        client: chain.client,
        escrow: chain.escrow.address,
        factory: stage.factory,
        fees: false,
      });
      expect(report.facts).to.deep.equal([]);
      expect(report.verdict).to.equal("balanced");
    }

    /** What is due when nobody does anything: of her 1,000 Ann gave 150, and two donors of 100 draw 200 for project 1. */
    const due = { ann: 850n, ben: 0n, sue: 300n, first: 400n, second: 50n, third: 100n, hostile: 900n };

    it("pays what is due when nobody interferes", async () => {
      await ends(due);
    });

    it("gives everything back, when stewards suspend, hand over to a timelock without delay, and that one cancels", async () => {
      const { stage, chain, addresses } = world;
      const suspension = { address: stage.registry, projectId: 1n, reasonHash };
      await stage.steward(encodeSuspendProject(suspension));
      const proposer = addresses.stranger;
      const successors = await chain.deploy("test/contracts/support/Timelock.sol:Timelock", [0n, [proposer]]);
      await stage.steward(encodeReplaceStewards({ address: stage.registry, newStewards: successors, reasonHash }));
      const cancel = encodeCancelRound({ address: everybody.pool, reasonHash });
      const refusal = await failure(stage.steward(cancel)); // the old ones are nobody now
      expect(refusal).to.be.instanceOf(Error);
      await world.sendThrough(successors, proposer, cancel);
      await ends({ ann: 1_000n, ben: 100n, sue: 500n, first: 0n, second: 0n, third: 0n, hostile: 1_000n });
    });

    it("shifts the match and nothing else, when stewards take the honest projects out and the attester invents a donor", async () => {
      const { stage } = world;
      const friend = await stage.person();
      await stage.donate(friend, everybody.pool, gifts([3n, 100n]), await world.gateData(everybody.pool, friend));
      await stage.at(everybody.end + 3_600n);
      for (const projectId of [1n, 2n]) {
        await stage.steward(encodeDisqualify({ address: everybody.pool, projectId, reasonHash }));
      }
      // Two donors of 100 draw 200 for project 3: the sponsor's, by the count; the donors have theirs again.
      await ends({ ann: 1_000n, ben: 100n, sue: 300n, first: 0n, second: 0n, third: 400n, hostile: 900n });
    });

    it("pays a project that was suspended and whose payout others would change, after the stewards have gone", async () => {
      const { stage, addresses, projects } = world;
      await stage.steward(encodeSuspendProject({ address: stage.registry, projectId: 1n, reasonHash }));
      const change = encodeChangePayout({ address: stage.registry, projectId: 1n, newPayout: addresses.manager });
      for (const by of [stage.stewards, ...Object.values(addresses)]) {
        expect(await failure(world.send(by, change)), `a payout changed by ${by}`).to.be.instanceOf(Error);
      }
      const nobody = await world.chain.deploy("test/contracts/support/Timelock.sol:Timelock", [0n, []]);
      await stage.steward(encodeReplaceStewards({ address: stage.registry, newStewards: nobody, reasonHash }));
      expect(await stage.onRegistry(stage.anyone).getPayout({ projectId: 1n })).to.match(
        new RegExp(projects[0]?.payout ?? "", "i"),
      );
      await ends(due);
    });

    it("lets a manager redirect its own project alone, and only after the registry's delay", async () => {
      const { stage, addresses } = world;
      const elsewhere = await stage.person();
      const own = encodeChangePayout({ address: stage.registry, projectId: 3n, newPayout: elsewhere });
      const other = encodeChangePayout({ address: stage.registry, projectId: 1n, newPayout: elsewhere });
      await world.send(addresses.manager, own);
      expect(await failure(world.send(addresses.manager, other))).to.be.instanceOf(Error);
      const held = await stage.balance(elsewhere);
      await stage.at((await stage.now()) + day);
      await ends({ ...due, third: 0n });
      expect((await stage.balance(elsewhere)) - held).to.equal(100n);
    });

    it("leaves a donor's money hers, when the closer closes by her word, and closes nothing without it", async () => {
      const { stage, addresses, chain } = world;
      const { channel, pool, ann } = everybody;
      const id = channelId(channel, chain.escrow);
      const item = await stage.item(channel, gifts([1n, 100n], [2n, 50n]), "0x");
      const closer = stage.onPool(pool, addresses.closer);
      const request = { channelId: id, deposit: 1_000n };
      const forged = await signCloseRequest(stage.key(addresses.closer), request, chain.escrow);
      expect(await failure(closer.collectAndClose({ item, closeSignature: "0x" }))).to.include({
        reason: "CloseNotRequested",
      });
      expect(await failure(closer.collectAndClose({ item, closeSignature: forged }))).to.include({
        reason: "InvalidSignature",
      });
      expect(await failure(closer.closeChannel({ channel }))).to.include({ reason: "TooEarly" });
      const closeSignature = await signCloseRequest(stage.key(ann), request, chain.escrow);
      await stage.mined(await closer.collectAndClose({ item, closeSignature }));
      await ends(due);
    });
  });
}
