import { expect } from "chai";
import hre from "hardhat";
import { type Abi, encodeDeployData, type Hex, zeroAddress } from "viem";
import { donationPoolFactoryAbi } from "../../../src/abi/donationPoolFactory.ts";
import { roundId } from "../../../src/protocol/line.ts";
import { startChain } from "../../support/chain.ts";
import { setRoundStage } from "../../support/roundStage.ts";
import { showsEverything } from "./completeness.ts";
import { createWitness } from "./witness.ts";

describe("DonationPoolFactory, as observed on the wire", () => {
  it("makes a round, lists it, refuses to serve no escrow, and has then shown every item", async () => {
    const chain = await startChain();
    const stage = await setRoundStage(chain);
    const { abi, bytecode } = (await hre.artifacts.readArtifact("DonationPoolFactory")) as { abi: Abi; bytecode: Hex };
    const witness = createWitness(chain, abi, stage.factory);
    const creator = stage.key(stage.anyone);
    const [terms, salt] = [await stage.terms(), stage.nextSalt()];
    const id = roundId(creator.address, salt);
    const read = (functionName: string, args: readonly unknown[], expected: unknown) =>
      witness.read(creator, { functionName, args }, expected);
    const args = [terms, [1n, 2n], salt] as const;
    // What a call that is only simulated tells beforehand.
    const { result: pool } = await chain.client.simulateContract({
      ...{ abi: donationPoolFactoryAbi, address: stage.factory, functionName: "createRound", args, account: creator },
    });
    await read("isRound", [pool], false);
    await read("roundCount", [], 0n);
    await read("channels", [], chain.escrow.address);
    await read("roundIdOf", [creator.address, salt], id);
    const created = { pool, creator: creator.address, roundId: id, terms, projectIds: [1n, 2n] };
    const event = { name: "RoundCreated", args: created };
    await witness.transact(creator, { functionName: "createRound", args }, [event]);
    await read("isRound", [pool], true);
    await read("roundCount", [], 1n);
    await read("rounds", [0n], pool);
    const data = encodeDeployData({ abi, bytecode, args: [zeroAddress] });
    await witness.refuses(creator, { data }, "InvalidChannels", [zeroAddress]);

    expect(await showsEverything(witness, abi, "IDonationPoolFactory", {})).to.equal(8);
    await chain.stop();
  });
});
