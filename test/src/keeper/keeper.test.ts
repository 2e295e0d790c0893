import { expect } from "chai";
import { generatePrivateKey, privateKeyToAccount } from "viem/accounts";
import { profitable } from "../../../src/keeper/index.ts";
import { signCloseAuthorization, signCloseRequest } from "../../../src/protocol/index.ts";
import type { ChannelRecord } from "../../../src/store/index.ts";
import { type Rig, startRig } from "./rig.ts";

describe("keeper", () => {
  let rig: Rig;
  before(async () => {
    rig = await startRig();
  });
  after(() => rig.stop());

  it("pays before the deadline for payers who asked to close and went silent, while the economy waits", async () => {
    const { store, path } = rig.payeeStore();
    const silent = await rig.openChannel(store, { authorized: 700n });
    const calm = await rig.openChannel(store, { authorized: 700n });
    const keeper = await rig.keeper([rig.keeperStore(path)]);

    const before = await keeper.pass();
    expect(before.sent).equal(0);
    expect(before.decided.map(({ decision }) => decision.action)).deep.equal(["wait", "wait"]);

    await rig.requestClose(silent.channel);
    const report = await keeper.pass();
    expect(report.sent).equal(1);
    expect(await rig.settledOf(silent.id)).equal(700n);
    expect(await rig.settledOf(calm.id)).equal(0n);
    expect(await rig.balanceOf(rig.payee)).equal(700n);
    const concluded = keeper.lines.find(({ message }) => message === "concluded");
    expect(concluded?.fields).to.include({ channel: silent.id, action: "settle", outcome: "paid" });
    expect(concluded?.fields.graceLeft).to.be.a("number").above(172_000).and.at.most(172_800);
    expect((await keeper.pass()).sent).equal(0);
    await keeper.stop();
  });

  it("settles when the unsettled value clears the policy, sharing the fee of one batch", async () => {
    const { store, path } = rig.payeeStore();
    const records: ChannelRecord[] = [];
    for (let index = 0; index < 5; index++) {
      records.push(await rig.openChannel(store, { deposit: 10n ** 18n, authorized: 10n ** 17n }));
    }
    const keeper = await rig.keeper([rig.keeperStore(path)], { policy: profitable({ times: 10n }) });
    const report = await keeper.pass();
    expect(report.sent).equal(1);
    for (const { id } of records) expect(await rig.settledOf(id)).equal(10n ** 17n);
    const after = await store.list({ unsettled: true });
    expect((await keeper.pass()).sent).equal(0);
    expect(await store.list({ unsettled: true })).deep.equal([]);
    expect(after.length).at.most(5);
    await keeper.stop();
  });

  it("closes with the payee's consent, without the payee's key", async () => {
    const payee = privateKeyToAccount(generatePrivateKey());
    const { store, path } = rig.payeeStore();
    const address = payee.address.toLowerCase() as `0x${string}`;
    const record = await rig.openChannel(store, { payee: address, authorized: 900n });
    const { timestamp } = await rig.chain.client.getBlock();
    const consent = { channelId: record.id, cumulativeAmount: 900n, deadline: timestamp + 86_400n };
    const signature = await signCloseAuthorization(payee, consent, rig.chain.escrow);
    await store.update(record.id, (kept) => ({
      ...(kept as ChannelRecord),
      closeAuthorization: {
        cumulativeAmount: 900n,
        voucherSignature: record.signature ?? "0x",
        deadline: consent.deadline,
        signature,
      },
    }));
    const keeper = await rig.keeper([rig.keeperStore(path)]);
    const payer = await rig.balanceOf(rig.chain.deployer);
    expect((await keeper.pass()).sent).equal(1);
    expect(await rig.stateOf(record.id)).to.include({ finalized: true, settled: 900n });
    expect(await rig.balanceOf(address)).equal(900n);
    expect(await rig.balanceOf(rig.chain.deployer)).equal(payer + 999_100n);
    await keeper.stop();
  });

  it("settles first, then submits a payer's signed close request, then withdraws for the payer after the grace period", async () => {
    const { store, path } = rig.payeeStore();
    const record = await rig.openChannel(store, { authorized: 400n });
    const request = { channelId: record.id, deposit: record.deposit };
    const signature = await signCloseRequest(rig.session, request, rig.chain.escrow);
    await store.update(record.id, (kept) => ({
      ...(kept as ChannelRecord),
      closeRequest: { deposit: record.deposit, signature },
    }));
    const keeper = await rig.keeper([rig.keeperStore(path)]);

    await keeper.pass();
    expect(await rig.stateOf(record.id)).to.include({ settled: 400n, closeRequestedAt: 0n });
    await keeper.pass();
    expect((await rig.stateOf(record.id)).closeRequestedAt > 0n).equal(true);
    expect((await keeper.pass()).sent, "before the grace period is over").equal(0);

    await rig.afterGrace();
    const payer = await rig.balanceOf(rig.chain.deployer);
    await keeper.pass();
    expect(await rig.stateOf(record.id)).to.include({ finalized: true, settled: 400n });
    expect(await rig.balanceOf(rig.chain.deployer)).equal(payer + record.deposit - 400n);
    await keeper.stop();
  });

  it("leaves a close request alone that a top-up has voided", async () => {
    const { store, path } = rig.payeeStore();
    const record = await rig.openChannel(store);
    const request = { channelId: record.id, deposit: record.deposit };
    const signature = await signCloseRequest(rig.session, request, rig.chain.escrow);
    await store.update(record.id, (kept) => ({
      ...(kept as ChannelRecord),
      closeRequest: { deposit: record.deposit, signature },
    }));
    await rig.escrow.topUp({ channel: record.channel, additionalDeposit: 5n });
    const keeper = await rig.keeper([rig.keeperStore(path)]);
    expect(await keeper.pass()).to.deep.include({ sent: 0, quarantined: [] });
    expect((await rig.stateOf(record.id)).closeRequestedAt).equal(0n);
    await keeper.stop();
  });
});
