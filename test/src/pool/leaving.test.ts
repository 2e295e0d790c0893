import { expect } from "chai";
import { keccak256, stringToHex } from "viem";
import {
  channelActions,
  encodeCancelRound,
  encodeReinstateProject,
  encodeSuspendProject,
  requestCloseWithSignature,
  settle,
  withdraw,
} from "../../../src/chain/index.ts";
import { openedChannels, type PayerChannel } from "../../../src/payer/index.ts";
import type { Giver } from "../../../src/pool/index.ts";
import { openGateData } from "../../../src/protocol/index.ts";
import { gracePeriod, startChain, type TestChain } from "../../support/chain.ts";
import { gifts, type RoundStage, setRoundStage } from "../../support/roundStage.ts";
import { rejection } from "../payer/rejection.ts";
import { type Collector, collectorOf, donorOf } from "./donor.ts";

const reasonHash = keccak256(stringToHex("a published reason"));

/** The whole of what docs/leaving.md says, each way out on its own round. */
describe("a donor whose collector is gone", () => {
  let chain: TestChain;
  let stage: RoundStage;
  before(async () => {
    chain = await startChain();
    stage = await setRoundStage(chain);
    await stage.acceptedProjects(3);
  });
  after(() => chain.stop());

  /** A donor that gave 30 and 12 through a collector that then vanished, and 5 more that nobody answered. */
  async function left() {
    const pool = await stage.createRound(await stage.terms(), [1n, 2n, 3n]);
    const collector = collectorOf(stage, pool);
    const donor = await donorOf(stage, pool, collector, {
      gateData: openGateData,
      onWaiting: () => donor.giver.stop(),
    });
    const before = await stage.balance(donor.address);
    await donor.giver.give(1n, 30n);
    await donor.giver.give(2n, 12n);
    collector.vanish();
    await rejection(donor.giver.give(1n, 5n));
    return { ...donor, pool, collector, before };
  }

  /** What the donor does after closing the page and opening it again: a new giver on the old store. */
  async function comeBack({
    wallet,
    session,
    store,
    pool,
    collector,
  }: Awaited<ReturnType<typeof left>>): Promise<Giver> {
    return (await donorOf(stage, pool, collector, { wallet, session, payer: { store } })).giver;
  }

  async function channelOf(giver: Giver): Promise<PayerChannel> {
    const channel = await giver.channel();
    if (!channel) throw new Error("there is no channel");
    return channel;
  }

  const gas = async (hash: `0x${string}`) => (await chain.client.getTransactionReceipt({ hash })).gasUsed;

  it("while the round takes gifts, brings all of its gifts on-chain and has the rest back after the grace period", async () => {
    const donor = await left();
    const giver = await comeBack(donor);
    const collected = await giver.collect();
    const channel = await channelOf(giver);
    const requested = await channel.requestClose();
    await chain.increaseTime(gracePeriod);
    const withdrawn = await channel.withdraw();

    expect(await stage.balance(donor.address)).to.equal(donor.before - 47n);
    expect(await stage.standing(donor.pool, channel.id)).to.deep.equal(gifts([1n, 35n], [2n, 12n]));
    const states = await Promise.all(
      [1n, 2n].map((projectId) => stage.onPool(donor.pool).getProjectState({ projectId })),
    );
    expect(states.map((state) => [state.gifts, state.donors])).to.deep.equal([
      [35n, 1],
      [12n, 1],
    ]);
    // What docs/leaving.md says it costs.
    expect((await gas(collected)) <= 250_000n).to.equal(true);
    expect((await gas(requested)) <= 35_000n).to.equal(true);
    expect((await gas(withdrawn)) <= 45_000n).to.equal(true);
  });

  it("without coin, signs a close request that anyone may bring, and anyone may finish it", async () => {
    const donor = await left();
    const channel = await channelOf(await comeBack(donor));
    const { signature } = await channel.signCloseRequest();
    const friend = stage.onEscrow(await stage.person());
    const at = { address: stage.escrow.address, channel: channel.channel };
    await stage.mined(await requestCloseWithSignature(friend, { ...at, signature }));
    await chain.increaseTime(gracePeriod);
    await stage.mined(await withdraw(friend, at));
    // Nobody brought the gifts: they are the donor's again.
    expect(await stage.balance(donor.address)).to.equal(donor.before);
  });

  it("after a channel was left, still takes back what the pool skipped", async () => {
    const donor = await left();
    await stage.steward(encodeSuspendProject({ address: stage.registry, projectId: 2n, reasonHash }));
    const giver = await comeBack(donor);
    await giver.collect();
    const channel = await channelOf(giver);
    await channel.requestClose();
    await chain.increaseTime(gracePeriod);
    await channel.withdraw();
    expect(await stage.balance(donor.address)).to.equal(donor.before - 47n);

    const later = await comeBack(donor);
    await later.refund();
    expect(await stage.balance(donor.address)).to.equal(donor.before - 35n);
    expect((await later.gifts())?.collected).to.deep.equal(gifts([0n, 12n], [1n, 35n]));
    await stage.steward(encodeReinstateProject({ address: stage.registry, projectId: 2n, reasonHash }));
  });

  it("when the round is cancelled, has gifts that were collected back too", async () => {
    const donor = await left();
    const giver = await comeBack(donor);
    await giver.collect();
    await stage.steward(encodeCancelRound({ address: donor.pool, reasonHash }));
    await giver.refund();
    const { channel } = await channelOf(giver);
    await stage.mined(await stage.onPool(donor.pool).closeChannel({ channel }));
    expect(await stage.balance(donor.address)).to.equal(donor.before);
  });

  it("after the round, has all that nobody collected back at once, by anyone's transaction", async () => {
    const donor = await left();
    const giver = await comeBack(donor);
    await stage.at((await stage.onPool(donor.pool).getRoundTerms()).end);
    expect(await rejection(giver.collect())).to.include({ reason: "NotOpen" });
    const { channel } = await channelOf(giver);
    await stage.mined(await stage.onPool(donor.pool).closeChannel({ channel }));
    expect(await stage.balance(donor.address)).to.equal(donor.before);
  });

  it("when its vouchers were settled and never collected, has the money back from the pool", async () => {
    const donor = await left();
    const giver = await comeBack(donor);
    const channel = await channelOf(giver);
    const { cumulativeAmount, voucherSignature } = heldOf(donor.collector, channel);
    const voucher = { channel: channel.channel, cumulativeAmount, signature: voucherSignature };
    await stage.mined(await settle(stage.onEscrow(stage.anyone), { address: stage.escrow.address, ...voucher }));
    await stage.at((await stage.onPool(donor.pool).getRoundTerms()).end);
    await stage.mined(await stage.onPool(donor.pool).closeChannel({ channel: channel.channel }));
    expect(await stage.balance(donor.address)).to.equal(donor.before - 42n);
    await giver.refund();
    expect(await stage.balance(donor.address)).to.equal(donor.before);
  });

  it("when its vouchers were settled while the round still takes gifts, brings the gifts on-chain all the same", async () => {
    const donor = await left();
    const giver = await comeBack(donor);
    const channel = await channelOf(giver);
    const { cumulativeAmount, signature } = await channel.latest();
    const voucher = { channel: channel.channel, cumulativeAmount, signature };
    await stage.mined(await settle(stage.onEscrow(stage.anyone), { address: stage.escrow.address, ...voucher }));
    await giver.collect();
    expect(await stage.standing(donor.pool, channel.id)).to.deep.equal(gifts([1n, 35n], [2n, 12n]));
  });

  it("on a new device with nothing but wallet and session key, leaves all the same", async () => {
    const { wallet, session, pool, collector, address, before } = await left();
    const { giver } = await donorOf(stage, pool, collector, { wallet, session });
    const channel = await channelOf(giver);
    await channel.requestClose();
    await chain.increaseTime(gracePeriod);
    await channel.withdraw();
    expect(await stage.balance(address)).to.equal(before);
  });

  it("with the session key lost, finds its channel by the escrow's events and leaves by the wallet's own verbs", async () => {
    const { wallet, pool, address, before } = await left();
    const of = { payer: address, payee: pool, token: stage.token };
    const [channel] = await openedChannels(chain.client, stage.escrow, of);
    if (!channel) throw new Error("it was not found");
    const onEscrow = chain.wallet(wallet).extend(channelActions({ address: stage.escrow.address }));
    await stage.mined(await onEscrow.requestClose({ channel }));
    await chain.increaseTime(gracePeriod);
    await stage.mined(await onEscrow.withdraw({ channel }));
    expect(await stage.balance(address)).to.equal(before);
  });

  function heldOf(collector: Collector, { id }: PayerChannel) {
    const held = collector.held(id);
    if (!held) throw new Error("the collector holds nothing");
    return held;
  }
});
