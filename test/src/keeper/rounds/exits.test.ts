import { expect } from "chai";
import type { PrivateKeyAccount } from "viem/accounts";
import { WrongCloserError } from "../../../../src/keeper/index.ts";
import { gracePeriod } from "../../../support/chain.ts";
import { gifts } from "../../../support/roundStage.ts";
import { eager, type RoundRig, startRoundRig, type TestRound } from "./rig.ts";

describe("keeper of rounds, when donors leave", () => {
  let rig: RoundRig;
  let closer: PrivateKeyAccount;
  before(async () => {
    rig = await startRoundRig();
    closer = await rig.gasAccount();
  });
  after(() => rig.stop());

  const closable = () => rig.round({ closer: closer.address });
  const balance = (donor: { address: `0x${string}` }) => rig.stage.balance(donor.address);

  it("given a donor who asked to close on-chain, when the economy waits, it collects inside the grace period", async () => {
    const round = await rig.round();
    const donor = await rig.donor(round);
    await rig.give(round, donor, gifts([1n, 7n]));
    const keeper = await rig.keeper([round]);
    expect((await keeper.pass()).sent).equal(0);
    await rig.stage.mined(await rig.stage.onEscrow(donor.address).requestClose({ channel: donor.channel }));
    const report = await keeper.pass();
    expect(report.rounds[0]?.decided[0]?.decision).to.include({ loop: "deadline", action: "collect" });
    expect(await rig.given(round, 1n)).equal(7n);
    await keeper.stop();
  });

  it("given the grace period and the economy's loop are long, when a close is seen, its own loops act on it without a full pass", async () => {
    const round = await rig.round();
    const donor = await rig.donor(round);
    await rig.give(round, donor, gifts([1n, 7n]));
    const keeper = await rig.keeper([round], { intervals: { deadline: 5, exits: 3_600_000, economy: 3_600_000 } });
    await keeper.start();
    // Past the first full pass: that alone sets this gauge.
    while ((await keeper.metrics.roundEnd.get()).values.length === 0) await pause(5);
    await rig.stage.mined(await rig.stage.onEscrow(donor.address).requestClose({ channel: donor.channel }));
    while ((await rig.given(round, 1n)) === 0n) await pause(5);
    await keeper.stop();
    const { chainId } = rig.chain.escrow;
    const entries = await round.store.journal.list({ chainId, account: keeper.address });
    expect(entries.map(({ purpose }) => purpose)).deep.equal(["collect"]);
  });

  it("given a signed close request and the closer, when it looks, it collects and closes at once with the closer's key", async () => {
    const round = await closable();
    const donor = await rig.donor(round, 1_000n);
    await rig.give(round, donor, gifts([1n, 300n]));
    await rig.wish(round, donor);
    const before = await balance(donor);
    const keeper = await rig.keeper([round], { round: { closer } });
    const report = await keeper.pass();
    expect(report.sent).equal(1);
    expect(report.rounds[0]?.decided[0]?.decision.action).equal("collectAndClose");
    expect(await rig.channelOf(donor)).to.include({ finalized: true, settled: 300n });
    expect(await rig.given(round, 1n)).equal(300n);
    expect(await balance(donor)).equal(before + 700n);
    const { chainId } = rig.chain.escrow;
    const byCloser = await round.store.journal.list({
      chainId,
      account: closer.address.toLowerCase() as `0x${string}`,
    });
    expect(byCloser.map(({ purpose, status }) => [purpose, status])).deep.equal([["collectAndClose", "mined"]]);
    expect(await round.store.journal.list({ chainId, account: keeper.address })).deep.equal([]);
    expect((await keeper.pass()).sent).equal(0);
    await keeper.stop();
  });

  it("given everything is collected and the close is pending on-chain, when the closer is at hand, it closes without another word of the donor", async () => {
    const round = await closable();
    const donor = await rig.donor(round, 1_000n);
    await rig.give(round, donor, gifts([1n, 300n]));
    const collecting = await rig.keeper([round], { policy: eager });
    await collecting.pass();
    await collecting.stop();
    await rig.stage.mined(await rig.stage.onEscrow(donor.address).requestClose({ channel: donor.channel }));
    const keeper = await rig.keeper([round], { round: { closer } });
    await keeper.pass();
    expect(await rig.channelOf(donor)).to.include({ finalized: true, settled: 300n });
    await keeper.stop();
  });

  it("given a signed close request and no closer, when it looks again and again, it collects, submits the request, and withdraws after the grace period", async () => {
    const round = await rig.round();
    const donor = await rig.donor(round, 1_000n);
    await rig.give(round, donor, gifts([1n, 300n]));
    await rig.wish(round, donor);
    const keeper = await rig.keeper([round], { exits: { withdrawTimes: 0n } });
    await keeper.pass();
    expect(await rig.given(round, 1n), "first").equal(300n);
    expect((await rig.channelOf(donor)).closeRequestedAt).equal(0n);
    await keeper.pass();
    expect((await rig.channelOf(donor)).closeRequestedAt > 0n, "second").equal(true);
    expect((await keeper.pass()).sent, "the grace period runs").equal(0);
    await rig.chain.increaseTime(gracePeriod);
    const before = await balance(donor);
    await keeper.pass();
    expect((await rig.channelOf(donor)).finalized, "third").equal(true);
    expect(await balance(donor)).equal(before + 700n);
    await keeper.stop();
  });

  it("given the closer's transaction is refused, when it looks again, the donor leaves by the request", async () => {
    const round = await closable();
    const donor = await rig.donor(round, 1_000n);
    await rig.give(round, donor, gifts([1n, 300n]));
    await rig.wish(round, donor);
    // Another allocation's signature: nothing can be collected with it.
    await rig.stage.mined(
      await rig.stage.onPool(round.pool).collect(await rig.stage.item(donor.channel, gifts([2n, 10n]))),
    );
    const keeper = await rig.keeper([round], { round: { closer } });
    for (let pass = 0; pass < 3; pass++) await keeper.pass();
    expect((await rig.channelOf(donor)).closeRequestedAt > 0n).equal(true);
    expect((await keeper.pass()).quarantined.map(({ reason }) => reason)).deep.equal(["AllocationDiverges"]);
    await keeper.stop();
  });

  it("given a close request that a top-up has voided, when it looks, it leaves the channel open", async () => {
    const round = await closable();
    const donor = await rig.donor(round, 1_000n);
    await rig.wish(round, donor);
    await rig.stage.onEscrow(donor.address).approve({ token: rig.stage.token, amount: 5n });
    const topUp = { channel: donor.channel, additionalDeposit: 5n };
    await rig.stage.mined(await rig.stage.onEscrow(donor.address).topUp(topUp));
    const keeper = await rig.keeper([round], { round: { closer } });
    expect((await keeper.pass()).sent).equal(0);
    expect(await rig.channelOf(donor)).to.include({ finalized: false, closeRequestedAt: 0n });
    await keeper.stop();
  });

  it("given another process has the closer's lease, when a donor leaves, the keeper itself goes on and sends nothing with that key", async () => {
    const round = await closable();
    const donor = await rig.donor(round, 1_000n);
    const other = await rig.donor(round, 1_000n);
    await rig.give(round, donor, gifts([1n, 300n]));
    await rig.wish(round, donor);
    await rig.give(round, other, gifts([2n, 5n]));
    const name = `keeper:${rig.chain.escrow.chainId}:${closer.address.toLowerCase()}`;
    await round.store.lease({ name, holder: "another", ttl: 600_000, now: Date.now() });
    const keeper = await rig.keeper([round], { round: { closer }, policy: eager });
    await keeper.pass();
    expect(await rig.given(round, 2n)).equal(5n);
    expect((await rig.channelOf(donor)).finalized).equal(false);
    await round.store.release(name, "another");
    await keeper.pass();
    expect((await rig.channelOf(donor)).finalized).equal(true);
    await keeper.stop();
  });

  it("given a key that is not the round's closer, when the keeper begins, it is refused with a sentence", async () => {
    const round = await rig.round();
    const keeper = await rig.keeper([round], { round: { closer } });
    const error = await keeper.pass().catch((reason: unknown) => reason);
    expect(error).instanceOf(WrongCloserError);
    await keeper.stop();
  });

  describe("from the end on", () => {
    async function over(fields: { asked?: boolean; deposit?: bigint }) {
      const round = await rig.round();
      const donor = await rig.donor(round, fields.deposit ?? 1_000n);
      await rig.give(round, donor, gifts([1n, 300n]));
      if (fields.asked) await rig.wish(round, donor);
      await rig.untilEnd(round, 0n);
      return { round, donor };
    }

    const closes = async (round: TestRound, refunds: "never" | { times: bigint }) => {
      const keeper = await rig.keeper([round], { round: { refunds } });
      await keeper.pass();
      await keeper.stop();
    };

    it("given the donor asked, when it looks, it closes the channel and the whole remainder goes back", async () => {
      const { round, donor } = await over({ asked: true });
      const before = await balance(donor);
      await closes(round, "never");
      expect(await rig.channelOf(donor)).to.include({ finalized: true, settled: 0n });
      expect(await balance(donor)).equal(before + 1_000n);
    });

    it("given nobody asked, when the remainder is worth the fee, it closes the channel, and else not", async () => {
      const { round, donor } = await over({});
      await closes(round, { times: 10n });
      expect((await rig.channelOf(donor)).finalized).equal(false);
      await closes(round, { times: 0n });
      expect((await rig.channelOf(donor)).finalized).equal(true);
    });
  });
});

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
