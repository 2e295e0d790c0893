import { expect } from "chai";
import { type Address, createWalletClient, publicActions, zeroAddress } from "viem";
import { type CollectorClient, GiverStoppedError } from "../../../src/pool/index.ts";
import { startChain, type TestChain } from "../../support/chain.ts";
import { lyingTransport } from "../../support/lyingTransport.ts";
import { gifts, type RoundStage, setRoundStage } from "../../support/roundStage.ts";
import { rejection } from "../payer/rejection.ts";
import { collectorOf, type DonorOptions, donorOf } from "./donor.ts";

describe("a donor that brings gifts on-chain itself", () => {
  let chain: TestChain;
  let stage: RoundStage;
  let pool: Address = zeroAddress;
  before(async () => {
    chain = await startChain();
    stage = await setRoundStage(chain);
    await stage.acceptedProjects(3);
    pool = await stage.createRound(await stage.terms(), [1n, 2n, 3n]);
  });
  after(() => chain.stop());

  /** A donor that gave 10 to project 1, and signed 5 for project 2 that never reached the collector. */
  async function pending() {
    const collector = collectorOf(stage, pool);
    let isDeaf = false;
    const give: CollectorClient["give"] = async (signed) =>
      isDeaf ? { type: "unanswered", reason: "lost on the way" } : collector.client.give(signed);
    const first = await donorOf(
      stage,
      pool,
      { client: { ...collector.client, give } },
      {
        onWaiting: () => first.giver.stop(),
      },
    );
    await first.giver.give(1n, 10n);
    isDeaf = true;
    expect(await rejection(first.giver.give(2n, 5n))).to.be.instanceOf(GiverStoppedError);
    const { wallet, session, store } = first;
    const again = (client: CollectorClient = collector.client, more: DonorOptions = {}) =>
      donorOf(stage, pool, { client }, { wallet, session, payer: { store }, ...more });
    return { collector, again, wallet, session };
  }

  it("given a collector that then refuses the gift, when it hears so, the gift is given all the same", async () => {
    const { collector, again } = await pending();
    const refusing: CollectorClient = {
      ...collector.client,
      give: async () => ({ type: "refused", code: "round-closed", detail: "Too late." }),
    };
    const { giver, receipts } = await again(refusing);
    await giver.collect();
    await giver.resume();
    expect(receipts.map(({ projectId, amount }) => [projectId, amount])).to.deep.equal([[2n, 5n]]);
    expect(receipts[0]?.at).to.equal(Number((await chain.client.getBlock()).timestamp) * 1000);
    const given = await giver.gifts();
    expect(given?.pending).to.deep.equal([]);
    expect(given?.acknowledged).to.deep.equal(gifts([1n, 10n], [2n, 5n]));
    expect(given?.collected).to.deep.equal(gifts([1n, 10n], [2n, 5n]));
  });

  it("given another device whose gift the collector took meanwhile, when it diverges, both gifts count once", async () => {
    const { collector, again, wallet, session } = await pending();
    const other = await donorOf(stage, pool, collector, { wallet, session });
    await other.giver.give(3n, 4n);
    const { giver, receipts } = await again();
    await giver.collect();
    await giver.resume();
    expect(receipts.map(({ projectId, amount }) => [projectId, amount])).to.deep.equal([[2n, 5n]]);
    expect((await giver.gifts())?.acknowledged).to.deep.equal(gifts([1n, 10n], [2n, 5n], [3n, 4n]));
    await other.giver.give(3n, 1n);
    expect((await other.giver.gifts())?.acknowledged).to.deep.equal(gifts([1n, 10n], [2n, 5n], [3n, 5n]));
  });

  it("given another device whose gift was built on what the chain has, when it diverges, the gift has its receipt and counts once", async () => {
    const { collector, again, wallet, session } = await pending();
    const { giver, receipts } = await again();
    await giver.collect();
    const other = await donorOf(stage, pool, collector, { wallet, session });
    await other.giver.give(3n, 4n);
    await giver.resume();
    expect(receipts.map(({ projectId, amount }) => [projectId, amount])).to.deep.equal([[2n, 5n]]);
    const given = await giver.gifts();
    expect(given?.pending).to.deep.equal([]);
    expect(given?.acknowledged).to.deep.equal(gifts([1n, 10n], [2n, 5n], [3n, 4n]));
    await giver.give(2n, 1n);
    expect((await giver.gifts())?.acknowledged).to.deep.equal(gifts([1n, 10n], [2n, 6n], [3n, 4n]));
  });

  it("given a collector that takes it later, when sent again, it is the same gift", async () => {
    const { again } = await pending();
    const { giver, receipts } = await again();
    await giver.collect();
    await giver.resume();
    expect(receipts.map(({ projectId, amount }) => [projectId, amount])).to.deep.equal([[2n, 5n]]);
    expect((await giver.gifts())?.acknowledged).to.deep.equal(gifts([1n, 10n], [2n, 5n]));
  });

  it("given a line that moves between reading and sending, when it collects, it reads again and goes on", async () => {
    const collector = collectorOf(stage, pool);
    const lying = lyingTransport(chain.transport);
    const wallet = stage.key(await stage.person());
    const parameters = { chain: chain.chain, transport: lying.transport, account: wallet, pollingInterval: 50 };
    const client = createWalletClient(parameters).extend(publicActions);
    const { giver } = await donorOf(stage, pool, collector, { wallet, payer: { client } });
    await giver.give(1n, 10n);
    await giver.collect();
    await giver.give(2n, 4n);
    const channel = await giver.channel();
    if (!channel) throw new Error("there is no channel");

    let isMoved = false;
    lying.lie = async ({ method }, honest) => {
      const answer = await honest();
      if (method !== "eth_getLogs" || isMoved) return answer;
      isMoved = true;
      const held = collector.held(channel.id);
      if (!held) throw new Error("nothing is held");
      const { gateData, signature: allocationSignature } = held.allocation;
      const item = { channel: channel.channel, voucherSignature: held.voucherSignature, gateData, allocationSignature };
      const previousGifts = gifts([1n, 10n]);
      await stage.mined(await stage.onPool(pool).collect({ ...item, previousGifts, gifts: held.allocation.gifts }));
      return answer;
    };
    await giver.collect();
    expect(isMoved).to.equal(true);
    expect((await giver.gifts())?.collected).to.deep.equal(gifts([1n, 10n], [2n, 4n]));
  });
});
