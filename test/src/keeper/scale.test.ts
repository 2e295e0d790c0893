import { expect } from "chai";
import { claimFee, profitable, StillPendingError } from "../../../src/keeper/index.ts";
import { readSurroundings } from "../../../src/keeper/surroundings.ts";
import { signVoucher } from "../../../src/protocol/index.ts";
import type { ChannelRecord } from "../../../src/store/index.ts";
import { gracePeriod } from "../../support/chain.ts";
import { lyingTransport } from "../../support/lyingTransport.ts";
import { type Rig, startRig } from "./rig.ts";

describe("keeper over time and at scale", () => {
  let rig: Rig;
  before(async () => {
    rig = await startRig();
  });
  after(() => rig.stop());

  it("thousands of tiny channels below the threshold wait, until a deadline wins for those that have one", async function () {
    this.timeout(120_000);
    const { store, path } = rig.payeeStore();
    const records: ChannelRecord[] = [];
    for (let index = 0; index < 2_000; index++)
      records.push(await rig.openChannel(store, { authorized: 3n, deposit: 10n }));
    const keeper = await rig.keeper([rig.keeperStore(path)], { policy: profitable({ times: 10n }) });
    const calm = await keeper.pass();
    expect(calm.sent).equal(0);
    expect(calm.decided.length).equal(2_000);
    expect(calm.decided.every(({ decision }) => decision.action === "wait")).equal(true);

    const closing = records.filter((_, index) => index % 5 === 0);
    for (const { channel } of closing) await rig.requestClose(channel);
    const report = await keeper.pass();
    expect(report.sent, "400 rows in batches of 150").equal(3);
    expect(report.quarantined).deep.equal([]);
    const states = await rig.escrow.getChannels({ channelIds: records.map(({ id }) => id) });
    for (const [index, { settled }] of states.entries()) expect(settled).equal(index % 5 === 0 ? 3n : 0n);
    await keeper.stop();
  });

  it("a lost log hides no deadline: the poll by state finds it", async () => {
    const { store, path } = rig.payeeStore();
    const record = await rig.openChannel(store, { authorized: 100n });
    const deaf = lyingTransport(rig.chain.transport);
    deaf.lie = (request, honest) => (request.method === "eth_getLogs" ? Promise.resolve([]) : honest());
    const keeper = await rig.keeper([rig.keeperStore(path)], { client: rig.client(deaf.transport) });
    await keeper.pass();
    await rig.requestClose(record.channel);
    expect((await keeper.pass()).sent).equal(1);
    expect(await rig.settledOf(record.id)).equal(100n);
    await keeper.stop();
  });

  it("a settlement that a reorganisation undid is made again", async () => {
    const { store, path } = rig.payeeStore();
    const record = await rig.openChannel(store, { authorized: 100n });
    await rig.chain.client.mine({ blocks: 3 });
    const account = await rig.gasAccount();
    const keeper = await rig.keeper([rig.keeperStore(path)], { policy: profitable({ times: 0n }), account });
    const snapshot = await rig.chain.client.snapshot();
    await keeper.pass();
    expect(await rig.settledOf(record.id)).equal(100n);
    await rig.chain.client.revert({ id: snapshot });
    expect(await rig.settledOf(record.id)).equal(0n);
    await rig.chain.increaseTime(17n); // another history from here
    await rig.chain.client.mine({ blocks: 3 });
    for (let pass = 0; pass < 4 && (await rig.settledOf(record.id)) === 0n; pass++) await keeper.pass();
    expect(await rig.settledOf(record.id)).equal(100n);
    await keeper.stop();
  });

  it("a payer who asks to close and cancels in a loop wastes no more than the budget of a channel", async () => {
    const { store, path } = rig.payeeStore();
    const record = await rig.openChannel(store, { deposit: 1_000n, authorized: 1n });
    const world = { timestamp: 0n, grace: gracePeriod, prices: new Map() };
    const fee = claimFee(await readSurroundings(rig.client(), world));
    const keeper = await rig.keeper([rig.keeperStore(path)], { deadline: { maxFees: fee * 3n } });
    let settlements = 0;
    let before = await rig.balanceOf(keeper.account.address);
    const start = before;
    for (let round = 0; round < 12; round++) {
      const authorized = BigInt(round) + 1n;
      const voucher = await signVoucher(
        rig.session,
        { channelId: record.id, cumulativeAmount: authorized },
        rig.chain.escrow,
      );
      await store.update(record.id, (kept) => ({
        ...(kept as ChannelRecord),
        authorized,
        signature: voucher.signature,
      }));
      await rig.requestClose(record.channel);
      const { sent } = await keeper.pass();
      settlements += sent;
      await rig.escrow.topUp({ channel: record.channel, additionalDeposit: 1n });
      await keeper.pass();
      before = await rig.balanceOf(keeper.account.address);
    }
    expect(settlements).above(0).and.below(12);
    expect(start - before <= fee * 4n, "less than the budget and one more settlement").equal(true);
    await keeper.stop();
  });

  it("withdraws nothing for a payer where that does not pay, and everything where it does", async () => {
    const { store, path } = rig.payeeStore();
    const small = await rig.openChannel(store, { deposit: 1_000n });
    const large = await rig.openChannel(store, { deposit: 10n ** 18n });
    await rig.requestClose(small.channel);
    await rig.requestClose(large.channel);
    await rig.afterGrace();
    const keeper = await rig.keeper([rig.keeperStore(path)], { exits: {} });
    expect((await keeper.pass()).sent).equal(1);
    expect((await rig.stateOf(small.id)).finalized).equal(false);
    expect((await rig.stateOf(large.id)).finalized).equal(true);
    await keeper.stop();
  });

  it("past the grace period still settles before it withdraws, and reports it as overdue", async () => {
    const { store, path } = rig.payeeStore();
    const record = await rig.openChannel(store, { authorized: 100n });
    await rig.requestClose(record.channel);
    await rig.afterGrace();
    const keeper = await rig.keeper([rig.keeperStore(path)]);
    const report = await keeper.pass();
    expect(report.overdue).deep.equal([record.id]);
    expect(await rig.stateOf(record.id)).to.include({ settled: 100n, finalized: false });
    const next = await keeper.pass();
    expect(next.overdue).deep.equal([]);
    expect(await rig.stateOf(record.id)).to.include({ settled: 100n, finalized: true });
    await keeper.stop();
  });

  it("its loops settle a deadline without being asked, and stop when told", async () => {
    const { store, path } = rig.payeeStore();
    const record = await rig.openChannel(store, { authorized: 100n });
    const keeper = await rig.keeper([rig.keeperStore(path)], { intervals: { deadline: 5, exits: 7, economy: 11 } });
    await keeper.start();
    await rig.requestClose(record.channel);
    while ((await rig.settledOf(record.id)) === 0n) await new Promise((resolve) => setTimeout(resolve, 5));
    await keeper.stop();
    await keeper.stop();
    expect(await keeper.ended).equal(undefined);
    const entries = await store.journal.list({ chainId: rig.chain.escrow.chainId, account: keeper.address });
    expect(entries.length, "three loops, one settlement").equal(1);
    expect(keeper.health()).to.include({ leader: false, ok: false });
  });

  it("a pass whose transaction does not confirm says so, and the next keeper follows it to its end", async () => {
    const { store, path } = rig.payeeStore();
    const record = await rig.openChannel(store, { authorized: 100n });
    const hole = lyingTransport(rig.chain.transport);
    hole.lie = (request, honest) =>
      request.method === "eth_sendRawTransaction" ? Promise.resolve(`0x${"00".repeat(32)}`) : honest();
    const account = await rig.gasAccount();
    const options = { account, policy: profitable({ times: 0n }), patience: 40 };
    const keeper = await rig.keeper([rig.keeperStore(path)], { ...options, client: rig.client(hole.transport) });
    const outcome = await keeper.pass().catch((error: unknown) => error);
    expect(outcome).instanceOf(StillPendingError);
    await keeper.stop();

    const heir = await rig.keeper([rig.keeperStore(path)], { ...options, patience: 60_000 });
    expect((await heir.pass()).sent, "nothing new").equal(0);
    expect(await rig.settledOf(record.id)).equal(100n);
    await heir.stop();
  });

  it("stopped in the middle of a pass ends after the transaction under way, and leaves the lease free", async () => {
    const { store, path } = rig.payeeStore();
    for (let index = 0; index < 6; index++) await rig.openChannel(store, { authorized: 100n });
    const node = lyingTransport(rig.chain.transport);
    const keeper = await rig.keeper([rig.keeperStore(path)], {
      client: rig.client(node.transport),
      policy: profitable({ times: 0n }),
      batchSize: 1,
    });
    let stopping: Promise<void> | undefined;
    node.lie = (request, honest) => {
      if (request.method === "eth_sendRawTransaction") stopping ??= keeper.stop();
      return honest();
    };
    await keeper.pass();
    await stopping;
    const entries = await store.journal.list({ chainId: rig.chain.escrow.chainId, account: keeper.address });
    expect(entries.length).equal(1);
    const name = `keeper:${rig.chain.escrow.chainId}:${keeper.address}`;
    expect(await store.lease({ name, holder: "next", ttl: 1, now: Date.now() })).not.equal(undefined);
  });

  it("asks the chain's own oracle for the L1 data fee, and says so where there is none", async () => {
    const world = { timestamp: 0n, grace: gracePeriod, prices: new Map() };
    const node = lyingTransport(rig.chain.transport);
    node.lie = (request, honest) => (request.method === "eth_getCode" ? Promise.resolve("0x") : honest());
    expect((await readSurroundings(rig.client(node.transport), world)).l1Fee).deep.equal({
      source: "none",
      base: 0n,
      row: 0n,
    });

    // An oracle that charges a wei a byte of its calldata.
    node.lie = async (request, honest) => {
      const [call] = request.params as [{ to?: string; data?: string } | undefined];
      if (request.method === "eth_getCode") return "0x01";
      if (call?.to?.toLowerCase() !== "0x420000000000000000000000000000000000000f") return honest();
      return `0x${(((call.data ?? "0x").length - 2) / 2 - 4 - 64).toString(16).padStart(64, "0")}`;
    };
    expect((await readSurroundings(rig.client(node.transport), world)).l1Fee).deep.equal({
      source: "oracle",
      base: 256n,
      row: 192n,
    });
  });
});
