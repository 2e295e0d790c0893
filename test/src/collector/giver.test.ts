import { expect } from "chai";
import { type Address, zeroAddress } from "viem";
import { generatePrivateKey, privateKeyToAccount } from "viem/accounts";
import { collectorClient } from "../../../src/collector/client.ts";
import { createPayer, type PayerParameters } from "../../../src/payer/index.ts";
import {
  createGiver,
  type GiftReceipt,
  GiftRefusedError,
  GiftUnresolvedError,
  type GiverOptions,
} from "../../../src/pool/index.ts";
import { openGateData } from "../../../src/protocol/index.ts";
import { memoryPayerStore } from "../../../src/store/index.ts";
import { gifts } from "../../support/roundStage.ts";
import { rejection } from "../payer/rejection.ts";
import { type Counter, type Rig, startRig } from "./rig.ts";

describe("a giver with the collector over HTTP", () => {
  let rig: Rig;
  let pool: Address = zeroAddress;
  let counter: Counter;
  before(async () => {
    rig = await startRig();
    pool = await rig.newRound();
    counter = await rig.open(pool);
  });
  after(() => rig.stop());

  async function donor(
    options: Partial<GiverOptions> & {
      at?: Counter;
      wallet?: ReturnType<typeof privateKeyToAccount>;
      session?: ReturnType<typeof privateKeyToAccount>;
      payer?: Partial<PayerParameters>;
      fetch?: (request: Request) => Promise<Response>;
    } = {},
  ) {
    const { stage, chain } = rig;
    const {
      at = counter,
      session = privateKeyToAccount(generatePrivateKey()),
      payer: overrides,
      fetch,
      ...rest
    } = options;
    const { wallet = stage.key(await stage.person()), ...giving } = rest;
    const { escrow } = chain;
    const store = memoryPayerStore();
    const payer = createPayer({ client: chain.wallet(wallet), signer: session, store, escrow, ...overrides });
    const pin = { chainId: escrow.chainId, escrow: escrow.address, payee: at.pool, token: stage.token };
    const collector = collectorClient({ url: at.url, pin, donor: payer.address, ...(fetch ? { fetch } : {}) });
    const receipts: GiftReceipt[] = [];
    const giver = createGiver(payer, at.pool, {
      collector,
      open: { deposit: 10_000n },
      gateData: openGateData,
      onReceipt: (receipt) => void receipts.push(receipt),
      ...giving,
    });
    return { wallet, session, store, payer, giver, receipts, id: async () => (await payer.list())[0]?.id ?? "0x" };
  }

  const heldBy = async (id: `0x${string}`, at = counter) => (await at.store.get(id))?.authorized;

  it("given a new donor, when it gives, opening and gift are one request, and every later gift one round trip", async () => {
    const asked: string[] = [];
    const { giver, id, receipts } = await donor({
      fetch: (request) => {
        asked.push(new URL(request.url).pathname);
        return fetch(request);
      },
    });
    await Promise.all([giver.give(1n, 30n), giver.give(2n, 12n)]);
    const first = asked.length;
    await giver.give(1n, 5n);
    expect(asked.length - first).to.equal(1);
    expect(first).to.be.at.most(3);
    expect(await heldBy(await id())).to.equal(47n);
    expect(receipts.map(({ amount }) => amount).sort()).to.deep.equal([12n, 30n, 5n].sort());
    await giver.collect();
    expect((await giver.gifts())?.collected).to.deep.equal(gifts([1n, 35n], [2n, 12n]));
    await giver.give(3n, 1n);
    expect(await heldBy(await id())).to.equal(48n);
  });

  it("given a collector that relays, when a donor without coin gives, the channel is opened by it", async () => {
    const round = await rig.newRound();
    const { store } = (await rig.collectorOptions(round)).options;
    const { relay } = await rig.relayOf(store);
    const at = await rig.open(round, { store, relay });
    const { giver, id } = await donor({ at, wallet: await rig.chain.fundedAccount({ ether: 0n }) });
    await giver.give(1n, 30n);
    await giver.give(1n, 3n);
    expect(await heldBy(await id(), at)).to.equal(33n);
  });

  it("given two devices that give to one project at once, when both are acknowledged, both gifts count", async () => {
    const first = await donor();
    await first.giver.give(1n, 10n);
    const { wallet, session } = first;
    const second = await donor({ wallet, session });
    await second.giver.give(2n, 1n);
    for (let round = 0; round < 5; round++) {
      const both = [first.giver.give(1n, 7n), second.giver.give(1n, 4n)];
      const outcomes = await Promise.allSettled(both);
      for (const outcome of outcomes) {
        if (outcome.status === "rejected") expect(outcome.reason).to.be.instanceOf(GiftUnresolvedError);
      }
    }
    const given = [...first.receipts, ...second.receipts].reduce((sum, { amount }) => sum + amount, 0n);
    expect(await heldBy(await first.id())).to.equal(given);
    expect(given).to.equal(66n);
  });

  it("given answers that get lost, when it gives, every gift is there once", async () => {
    let count = 0;
    const { giver, id, receipts } = await donor({
      async fetch(request) {
        const response = await fetch(request);
        count += 1;
        if (count % 3 !== 0) return response;
        await response.body?.cancel();
        throw new TypeError("the answer is lost");
      },
      sleep: async () => undefined,
    });
    for (let n = 0; n < 12; n++) await giver.give(1n + BigInt(n % 3), 10n);
    expect(receipts).to.have.length(12);
    expect(await heldBy(await id())).to.equal(120n);
  });

  it("given a project that is suspended, when it gives to several, the others are given and this one's money buys the next", async () => {
    const round = await rig.newRound();
    const at = await rig.open(round);
    await rig.close(3n);
    const { giver, id, payer } = await donor({ at });
    const [one, refused] = await Promise.all([giver.give(1n, 10n), rejection(giver.give(3n, 10n))]);
    expect(one.amount).to.equal(10n);
    expect(refused).to.be.instanceOf(GiftRefusedError);
    expect(refused).to.have.property("reason", "gift-refused");
    await giver.give(2n, 10n);
    expect(await heldBy(await id(), at)).to.equal(20n);
    expect((await payer.list())[0]).to.include({ authorized: 20n });
  });

  it("given a deposit that runs out, when it may top up, it does and gives", async () => {
    const { giver, id, payer } = await donor({ open: { deposit: 100n }, topUp: { amount: 500n } });
    await giver.give(1n, 90n);
    await giver.give(1n, 90n);
    expect(await heldBy(await id())).to.equal(180n);
    expect((await payer.list())[0]).to.include({ deposit: 600n });
  });

  it("given a crash after the collector took a gift, when it starts again on its store, the gift is there once", async () => {
    const { wallet, session, store, giver } = await donor({
      async fetch(request) {
        const response = await fetch(request);
        if (!request.headers.has("authorization")) return response;
        await response.body?.cancel();
        throw new TypeError("the answer is lost");
      },
      onWaiting: () => giver.stop(),
    });
    expect(await rejection(giver.give(1n, 25n))).to.have.property("code", "giver-stopped");
    const again = await donor({ wallet, session, payer: { store } });
    await again.giver.resume();
    expect(again.receipts.map(({ amount }) => amount)).to.deep.equal([25n]);
    expect(await heldBy(await again.id())).to.equal(25n);
  });

  it("given a channel that the collector lost, when it gives, the channel is presented again", async () => {
    const { giver, wallet, session, store, id } = await donor();
    await giver.give(1n, 10n);
    const fresh = await donor({
      wallet,
      session,
      payer: { store },
      at: await rig.open(pool, { allowEmptyStore: true }),
    });
    await fresh.giver.give(2n, 5n);
    expect((await fresh.giver.gifts())?.acknowledged).to.deep.equal(gifts([1n, 10n], [2n, 5n]));
    expect(await id()).to.equal(await fresh.id());
  });
});
