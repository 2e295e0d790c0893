import { expect } from "chai";
import { claimFee, maxAge, profitable } from "../../../../src/keeper/index.ts";
import { gifts } from "../../../support/roundStage.ts";
import { eager, margin, type RoundRig, startRoundRig } from "./rig.ts";

describe("keeper of rounds, collecting", () => {
  let rig: RoundRig;
  before(async () => {
    rig = await startRoundRig();
  });
  after(() => rig.stop());

  it("given gifts that are worth their fee, when it looks, it attributes all of them in one batch", async () => {
    const round = await rig.round();
    const donors = [await rig.donor(round), await rig.donor(round), await rig.donor(round)];
    for (const [index, donor] of donors.entries()) {
      await rig.give(round, donor, gifts([1n, 100n + BigInt(index)], [2n, 50n]));
    }
    const keeper = await rig.keeper([round], { policy: eager });
    const report = await keeper.pass();
    expect(report.sent).equal(1);
    expect(report.quarantined).deep.equal([]);
    expect(await rig.given(round, 1n)).equal(303n);
    expect(await rig.given(round, 2n)).equal(150n);
    for (const [index, donor] of donors.entries()) {
      expect(await rig.line(donor)).deep.equal(gifts([1n, 100n + BigInt(index)], [2n, 50n]));
    }
    const concluded = keeper.lines.filter(({ message }) => message === "concluded");
    expect(concluded.map(({ fields }) => fields.outcome)).deep.equal(["collected", "collected", "collected"]);
    expect((await keeper.pass()).sent, "nothing is collected twice").equal(0);
    await keeper.stop();
  });

  it("given more gifts on a line that stands, when it looks, it brings the list that stands and adds the rest", async () => {
    const round = await rig.round();
    const donor = await rig.donor(round);
    const keeper = await rig.keeper([round], { policy: eager });
    await rig.give(round, donor, gifts([2n, 10n]));
    await keeper.pass();
    await rig.give(round, donor, gifts([1n, 5n], [2n, 30n]));
    expect((await keeper.pass()).sent).equal(1);
    expect(await rig.line(donor)).deep.equal(gifts([1n, 5n], [2n, 30n]));
    await keeper.stop();
  });

  it("given a channel that somebody settled directly, when it looks, it attributes what was settled", async () => {
    const round = await rig.round();
    const donor = await rig.donor(round);
    await rig.give(round, donor, gifts([1n, 700n]));
    const { signature = "0x" } = (await round.store.get(donor.id)) ?? {};
    const voucher = { channel: donor.channel, cumulativeAmount: 700n, signature };
    await rig.stage.mined(await rig.stage.onEscrow(rig.stage.anyone).settle(voucher));
    const keeper = await rig.keeper([round], { policy: eager });
    expect((await keeper.pass()).sent).equal(1);
    expect(await rig.given(round, 1n)).equal(700n);
    await keeper.stop();
  });

  it("given gifts below their fee, when it looks, it waits, and says what they are worth", async () => {
    const round = await rig.round();
    const donor = await rig.donor(round);
    await rig.give(round, donor, gifts([1n, 100n]));
    const keeper = await rig.keeper([round], { policy: profitable({ times: 10n }) });
    const report = await keeper.pass();
    expect(report.sent).equal(0);
    const [decided] = report.rounds[0]?.decided ?? [];
    expect(decided?.decision.action).equal("wait");
    expect(decided?.decision.reason).match(/worth 100 wei, less than 10 times its fee/);
    await keeper.stop();
  });

  it("given gifts that pay only together, when enough of them are there, it collects them in one transaction", async () => {
    const round = await rig.round();
    const keeper = await rig.keeper([round], { policy: profitable({ times: 1n }) });
    // What one of two costs, and what one alone costs, by the gas of the pool's own verbs.
    const fee = await feeOf(rig, 2);
    const price = { wei: fee, units: 100n };
    const priced = await rig.keeper([round], {
      policy: profitable({ times: 1n }),
      prices: new Map([[rig.stage.token, price]]),
    });
    const first = await rig.donor(round);
    await rig.give(round, first, gifts([1n, 101n]));
    expect((await priced.pass()).sent, "alone it does not pay").equal(0);
    const second = await rig.donor(round);
    await rig.give(round, second, gifts([1n, 101n]));
    expect((await priced.pass()).sent, "together they do").equal(1);
    expect(await rig.given(round, 1n)).equal(202n);
    await keeper.stop();
    await priced.stop();
  });

  it("given gifts that do not pay, when they are old enough, it collects them all the same", async () => {
    const round = await rig.round();
    const donor = await rig.donor(round);
    await rig.give(round, donor, gifts([1n, 1n]));
    const keeper = await rig.keeper([round], { policy: maxAge({ seconds: 86_400n }) });
    expect((await keeper.pass()).sent).equal(0);
    await rig.chain.increaseTime(86_000n);
    expect((await keeper.pass()).sent, "too early").equal(0);
    await rig.chain.increaseTime(400n);
    expect((await keeper.pass()).sent).equal(1);
    expect(await rig.given(round, 1n)).equal(1n);
    await rig.give(round, donor, gifts([1n, 2n]));
    expect((await keeper.pass()).sent, "what is new has an age of its own").equal(0);
    await rig.chain.increaseTime(86_400n);
    expect((await keeper.pass()).sent).equal(1);
    await keeper.stop();
  });

  it("given gifts that never pay, when the margin begins, it collects everything", async () => {
    const round = await rig.round();
    const donors = [await rig.donor(round), await rig.donor(round)];
    for (const donor of donors) await rig.give(round, donor, gifts([1n, 1n]));
    const keeper = await rig.keeper([round]);
    await rig.untilEnd(round, margin + 600n);
    expect((await keeper.pass()).sent, "before the margin").equal(0);
    await rig.untilEnd(round, margin);
    const report = await keeper.pass();
    expect(report.sent).equal(1);
    expect(report.rounds[0]?.decided.map(({ decision }) => decision.loop)).deep.equal(["margin", "margin"]);
    expect(await rig.given(round, 1n)).equal(2n);
    await keeper.stop();
  });

  it("given the round is over, when gifts are left, it spends nothing on them", async () => {
    const round = await rig.round();
    const donor = await rig.donor(round);
    await rig.give(round, donor, gifts([1n, 500n]));
    await rig.untilEnd(round, 0n);
    const keeper = await rig.keeper([round], { policy: eager });
    expect((await keeper.pass()).sent).equal(0);
    expect(await rig.given(round, 1n)).equal(0n);
    expect((await rig.channelOf(donor)).settled).equal(0n);
    await keeper.stop();
  });

  it("given a suspended project's gift, when it looks, it waits, and collects it once the project takes gifts again", async () => {
    const round = await rig.round();
    const [, , third] = rig.projects;
    const projectId = third?.id ?? 0n;
    const donor = await rig.donor(round);
    await rig.give(round, donor, gifts([projectId, 80n]));
    await rig.suspend(projectId);
    const keeper = await rig.keeper([round], { policy: eager });
    const calm = await keeper.pass();
    expect(calm.sent).equal(0);
    expect(calm.rounds[0]?.decided[0]?.decision.reason).equal("nothing of it could be attributed now");
    await rig.reinstate(projectId);
    expect((await keeper.pass()).sent, "once the project takes gifts again").equal(1);
    expect(await rig.given(round, projectId)).equal(80n);
    await keeper.stop();
  });

  it("given a channel to the pool in a store of the ordinary loops, when they look, they leave it to the round", async () => {
    const round = await rig.round();
    const donor = await rig.donor(round);
    await rig.give(round, donor, gifts([1n, 100n]));
    const keeper = await rig.keeper([round], { stores: [rig.keeperStore(round)], policy: eager });
    const report = await keeper.pass();
    expect(report.decided, "the ordinary loops see nothing").deep.equal([]);
    expect(report.sent).equal(1);
    expect(await rig.given(round, 1n)).equal(100n);
    await keeper.stop();
  });
});

async function feeOf(rig: RoundRig, batch: number): Promise<bigint> {
  const gasPrice = await rig.chain.client.getGasPrice();
  const gas = { batch: 30_000n, row: 82_000n + 48_000n + 40_000n - 21_500n };
  const l1Fee = { source: "none" as const, base: 0n, row: 0n };
  return claimFee({ timestamp: 0n, grace: 0n, gasPrice, l1Fee, prices: new Map(), batch, gas });
}
