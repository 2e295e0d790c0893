import { expect } from "chai";
import { formatCloseRequest, signCloseRequest } from "../../../src/protocol/index.ts";
import { sqliteStore } from "../../../src/store/sqlite.ts";
import { gifts } from "../../support/roundStage.ts";
import { type Counter, type Donor, give, present, type Rig, startRig } from "./rig.ts";

describe("collector and what the chain did to a channel", () => {
  let rig: Rig;
  let counter: Counter;
  let donor: Donor;
  before(async () => {
    rig = await startRig();
    counter = await rig.open(await rig.newRound());
  });
  after(() => rig.stop());
  beforeEach(async () => {
    donor = await rig.donor(counter.pool);
    expect((await present(counter.url, donor, await donor.sign(gifts([1n, 10n])))).status).to.equal(200);
  });

  it("given a collect behind its back, by the donor's own newer allocation, goes on from that and from nothing less", async () => {
    await rig.stage.collect(donor.channel, gifts([1n, 10n], [2n, 4n]), "0x");
    const older = await give(counter.url, await donor.sign(gifts([1n, 30n])));
    expect([older.status, older.code]).to.deep.equal([409, "allocation-diverges"]);
    expect(older.body.detail).to.match(/gives project 2 0, and 4 was attributed/);
    const newer = await give(counter.url, await donor.sign(gifts([1n, 30n], [2n, 4n])));
    expect(newer.body).to.include({ cumulativeAmount: "34", amount: "24" });
    await rig.stage.collect(donor.channel, gifts([1n, 30n], [2n, 4n]), "0x");
    expect(await rig.stage.standing(counter.pool, donor.id)).to.deep.equal(gifts([1n, 30n], [2n, 4n]));
  });

  it("given a refund, takes nothing that does not list it under project 0, and no more there than was refunded", async () => {
    // A gift to a project that takes none is settled and not attributed: the donor's to take back.
    await rig.stage.collect(donor.channel, gifts([1n, 10n], [99n, 6n]), "0x");
    await rig.stage.refund(donor.channel, donor.person);
    const without = await give(counter.url, await donor.sign(gifts([1n, 40n])));
    expect([without.status, without.code]).to.deep.equal([409, "allocation-diverges"]);
    expect(without.body.detail).to.match(/gives project 0 0, and 6 was refunded/);
    const greedy = await give(counter.url, await donor.sign(gifts([0n, 7n], [1n, 40n])));
    expect([greedy.status, greedy.code]).to.deep.equal([422, "gift-refused"]);
    expect(greedy.body.detail).to.match(/Project 0 is for what was refunded, and 1 more/);

    const before = counter.collector.totals();
    const listed = await give(counter.url, await donor.sign(gifts([0n, 6n], [1n, 40n])));
    expect(listed.body).to.include({ cumulativeAmount: "46", amount: "36" });
    expect(counter.collector.totals().sum, "what was refunded is no gift").to.equal(before.sum + 30n);
    await rig.stage.collect(donor.channel, gifts([0n, 6n], [1n, 40n]), "0x");
    const state = await rig.stage.onPool(counter.pool).getGiftsHash({ lineId: donor.id });
    expect(state).to.not.equal(`0x${"00".repeat(32)}`);
  });

  it("given a channel that was settled directly behind the pool's back, loses nothing and goes on", async () => {
    const { cumulativeAmount, voucherSignature } = await donor.sign(gifts([1n, 10n]));
    const wallet = rig.stage.onEscrow(rig.stage.anyone);
    await rig.stage.mined(
      await wallet.settle({ channel: donor.channel, cumulativeAmount, signature: voucherSignature }),
    );
    const more = await donor.sign(gifts([1n, 10n], [2n, 5n]));
    expect((await give(counter.url, more)).body).to.include({ cumulativeAmount: "15", amount: "5" });
    await rig.stage.collect(donor.channel, gifts([1n, 10n], [2n, 5n]), "0x");
    expect(await rig.stage.standing(counter.pool, donor.id)).to.deep.equal(gifts([1n, 10n], [2n, 5n]));
  });

  it("given a voucher settled that it never saw, starts again on its store, and takes what covers it", async () => {
    const pool = await rig.newRound();
    const first = await rig.open(pool);
    const bold = await rig.donor(pool);
    await present(first.url, bold, await bold.sign(gifts([1n, 10n])));
    const { cumulativeAmount, voucherSignature } = await bold.sign(gifts([1n, 50n]));
    const wallet = rig.stage.onEscrow(bold.person);
    await rig.stage.mined(
      await wallet.settle({ channel: bold.channel, cumulativeAmount, signature: voucherSignature }),
    );
    await first.stop();
    const again = await rig.open(pool, { store: sqliteStore(first.path, { role: "payee" }) });
    expect(again.collector.totals()).to.deep.include({ channels: 1, sum: 10n });
    const more = await bold.sign(gifts([1n, 10n], [2n, 45n]));
    expect((await give(again.url, more)).body).to.include({ cumulativeAmount: "55", amount: "45" });
    await rig.stage.collect(bold.channel, gifts([1n, 10n], [2n, 45n]), "0x");
  });

  it("given a pending close, takes no more; a top-up cancels the close and gifts go on", async () => {
    await rig.stage.onEscrow(donor.person).requestClose({ channel: donor.channel });
    const signed = await donor.sign(gifts([1n, 20n]));
    const answer = await give(counter.url, signed, "during");
    expect([answer.status, answer.code]).to.deep.equal([410, "channel-finalized"]);
    expect(answer.body.detail).to.match(/being closed/);
    await rig.stage.onEscrow(donor.person).approve({ token: rig.stage.token, amount: 5n });
    await rig.stage.onEscrow(donor.person).topUp({ channel: donor.channel, additionalDeposit: 5n });
    expect((await give(counter.url, signed, "during")).status).to.equal(200);
  });

  it("given a channel that its donor closed, takes no more and keeps what was acknowledged", async () => {
    const closing = { channelId: donor.id, deposit: donor.deposit };
    const signature = await signCloseRequest(donor.signer, closing, rig.chain.escrow);
    const body = formatCloseRequest({ ...closing, signature });
    const kept = await fetch(`${counter.url}/close-requests`, { method: "POST", body });
    expect(kept.status).to.equal(202);
    const answer = await give(counter.url, await donor.sign(gifts([1n, 20n])));
    expect(answer.code).to.equal("channel-finalized");
    expect(await counter.store.get(donor.id)).to.include({ authorized: 10n });
  });
});
