import { expect } from "chai";
import type { Address } from "viem";
import { generatePrivateKey, type PrivateKeyAccount, privateKeyToAccount } from "viem/accounts";
import { collectorClient } from "../../../src/collector/client.ts";
import { createPayer } from "../../../src/payer/index.ts";
import { createGiver, type GiverOptions } from "../../../src/pool/index.ts";
import { openGateData, parseEvidence, signVoucher } from "../../../src/protocol/index.ts";
import { memoryPayerStore } from "../../../src/store/index.ts";
import { sqliteStore } from "../../../src/store/sqlite.ts";
import { gifts } from "../../support/roundStage.ts";
import { rejection } from "../payer/rejection.ts";
import { type Counter, type Rig, startRig } from "./rig.ts";

describe("giver and collector together", function () {
  this.timeout(120_000);
  let rig: Rig;
  before(async () => {
    rig = await startRig();
  });
  after(() => rig.stop());

  /** One device of a donor, reaching a collector over HTTP. */
  function device(
    counter: Pick<Counter, "url" | "pool">,
    of: {
      wallet: PrivateKeyAccount;
      signer: PrivateKeyAccount;
      options?: Partial<GiverOptions>;
      fetch?: (request: Request) => Promise<Response>;
    },
  ) {
    const { wallet, signer, options, fetch } = of;
    const { escrow } = rig.chain;
    const payer = createPayer({ client: rig.chain.wallet(wallet), signer, store: memoryPayerStore(), escrow });
    const pin = { chainId: escrow.chainId, escrow: escrow.address, payee: counter.pool, token: rig.stage.token };
    const collector = collectorClient({ url: counter.url, pin, donor: payer.address, ...(fetch ? { fetch } : {}) });
    const giver = createGiver(payer, counter.pool, {
      collector,
      gateData: openGateData,
      open: { deposit: 10_000n },
      ...options,
    });
    return { giver, payer };
  }

  async function donor(coin = true) {
    const wallet = (await rig.chain.fundedAccount(coin ? {} : { ether: 0n })) as PrivateKeyAccount;
    return { wallet, signer: privateKeyToAccount(generatePrivateKey()) };
  }

  it("given a donor with coin, opens, gives to many projects, and the collector holds what the donor's receipts say", async () => {
    const counter = await rig.open(await rig.newRound());
    const { giver } = device(counter, await donor());
    await Promise.all([giver.give(1n, 5n), giver.give(2n, 7n), giver.give(1n, 3n)]);
    await giver.give(3n, 1n);
    const given = await giver.gifts();
    expect(given?.acknowledged).to.deep.equal(gifts([1n, 8n], [2n, 7n], [3n, 1n]));
    expect(counter.collector.totals().sum).to.equal(16n);
    const [line] = (await (await fetch(`${counter.url}/evidence`)).text()).trim().split("\n").map(parseEvidence);
    expect(line?.allocation.gifts).to.deep.equal(given?.acknowledged);
    await giver.collect();
    expect((await giver.gifts())?.collected).to.deep.equal(given?.acknowledged);
    await giver.give(2n, 1n);
    expect(counter.collector.totals().sum).to.equal(17n);
  });

  it("given a donor without coin, the relay opens the channel with the first gift", async () => {
    const made = await rig.collectorOptions(await rig.newRound());
    const { relay } = await rig.relayOf(made.options.store);
    const counter = await rig.open(made.options.pool, { store: made.options.store, relay });
    const { giver } = device(counter, await donor(false));
    await giver.give(1n, 5n);
    expect(counter.collector.totals()).to.deep.include({ channels: 1, sum: 5n });
  });

  it("given two devices of one donor at once, every acknowledged gift is held once", async () => {
    const counter = await rig.open(await rig.newRound());
    const one = await donor();
    const first = device(counter, one);
    await first.giver.give(1n, 1n);
    const second = device(counter, one);
    const receipts = await Promise.all(
      Array.from({ length: 24 }, (_, index) => {
        const { giver } = index % 2 === 0 ? first : second;
        return giver.give(BigInt(1 + (index % 3)), BigInt(index + 1));
      }),
    );
    const sum = receipts.reduce((total, { amount }) => total + amount, 1n);
    expect(sum).to.equal(301n);
    expect(counter.collector.totals()).to.deep.include({ channels: 1, sum });
  });

  it("given lost answers and a restart in between, gives each gift once", async () => {
    const pool = await rig.newRound();
    let counter = await rig.open(pool);
    let count = 0;
    const losing = async (request: Request) => {
      const moved = request.url.replace(/^http:\/\/[^/]+/, counter.url);
      const response = await fetch(new Request(moved, request));
      count += 1;
      if (count % 3 !== 0 || response.status === 402) return response;
      await response.body?.cancel();
      throw new Error("the answer was lost");
    };
    const { giver } = device(counter, { ...(await donor()), fetch: losing, options: { sleep: async () => undefined } });
    for (let amount = 1n; amount <= 6n; amount++) await giver.give(1n, amount);
    await counter.stop();
    counter = await rig.open(pool, { store: sqliteStore(counter.path, { role: "payee" }) });
    for (let amount = 7n; amount <= 12n; amount++) await giver.give(2n, amount);
    expect((await giver.gifts())?.acknowledged).to.deep.equal(gifts([1n, 21n], [2n, 57n]));
    expect(counter.collector.totals().sum).to.equal(78n);
  });

  it("given a gift that is refused, gives the others, and the amount is free for another", async () => {
    const counter = await rig.open(await rig.newRound());
    const { giver } = device(counter, await donor());
    const answers = await Promise.allSettled([giver.give(1n, 5n), giver.give(99n, 7n), giver.give(2n, 3n)]);
    expect(answers.map(({ status }) => status)).to.deep.equal(["fulfilled", "rejected", "fulfilled"]);
    expect(await rejection(giver.give(99n, 1n))).to.include({ name: "GiftRefusedError" });
    await giver.give(2n, 10n);
    expect(counter.collector.totals().sum).to.equal(18n);
    const [record] = await counter.store.list();
    expect(record?.authorized).to.equal(18n);
  });

  it("given a collector that lost its store, brings back all that was acknowledged with the next gift", async () => {
    const pool = await rig.newRound();
    let counter = await rig.open(pool);
    const moving = (request: Request) =>
      fetch(new Request(request.url.replace(/^http:\/\/[^/]+/, counter.url), request));
    const { giver } = device(counter, { ...(await donor()), fetch: moving });
    await giver.give(1n, 5n);
    await giver.give(2n, 7n);
    for (const isCollected of [false, true]) {
      if (isCollected) await giver.collect();
      await counter.stop();
      counter = await rig.open(pool, { allowEmptyStore: true });
      await giver.give(2n, 1n);
      expect(counter.collector.totals().sum).to.equal(isCollected ? 14n : 13n);
    }
  });

  it("given a refund on the chain, lists it and goes on", async () => {
    const counter = await rig.open(await rig.newRound());
    const { wallet, signer } = await donor();
    const { giver, payer } = device(counter, { wallet, signer });
    await giver.give(1n, 5n);
    const channel = (await payer.list())[0];
    if (!channel) throw new Error("no channel");
    // A voucher above the gifts, settled by the donor itself: the difference is the donor's to take back.
    const voucher = { channelId: channel.id, cumulativeAmount: 9n };
    const { signature } = await signVoucher(signer, voucher, rig.chain.escrow);
    const settled = rig.stage.onEscrow(rig.stage.anyone);
    await rig.stage.mined(await settled.settle({ channel: channel.channel, cumulativeAmount: 9n, signature }));
    await giver.collect();
    await giver.refund();
    await giver.give(2n, 6n);
    expect(counter.collector.totals().sum).to.equal(11n);
    await giver.collect();
    expect((await giver.gifts())?.collected).to.deep.equal(gifts([0n, 4n], [1n, 5n], [2n, 6n]));
    expect(((await counter.store.list())[0] as { channel: { payee: Address } }).channel.payee).to.equal(counter.pool);
  });
});
