import { expect } from "chai";
import { getAbiItem, type Hex, parseEventLogs, toFunctionSelector } from "viem";
import { paymentChannelsAbi } from "../../../src/abi/paymentChannels.ts";
import { planBatches } from "../../../src/keeper/batches.ts";
import { maxAge, profitable } from "../../../src/keeper/index.ts";
import { provingTicks, ticksGas } from "../../../src/keeper/ticks.ts";
import { signTickVoucher } from "../../../src/protocol/tick.ts";
import { createTicks } from "../../../src/protocol/tickChain.ts";
import { signVoucher } from "../../../src/protocol/voucher.ts";
import type { ChannelRecord, ChannelStore, RevealedTicks } from "../../../src/store/index.ts";
import { sampleRecord, sampleTicks } from "../../../src/store/sample.ts";
import { type Rig, startRig } from "./rig.ts";

const always = maxAge({ seconds: 0n });

const selectorOf = (name: "settleTicks" | "settleBatch") =>
  toFunctionSelector(getAbiItem({ abi: paymentChannelsAbi, name }));
const selector = selectorOf("settleTicks");

describe("keeper of channels that ticks pay", () => {
  let rig: Rig;
  before(async () => {
    rig = await startRig();
  });
  after(() => rig.stop());

  /** A channel on the chain whose payee was shown `ticks` links of a chain that was signed on top of `base`. */
  async function ticked(
    store: ChannelStore,
    { base = 1_000n, tickValue = 3n, ticks = 40, length = 100 } = {},
    changes: Partial<RevealedTicks> = {},
  ): Promise<ChannelRecord> {
    const record = await rig.openChannel(store);
    const chain = createTicks({ length });
    const offer = { channelId: record.id, cumulativeAmount: base, tickRoot: chain.root, tickValue };
    const { channelId: _, ...signed } = await signTickVoucher(rig.session, offer, rig.chain.escrow);
    const shown = { ...signed, ticks, link: chain.link(ticks), ...changes };
    const authorized = base + BigInt(shown.ticks) * tickValue;
    const after = await store.update(record.id, (kept) => kept && { ...kept, authorized, ticks: shown });
    return after as ChannelRecord;
  }

  /** The verbs of an account's transactions to the escrow, with their channel's settled amounts. */
  async function settlements(account: Hex) {
    const logs = await rig.chain.client.getLogs({ address: rig.chain.escrow.address, fromBlock: 0n });
    const settled = parseEventLogs({ abi: paymentChannelsAbi, eventName: "ChannelSettled", logs });
    const all = await Promise.all(
      settled.map(async ({ args, transactionHash: hash }) => {
        const { from, input } = await rig.chain.client.getTransaction({ hash });
        return { from, selector: input.slice(0, 10), id: args.channelId, settled: args.settled };
      }),
    );
    return all.filter(({ from }) => from === account.toLowerCase());
  }

  it("given ticks that owe the most, when they are due, it should settle them by their own verb, to the unit", async () => {
    const { store } = rig.payeeStore();
    const record = await ticked(store);
    const keeper = await rig.keeper([store], { policy: always });
    const report = await keeper.pass();
    expect(report).to.deep.include({ sent: 1, quarantined: [] });
    expect(await rig.settledOf(record.id)).to.equal(1_120n);
    expect(await settlements(keeper.account.address)).to.deep.equal([
      { from: keeper.account.address.toLowerCase(), selector, id: record.id, settled: 1_120n },
    ]);
    expect((await keeper.pass()).sent).to.equal(0);
    await keeper.stop();
  });

  it("given more ticks after a settlement, when due again, it should pay the increase and nothing twice", async () => {
    const { store } = rig.payeeStore();
    const record = await rig.openChannel(store);
    const chain = createTicks({ length: 100 });
    const offer = { channelId: record.id, cumulativeAmount: 0n, tickRoot: chain.root, tickValue: 5n };
    const { channelId: _, ...signed } = await signTickVoucher(rig.session, offer, rig.chain.escrow);
    const show = (ticks: number) =>
      store.update(record.id, (kept) => {
        const shown = { ...signed, ticks, link: chain.link(ticks) };
        return kept && { ...kept, authorized: BigInt(ticks) * 5n, ticks: shown };
      });
    const before = await rig.balanceOf(rig.payee);
    const keeper = await rig.keeper([store], { policy: always });
    await show(10);
    await keeper.pass();
    await show(11);
    await keeper.pass();
    expect(await rig.settledOf(record.id)).to.equal(55n);
    expect((await rig.balanceOf(rig.payee)) - before).to.equal(55n);
    await keeper.stop();
  });

  it("given a close request on a channel that ticks pay, when the economy would wait, it should settle before the payer leaves", async () => {
    const { store } = rig.payeeStore();
    const record = await ticked(store, { ticks: 100 });
    await rig.requestClose(record.channel);
    const keeper = await rig.keeper([store]);
    await keeper.pass();
    expect(await rig.settledOf(record.id)).to.equal(1_300n);
    await keeper.stop();
  });

  it("given ticks beside vouchers of one payee, when all are due, the vouchers should share a batch and the ticks not be in it", async () => {
    const { store } = rig.payeeStore();
    const vouchers = [
      await rig.openChannel(store, { authorized: 7n }),
      await rig.openChannel(store, { authorized: 8n }),
    ];
    const record = await ticked(store);
    const sharing = new Map<Hex, number>();
    const keeper = await rig.keeper([store], {
      policy(channel, env) {
        sharing.set(channel.record.id, env.batch);
        return { action: "settle", reason: "always" };
      },
    });
    expect((await keeper.pass()).sent).to.equal(2);
    expect([record, ...vouchers].map(({ id }) => sharing.get(id))).to.deep.equal([1, 2, 2]);
    const done = await settlements(keeper.account.address);
    expect(done.find(({ id }) => id === record.id)?.selector).to.equal(selector);
    for (const { id } of vouchers)
      expect(done.find((one) => one.id === id)?.selector).to.equal(selectorOf("settleBatch"));
    await keeper.stop();
  });

  it("given a newer voucher over what ticks owe, when due, it should settle the voucher, which is cheaper", async () => {
    const { store } = rig.payeeStore();
    const { id, authorized } = await ticked(store);
    const { signature } = await signVoucher(
      rig.session,
      { channelId: id, cumulativeAmount: authorized },
      rig.chain.escrow,
    );
    await store.update(id, (kept) => kept && { ...kept, signature });
    const keeper = await rig.keeper([store], { policy: always });
    await keeper.pass();
    expect((await settlements(keeper.account.address)).map(({ selector: verb }) => verb)).to.deep.equal([
      selectorOf("settleBatch"),
    ]);
    expect(await rig.settledOf(id)).to.equal(authorized);
    await keeper.stop();
  });

  it("given a link of another chain, when due, it should rest in quarantine with the escrow's reason and hold up nobody", async () => {
    const { store } = rig.payeeStore();
    const bad = await ticked(store, {}, { link: createTicks({ length: 1 }).root });
    const good = await ticked(store);
    const keeper = await rig.keeper([store], { policy: always });
    const report = await keeper.pass();
    expect(report.quarantined.map(({ id, reason }) => ({ id, reason }))).to.deep.equal([
      { id: bad.id, reason: "TickMismatch" },
    ]);
    expect(await rig.settledOf(good.id)).to.equal(good.authorized);
    await keeper.stop();
  });

  it("given as many ticks as a chain may have, when due, it should settle them within its cost cap", async () => {
    const { store } = rig.payeeStore();
    // Far below the fee: the cap comes from the gas of the hashing alone.
    const record = await ticked(store, { base: 0n, tickValue: 1n, ticks: 65_535, length: 65_535 });
    const keeper = await rig.keeper([store], { policy: always, feeCeiling: 2n });
    expect((await keeper.pass()).sent).to.equal(1);
    expect(await rig.settledOf(record.id)).to.equal(65_535n);
    await keeper.stop();
  }).timeout(60_000);

  it("given the fee of many ticks, when it is weighed, a policy should see it and wait where a voucher would be settled", async () => {
    const { store } = rig.payeeStore();
    const gasPrice = await rig.chain.client.getGasPrice();
    // Worth 200,000 gas: more than a row of a batch, less than ten thousand hashes.
    const value = 200_000n * gasPrice;
    const policy = profitable({ times: 1n });
    const byVoucher = await rig.openChannel(store, { deposit: value, authorized: value });
    const byTicks = await rig.openChannel(store, { deposit: value });
    const chain = createTicks({ length: 10_000 });
    const offer = { cumulativeAmount: value - 10_000n, tickRoot: chain.root, tickValue: 1n };
    const message = { channelId: byTicks.id, ...offer };
    const { signature } = await signTickVoucher(rig.session, message, rig.chain.escrow);
    const shown = { ...offer, signature, ticks: 10_000, link: chain.secret };
    await store.update(byTicks.id, (kept) => kept && { ...kept, authorized: value, ticks: shown });
    const keeper = await rig.keeper([store], { policy });
    const decided = new Map((await keeper.plan()).map(({ channel, decision }) => [channel.record.id, decision.action]));
    expect([decided.get(byVoucher.id), decided.get(byTicks.id)]).to.deep.equal(["settle", "wait"]);
    await keeper.stop();
  });

  it("given a record, when asked what proves it, only ticks that owe exactly what is authorized should count", () => {
    const ticks = sampleTicks({ cumulativeAmount: 7n, tickValue: 2n, ticks: 3 });
    expect(provingTicks(sampleRecord(1, { authorized: 13n, ticks }))).to.equal(ticks);
    expect(provingTicks(sampleRecord(1, { authorized: 14n, ticks }))).to.equal(undefined);
    expect(provingTicks(sampleRecord(1, { authorized: 13n, ticks, signature: "0x12" }))).to.equal(undefined);
    expect(provingTicks(sampleRecord(1, { authorized: 13n }))).to.equal(undefined);
    expect(ticksGas(sampleRecord(1, { authorized: 13n, ticks }))).to.equal(59_279n);
    expect(planBatches([sampleRecord(1, { authorized: 13n, ticks })], 10)[0]).to.deep.include({ rows: undefined });
  });
});
