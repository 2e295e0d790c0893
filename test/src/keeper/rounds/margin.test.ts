import { expect } from "chai";
import type { Address } from "viem";
import { gifts } from "../../../support/roundStage.ts";
import { type Donor, type RoundRig, startRoundRig } from "./rig.ts";

describe("keeper of rounds, in the last minute", () => {
  let rig: RoundRig;
  before(async () => {
    rig = await startRoundRig();
  });
  after(() => rig.stop());

  it("given 300 channels with gifts too small to pay, when the last minute begins, it has all of them collected before the end", async function () {
    this.timeout(240_000);
    const { client } = rig.chain;
    const round = await rig.round();
    const people: Address[] = [];
    for (let index = 0; index < 30; index++) people.push(await rig.stage.person());
    const donors: Donor[] = [];
    for (let index = 0; index < 300; index++) donors.push(await rig.donor(round, 1_000n, people[index % 30]));
    const amountOf = (index: number) => 1n + BigInt((index * 37) % 300);
    for (const [index, donor] of donors.entries()) {
      await rig.give(round, donor, gifts([1n + BigInt(index % 3), amountOf(index)]));
    }
    const keeper = await rig.keeper([round], { round: { margin: 60n } });
    await rig.untilEnd(round, 600n);
    expect((await keeper.pass()).sent, "before the margin").equal(0);

    await rig.untilEnd(round, 60n);
    await client.setAutomine(false);
    const passing = keeper.pass();
    const { chainId } = rig.chain.escrow;
    const entries = () => round.store.journal.list({ chainId, account: keeper.address });
    const planned = () => keeper.lines.some(({ message }) => message === "sent") && count(entries());
    // Every batch is journalled and out before the first of them is mined.
    while ((await planned()) !== 300) await pause(20);
    const sent = await entries();
    expect(sent.length, "several transactions").above(4);
    expect(sent.map(({ nonce }) => nonce)).deep.equal(sent.map((_, index) => index));
    expect(new Set(sent.map(({ status }) => status))).deep.equal(new Set(["pending"]));
    const byId = new Map(donors.map((donor, index) => [donor.id, amountOf(index)]));
    const values = sent.map(({ channelIds }) => channelIds.map((id) => byId.get(id) ?? 0n));
    for (const [index, value] of values.slice(1).entries()) {
      expect(least(values[index] ?? []) >= most(value), "most value first").equal(true);
    }

    let ended = false;
    void passing.finally(() => {
      ended = true;
    });
    while (!ended) {
      await client.increaseTime({ seconds: 1 });
      await client.mine({ blocks: 1 });
      await pause(20);
    }
    const report = await passing;
    await client.setAutomine(true);
    expect(report.quarantined).deep.equal([]);
    const done = await entries();
    const last = done.reduce(
      (newest, { outcome }) => (outcome && outcome.blockNumber > newest ? outcome.blockNumber : newest),
      0n,
    );
    expect((await client.getBlock({ blockNumber: last })).timestamp < round.terms.end, "before the end").equal(true);
    const total = donors.reduce((sum, _, index) => sum + amountOf(index), 0n);
    const given = await Promise.all([1n, 2n, 3n].map((id) => rig.given(round, id)));
    expect(given.reduce((sum, amount) => sum + amount, 0n)).equal(total);
    const claimed = done.flatMap(({ channelIds }) => channelIds);
    expect(claimed.length, "none twice").equal(300);
    const limit = 2n ** 24n;
    for (const { outcome } of done) expect((outcome?.gasUsed ?? limit) < limit).equal(true);
    await keeper.stop();
  });
});

async function count(entries: Promise<readonly { channelIds: readonly unknown[] }[]>): Promise<number> {
  return (await entries).flatMap(({ channelIds }) => channelIds).length;
}

const least = (amounts: readonly bigint[]) => amounts.reduce((a, b) => (a < b ? a : b));
const most = (amounts: readonly bigint[]) => amounts.reduce((a, b) => (a > b ? a : b));

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
