import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { paymentChannelsAbi } from "../../../src/abi/paymentChannels.ts";
import {
  formatCredential,
  parseChallenges,
  parseProblem,
  parseReceipt,
  type Receipt,
  signVoucher,
} from "../../../src/protocol/index.ts";
import { memoryStore } from "../../../src/store/index.ts";
import { sqliteStore } from "../../../src/store/sqlite.ts";
import { price, type Rig, startRig } from "./rig.ts";

describe("paying over HTTP", () => {
  let rig: Rig;
  before(async () => {
    rig = await startRig();
  });
  after(async () => {
    await rig.stop();
    rmSync(folder, { recursive: true });
  });

  const folder = mkdtempSync(join(tmpdir(), "farthing-http-"));
  const stores = {
    memory: async () => memoryStore(),
    sqlite: async () => sqliteStore(join(folder, `${crypto.randomUUID()}.db`), { role: "payee" }),
  };
  for (const [name, open] of Object.entries(stores)) {
    it(`on a ${name} store: opens, pays in one round trip each, tops up and closes`, async () => {
      const shop = await rig.shop({ store: await open() });
      const receipts: Receipt[] = [];
      const customer = await rig.customer(shop, {
        open: { deposit: 50n },
        topUp: { amount: 100n },
        onReceipt: (receipt) => {
          receipts.push(receipt);
        },
      });
      const first = await customer.paid(shop.url);
      expect([first.status, await first.text()]).to.deep.equal([200, "the article"]);
      expect(customer.requests()).to.equal(2);
      for (let count = 2; count <= 5; count++) expect((await customer.paid(shop.url)).status).to.equal(200);
      expect(customer.requests()).to.equal(6);
      // The deposit is used up: one more request carries the top-up.
      expect((await customer.paid(shop.url)).status).to.equal(200);
      expect(customer.requests()).to.equal(8);
      expect(receipts.map(({ spent }) => spent)).to.deep.equal([10n, 20n, 30n, 40n, 50n, 60n]);
      const channel = await customer.paid.channel();
      if (!channel) throw new Error("no channel");
      expect(await channel.state()).to.include({ deposit: 150n, authorized: 60n });
      const closing = await customer.paid.close(shop.url);
      expect(closing).to.include({ spent: 60n, acceptedCumulative: 60n });
      expect(shop.served()).to.equal(6);

      const record = await shop.store.get(channel.id);
      const consent = record?.closeAuthorization;
      if (!consent) throw new Error("no consent to close was kept");
      const keeper = rig.chain.wallet(await rig.chain.fundedAccount());
      const hash = await keeper.writeContract({
        address: rig.chain.escrow.address,
        abi: paymentChannelsAbi,
        functionName: "closeWithAuthorization",
        args: [
          channel.channel,
          consent.cumulativeAmount,
          consent.voucherSignature,
          consent.deadline,
          consent.signature,
        ],
      });
      await keeper.waitForTransactionReceipt({ hash });
      expect(await channel.state()).to.include({ status: "closed", settled: 60n, finalized: true });
      expect(shop.faults).to.deep.equal([]);
      await shop.server.stop();
      await shop.payee.stop();
      await shop.store.close();
    });

    it(`on a ${name} store: fifty in flight on one channel are fifty services, charged exactly`, async () => {
      const shop = await rig.shop({ store: await open() });
      const customer = await rig.customer(shop);
      const responses = await Promise.all(Array.from({ length: 50 }, () => customer.paid(shop.url)));
      expect(responses.map((response) => response.status)).to.deep.equal(Array(50).fill(200));
      const spent = responses.map((response) => parseReceipt(response.headers.get("payment-receipt") ?? "").spent);
      const expected = Array.from({ length: 50 }, (_, index) => price * BigInt(index + 1));
      expect(spent.sort((a, b) => Number(a - b))).to.deep.equal(expected);
      const channel = await customer.paid.channel();
      expect(channel && (await shop.store.get(channel.id))).to.include({ spent: 500n, authorized: 500n });
      expect((await channel?.state())?.authorized).to.equal(500n);
      expect(shop.served()).to.equal(50);
      // One request learns the terms, and each of the fifty pays with itself, or answers the challenge it met first.
      expect(await customer.payer.list()).to.have.length(1);
      await shop.server.stop();
      await shop.payee.stop();
      await shop.store.close();
    });
  }

  it("from an account without coin, the server relays the open", async () => {
    const token = rig.chain.tokens.authorization;
    const shop = await rig.shop({ token, relayPolicy: {} });
    const wallet = await rig.chain.fundedAccount({ ether: 0n });
    const customer = await rig.customer(shop, { wallet });
    const response = await customer.paid(shop.url);
    expect([response.status, await response.text()]).to.deep.equal([200, "the article"]);
    expect(parseReceipt(response.headers.get("payment-receipt") ?? "")).to.include({ spent: price });
    expect(customer.requests()).to.equal(2);
    expect(await (await customer.paid.channel())?.state()).to.include({ status: "open", deposit: 10_000n });
    expect(await rig.chain.client.getBalance({ address: wallet.address })).to.equal(0n);
    expect((await customer.paid(shop.url)).status).to.equal(200);
    expect(customer.requests()).to.equal(3);
  });

  it("a relayed open whose first voucher is not the signer's costs the relayer nothing", async () => {
    const token = rig.chain.tokens.authorization;
    const shop = await rig.shop({ token, relayPolicy: {} });
    const customer = await rig.customer(shop, { wallet: await rig.chain.fundedAccount({ ether: 0n }) });
    const stranger = (await rig.customer(shop)).signer;
    const { descriptor, channel, ...signed } = await customer.payer.openByAuthorization({
      payee: shop.payee.address,
      token,
      deposit: 500n,
    });
    const [challenge] = parseChallenges((await fetch(shop.url)).headers.get("www-authenticate") ?? "");
    if (!challenge) throw new Error("no challenge");
    const voucher = await signVoucher(stranger, { channelId: channel.id, cumulativeAmount: 0n }, rig.chain.escrow);
    const { salt, authorizedSigner } = descriptor;
    const { channelId, cumulativeAmount, signature: voucherSignature } = voucher;
    const opening = {
      action: "open",
      type: "authorization",
      channelId,
      cumulativeAmount,
      salt,
      authorizedSigner,
    } as const;
    const authorization = formatCredential({ challenge, payload: { ...opening, ...signed, voucherSignature } });
    const response = await fetch(shop.url, { headers: { authorization } });
    expect(parseProblem(await response.text()).type).to.match(/signer-mismatch$/);
    expect(await channel.state()).to.include({ status: "opening" });
    expect(await shop.store.list()).to.deep.equal([]);
  });

  it("while the open, then the top-up, is not deep enough, the client waits as it is told and pays once", async () => {
    const shop = await rig.shop({ confirmations: 3 });
    let waits = 0;
    const customer = await rig.customer(shop, {
      open: { deposit: 10n },
      topUp: { amount: 10n },
      sleep: async (milliseconds) => {
        expect(milliseconds).to.equal(1000);
        waits += 1;
        await rig.chain.client.mine({ blocks: 1 });
      },
    });
    expect((await customer.paid(shop.url)).status).to.equal(200);
    expect(waits).to.equal(3);
    expect((await customer.paid(shop.url)).status).to.equal(200);
    expect(waits).to.equal(6);
    const channel = await customer.paid.channel();
    expect(channel && (await shop.store.get(channel.id))).to.include({ deposit: 20n, authorized: 20n, spent: 20n });
  });

  it("a payer that comes back on its own store goes on where it was, without opening again", async () => {
    const shop = await rig.shop();
    const customer = await rig.customer(shop);
    await customer.paid(shop.url);
    const again = await rig.customer(shop, { wallet: customer.wallet, payer: customer.parameters });
    const response = await again.paid(shop.url);
    expect(parseReceipt(response.headers.get("payment-receipt") ?? "")).to.include({ spent: 20n });
    expect(await again.payer.list()).to.have.length(1);
  });

  it("a payer that crashed between opening and telling the server presents its channel", async () => {
    const shop = await rig.shop();
    const customer = await rig.customer(shop);
    await customer.payer.open({ payee: shop.payee.address, token: shop.token, deposit: 500n });
    const response = await customer.paid(shop.url);
    expect([response.status, await response.text()]).to.deep.equal([200, "the article"]);
    expect(await customer.payer.list()).to.have.length(1);
  });

  it("leaving without gas: a signed close request is kept before the 202", async () => {
    const shop = await rig.shop();
    const customer = await rig.customer(shop);
    await customer.paid(shop.url);
    const channel = await customer.paid.channel();
    if (!channel) throw new Error("no channel");
    const { channelId, deposit, signature } = await channel.signCloseRequest();
    const body = JSON.stringify({ channelId, deposit: deposit.toString(), signature });
    const response = await fetch(`${shop.server.url}/close-requests`, { method: "POST", body });
    expect(response.status).to.equal(202);
    expect((await shop.store.get(channelId))?.closeRequest).to.deep.equal({ deposit, signature });
  });
});
