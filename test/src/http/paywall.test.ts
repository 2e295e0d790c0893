import { expect } from "chai";
import { Hono } from "hono";
import { honoHandler } from "../../../src/http/hono.ts";
import {
  formatCredential,
  parseChallenges,
  parseCredential,
  parseProblem,
  parseReceipt,
} from "../../../src/protocol/index.ts";
import { price, type Rig, startRig } from "./rig.ts";

describe("paywall", () => {
  let rig: Rig;
  before(async () => {
    rig = await startRig();
  });
  after(() => rig.stop());

  /** A customer whose channel is open, and what its next paid request carries. */
  async function ready(shop: Awaited<ReturnType<Rig["shop"]>>) {
    const sent: Request[] = [];
    const customer = await rig.customer(shop, {
      sleep: async () => undefined,
      fetch: (request) => {
        sent.push(request.clone());
        return fetch(request);
      },
    });
    await customer.paid(shop.url);
    const lastHeaders = () => {
      const last = sent.at(-1)?.headers;
      const names = ["authorization", "idempotency-key"];
      return Object.fromEntries(names.flatMap((name) => (last?.has(name) ? [[name, last.get(name) ?? ""]] : [])));
    };
    const channel = await customer.paid.channel();
    if (!channel) throw new Error("no channel");
    return { ...customer, channel, sent, lastHeaders };
  }

  it("without a credential demands payment by a challenge that nothing caches", async () => {
    const shop = await rig.shop({ suggestedDeposit: 500n, description: "one article" });
    const response = await fetch(shop.url);
    expect(response.status).to.equal(402);
    expect(response.headers.get("cache-control")).to.equal("no-store");
    expect(parseProblem(await response.text()).type).to.equal("https://paymentauth.org/problems/payment-required");
    const [challenge] = parseChallenges(response.headers.get("www-authenticate") ?? "");
    expect(challenge?.request).to.deep.include({ amount: price, suggestedDeposit: 500n, currency: shop.token });
    expect(challenge?.request.methodDetails.credentialTypes).to.deep.equal(["hash"]);
  });

  it("another scheme's authorization is no credential, and no fault", async () => {
    const shop = await rig.shop();
    const response = await fetch(shop.url, { headers: { authorization: "Bearer x" } });
    expect(parseProblem(await response.text()).type).to.match(/payment-required$/);
  });

  it("answers a browser's preflight and lets its script read what paying needs", async () => {
    const shop = await rig.shop();
    const preflight = await fetch(shop.url, { method: "OPTIONS" });
    expect(preflight.status).to.equal(204);
    expect(preflight.headers.get("access-control-allow-headers")).to.equal(
      "Authorization, Idempotency-Key, Content-Type",
    );
    const response = await fetch(shop.url);
    expect(response.headers.get("access-control-allow-origin")).to.equal("*");
    expect(response.headers.get("access-control-expose-headers")).to.include("WWW-Authenticate, Payment-Receipt");
  });

  it("hands a receipt to what was paid, privately", async () => {
    const shop = await rig.shop();
    const { paid, channel } = await ready(shop);
    const response = await paid(shop.url);
    expect(response.headers.get("cache-control")).to.equal("private");
    expect(parseReceipt(response.headers.get("payment-receipt") ?? "")).to.include({
      channelId: channel.id,
      spent: 20n,
    });
  });

  it("a key asked again gets its receipt again, an empty body, and no new service", async () => {
    const shop = await rig.shop();
    const { lastHeaders } = await ready(shop);
    const copies = await Promise.all(Array.from({ length: 10 }, () => fetch(shop.url, { headers: lastHeaders() })));
    for (const copy of copies) {
      expect([copy.status, copy.headers.get("idempotent-replayed"), await copy.text()]).to.deep.equal([
        200,
        "true",
        "",
      ]);
      expect(parseReceipt(copy.headers.get("payment-receipt") ?? "").spent).to.equal(price);
    }
    expect(shop.served()).to.equal(1);
  });

  it("with redeliver, a key asked again gets the service again, and is charged once", async () => {
    const shop = await rig.shop({ redeliver: true });
    const { lastHeaders, channel } = await ready(shop);
    const copy = await fetch(shop.url, { headers: lastHeaders() });
    expect(await copy.text()).to.equal("the article");
    expect(await shop.store.get(channel.id)).to.include({ spent: price });
  });

  it("a channel that was closed elsewhere is replaced by another", async () => {
    const shop = await rig.shop();
    const customer = await ready(shop);
    await customer.channel.requestClose();
    expect((await customer.paid(shop.url)).status).to.equal(200);
    expect(await customer.payer.list()).to.have.length(2);
  });

  it("given as a Hono handler, is the same paywall", async () => {
    const app = new Hono();
    app.all(
      "/article",
      honoHandler(async (request) => new Response(`paid for ${new URL(request.url).pathname}`)),
    );
    expect(await (await app.request("/article")).text()).to.equal("paid for /article");
  });

  it("fifty copies of one new voucher at once are one service", async () => {
    const shop = await rig.shop();
    const { channel, sent } = await ready(shop);
    const { cumulativeAmount, signature } = await channel.pay(price);
    const { challenge } = parseCredential(sent.at(-1)?.headers.get("authorization") ?? "");
    const payload = { action: "voucher", channelId: channel.id, cumulativeAmount, signature } as const;
    const authorization = formatCredential({ challenge, payload });
    const copies = await Promise.all(Array.from({ length: 50 }, () => fetch(shop.url, { headers: { authorization } })));
    const bodies = await Promise.all(copies.map((copy) => copy.text()));
    expect(copies.map((copy) => copy.status)).to.deep.equal(Array(50).fill(200));
    expect(bodies.filter((body) => body === "the article")).to.have.length(1);
    expect(await shop.store.get(channel.id)).to.include({ spent: 2n * price });
  });

  for (const [name, fail] of [
    ["throws", () => Promise.reject(new Error("boom"))],
    ["answers 503", () => Promise.resolve(new Response("later", { status: 503 }))],
  ] as const) {
    it(`when the handler ${name} after the charge, the same key runs it again without a second charge`, async () => {
      let broken = true;
      const shop = await rig.shop({ handler: () => (broken ? fail() : new Response("the article")) });
      const customer = await rig.customer(shop, { sleep: async () => undefined });
      const headers = { "idempotency-key": "one-order" };
      const first = await customer.paid(shop.url, { headers });
      expect(first.status).to.be.oneOf([500, 503]);
      expect(first.headers.get("payment-receipt")).to.equal(null);
      if (first.status === 500) {
        const body = parseProblem(await first.text());
        expect(body).to.include({ spent: "10", acceptedCumulative: "10", idempotencyKey: "one-order" });
      }
      broken = false;
      const second = await customer.paid(shop.url, { headers });
      expect([second.status, await second.text()]).to.deep.equal([200, "the article"]);
      const [record] = await shop.store.list();
      expect(record).to.include({ spent: price, authorized: price });
      const third = await customer.paid(shop.url, { headers });
      expect(await third.text()).to.equal("");
    });
  }

  it("HEAD takes a voucher and charges nothing", async () => {
    const shop = await rig.shop();
    const { channel, sent } = await ready(shop);
    const { challenge } = parseCredential(sent.at(-1)?.headers.get("authorization") ?? "");
    const { channelId, cumulativeAmount, signature } = await channel.pay(price);
    const payload = { action: "voucher", channelId, cumulativeAmount, signature } as const;
    const authorization = formatCredential({ challenge, payload });
    const response = await fetch(shop.url, { method: "HEAD", headers: { authorization } });
    expect(response.status).to.equal(200);
    const receipt = parseReceipt(response.headers.get("payment-receipt") ?? "");
    expect(receipt).to.include({ acceptedCumulative: 2n * price, spent: price });
    expect(await shop.store.get(channel.id)).to.include({ authorized: 2n * price, spent: price });
    expect(shop.served()).to.equal(1);
  });

  it("a price of 0 demands a channel and leaves charging to the handler", async () => {
    const shop = await rig.shop({ price: 0n });
    const customer = await rig.customer(shop);
    expect((await fetch(shop.url)).status).to.equal(402);
    await customer.paid(shop.url);
    const response = await customer.paid(shop.url);
    expect(await response.text()).to.equal("the article");
    expect((await shop.store.list())[0]).to.include({ spent: 0n });
  });

  it("a price that changed asks anew, and the client follows within its cap in the same call", async () => {
    let now = price;
    const shop = await rig.shop({ price: () => now });
    const customer = await ready(shop);
    now = 25n;
    expect((await customer.paid(shop.url)).status).to.equal(200);
    now = 5n;
    expect((await customer.paid(shop.url)).status).to.equal(200);
    expect(await shop.store.get(customer.channel.id)).to.include({ spent: 40n });
    // What was signed for the dearer price, before the server said otherwise, pays what comes next.
    const { authorized } = await customer.channel.state();
    expect(authorized).to.equal(60n);
    for (let count = 0; count < 4; count++) expect((await customer.paid(shop.url)).status).to.equal(200);
    expect((await customer.channel.state()).authorized).to.equal(60n);
    expect(await shop.store.get(customer.channel.id)).to.include({ spent: 60n });
  });

  it("after a restart with another secret, the old challenge is renewed in the same call without a second payment", async () => {
    const first = await rig.shop();
    const customer = await rig.customer(first);
    await customer.paid(first.url);
    let clock = Date.now();
    const aged = await rig.shop({ clock: () => clock });
    const other = await rig.customer(aged);
    await other.paid(aged.url);
    clock += 3_600_000;
    expect((await other.paid(aged.url)).status).to.equal(200);
    expect((await aged.store.list())[0]).to.include({ spent: 20n, authorized: 20n });
    expect(other.requests()).to.equal(4);
  });

  it("a close keeps the payee's consent, answers again when asked again, and ends sales", async () => {
    const shop = await rig.shop();
    const customer = await ready(shop);
    const voucher = customer.lastHeaders();
    const receipt = await customer.paid.close(shop.url);
    expect(receipt).to.include({ spent: price, acceptedCumulative: price });
    expect((await shop.store.get(customer.channel.id))?.closeAuthorization).to.include({ cumulativeAmount: price });
    const again = await fetch(shop.url, { headers: customer.lastHeaders() });
    expect(parseReceipt(again.headers.get("payment-receipt") ?? "")).to.include({ spent: price });
    const sale = await fetch(shop.url, { headers: { ...voucher, "idempotency-key": "new" } });
    expect([
      sale.status,
      parseProblem(await sale.text())
        .type.split("/")
        .pop(),
    ]).to.deep.equal([410, "channel-finalized"]);
    expect(shop.served()).to.equal(1);
  });

  it("when store or chain fail, nothing is served, nothing leaks, and the client may try again", async () => {
    const shop = await rig.shop();
    const customer = await ready(shop);
    await shop.payee.stop();
    const response = await customer.paid(shop.url);
    expect(response.status).to.equal(503);
    expect(response.headers.get("retry-after")).to.equal("1");
    expect(shop.served()).to.equal(1);
  });

  it("stops gracefully, and again, and lets what is in flight finish", async () => {
    let release: () => void = () => undefined;
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    const shop = await rig.shop({ handler: () => held.then(() => new Response("the article")) });
    const customer = await rig.customer(shop);
    const pending = customer.paid(shop.url);
    while (shop.served() === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    const stops = [shop.server.stop(), shop.server.stop()];
    release();
    expect(await (await pending).text()).to.equal("the article");
    await Promise.all(stops);
  });
});
