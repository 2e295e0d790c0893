import { expect } from "chai";
import { type Serving, serve } from "../../../src/http/node.ts";
import {
  formatChallenge,
  formatCredential,
  parseChallenges,
  parseCredential,
  parseReceipt,
  problem,
  problemMediaType,
  sealChallenge,
  type TickPayload,
} from "../../../src/protocol/index.ts";
import { memoryStore } from "../../../src/store/index.ts";
import { price, type Rig, type Shop, startRig } from "./rig.ts";

const ticks = { value: 5n };

describe("payFetch and paywall by ticks", () => {
  let rig: Rig;
  const servers: Serving[] = [];
  before(async () => {
    rig = await startRig();
  });
  after(async () => {
    await Promise.all(servers.map((server) => server.stop()));
    await rig.stop();
  });

  /** The actions that a shop was sent, in order. */
  const actions = (shop: Pick<Shop, "seen">) =>
    shop.seen.flatMap((request) => {
      const header = request.headers.get("authorization");
      return header ? [parseCredential(header).payload] : [];
    });
  const names = (shop: Pick<Shop, "seen">) => actions(shop).map(({ action }) => action);
  const tickActions = (shop: Pick<Shop, "seen">) =>
    actions(shop).filter((one): one is TickPayload => one.action === "tick");

  async function recordOf(shop: Shop) {
    const [record, ...others] = await shop.store.list();
    if (!record || others.length > 0) throw new Error("not one channel");
    return record;
  }

  it("opens by a voucher and then pays by ticks, one round trip each, whose offer travels until it was taken once", async () => {
    const shop = await rig.shop();
    const customer = await rig.customer(shop, { ticks });
    await customer.paid(shop.url);
    const before = customer.requests();
    for (let count = 0; count < 5; count++) {
      const response = await customer.paid(shop.url);
      expect([response.status, await response.text()]).to.deep.equal([200, "the article"]);
      const receipt = parseReceipt(response.headers.get("payment-receipt") ?? "");
      expect([receipt.spent, receipt.acceptedCumulative]).to.deep.equal([BigInt(count + 2) * price, receipt.spent]);
    }
    expect(customer.requests() - before).to.equal(5);
    expect(names(shop)).to.deep.equal(["open", ...Array(5).fill("tick")]);
    expect(tickActions(shop).map((tick) => [tick.ticks, tick.offer !== undefined])).to.deep.equal([
      [2, true],
      [4, false],
      [6, false],
      [8, false],
      [10, false],
    ]);
    const record = await recordOf(shop);
    expect([record.authorized, record.spent, record.ticks?.ticks]).to.deep.equal([60n, 60n, 10]);
    expect(shop.served()).to.equal(6);
  });

  it("with many requests in flight sells each once, whatever order they arrive in", async () => {
    const shop = await rig.shop();
    const customer = await rig.customer(shop, { ticks });
    await customer.paid(shop.url);
    const responses = await Promise.all(Array.from({ length: 20 }, () => customer.paid(shop.url)));
    expect(responses.map(({ status }) => status)).to.deep.equal(Array(20).fill(200));
    const record = await recordOf(shop);
    expect([record.spent, shop.served()]).to.deep.equal([21n * price, 21]);
    expect(record.authorized).to.equal((await customer.payer.list())[0]?.authorized);
  });

  it("pays by a voucher what is no multiple of a tick, and by a fresh chain after it", async () => {
    const shop = await rig.shop({ price: (request) => (request.url.endsWith("?odd") ? 7n : price) });
    const customer = await rig.customer(shop, { ticks });
    for (const query of ["", "?even", "?even"]) await customer.paid(`${shop.url}${query}`);
    expect((await customer.paid(`${shop.url.replace("article", "odd")}?odd`)).status).to.equal(200);
    expect((await customer.paid(`${shop.url}?even`)).status).to.equal(200);
    const roots = tickActions(shop).map(({ tickRoot }) => tickRoot);
    expect(new Set(roots).size).to.equal(2);
    expect((await recordOf(shop)).spent).to.equal(4n * price + 7n);
  });

  it("closes with a voucher over what the ticks owe, and the payee's consent is over it", async () => {
    const shop = await rig.shop();
    const customer = await rig.customer(shop, { ticks });
    for (let count = 0; count < 3; count++) await customer.paid(shop.url);
    const receipt = await customer.paid.close(shop.url);
    expect(receipt.acceptedCumulative).to.equal(30n);
    const { ticks: kept, closeAuthorization } = await recordOf(shop);
    expect([kept, closeAuthorization?.cumulativeAmount]).to.deep.equal([undefined, 30n]);
    expect(closeAuthorization?.voucherSignature).to.match(/^0x[0-9a-f]{130}$/);
  });

  it("asked again for a lost reply, sends the same tick with the same key, and is charged once", async () => {
    const shop = await rig.shop();
    let lose = false;
    const customer = await rig.customer(shop, {
      ticks,
      sleep: () => Promise.resolve(),
      fetch: async (request) => {
        const response = await fetch(request);
        if (!lose) return response;
        lose = false;
        await response.arrayBuffer();
        throw new TypeError("connection lost");
      },
    });
    await customer.paid(shop.url);
    lose = true;
    const response = await customer.paid(shop.url);
    expect([response.status, response.headers.get("idempotent-replayed")]).to.deep.equal([200, "true"]);
    const [first, second] = tickActions(shop);
    expect(first).to.deep.equal(second);
    expect((await recordOf(shop)).spent).to.equal(2n * price);
  });

  it("tops up when the deposit does not cover another tick", async () => {
    const shop = await rig.shop();
    const customer = await rig.customer(shop, { ticks, open: { deposit: 25n }, topUp: { amount: 100n } });
    for (let count = 0; count < 5; count++) expect((await customer.paid(shop.url)).status).to.equal(200);
    const record = await recordOf(shop);
    expect([record.deposit, record.spent]).to.deep.equal([125n, 50n]);
  });

  it("given a server that lost its store, opens again by a voucher and goes on", async () => {
    let store = memoryStore();
    const at = await rig.shop({
      store: new Proxy(store, { get: (_, name) => Reflect.get(store, name).bind?.(store) ?? Reflect.get(store, name) }),
    });
    const customer = await rig.customer(at, { ticks });
    for (let count = 0; count < 3; count++) await customer.paid(at.url);
    store = memoryStore();
    expect((await customer.paid(at.url)).status).to.equal(200);
    expect(names(at).slice(-2)).to.deep.equal(["tick", "open"]);
    // What the server forgot to have sold is credit again, and is spent before anything new is signed.
    for (let count = 0; count < 4; count++) expect((await customer.paid(at.url)).status).to.equal(200);
    expect(names(at).slice(-4)).to.deep.equal(["voucher", "voucher", "voucher", "tick"]);
  });

  it("given a server that forgot the offer, or holds a newer one, pays the same price by one voucher and goes on with a fresh chain", async () => {
    const shop = await rig.shop();
    const customer = await rig.customer(shop, { ticks });
    for (let count = 0; count < 3; count++) await customer.paid(shop.url);
    const { id } = await recordOf(shop);
    const [voucher] = await Promise.all([(await customer.paid.channel())?.proof()]);
    expect(voucher).to.have.property("tickRoot");
    await shop.store.update(id, (record) => {
      if (!record) return undefined;
      const { ticks: _forgotten, ...rest } = record;
      return rest;
    });
    const response = await customer.paid(shop.url);
    expect(response.status).to.equal(200);
    expect(names(shop).slice(-2)).to.deep.equal(["tick", "voucher"]);
    expect((await recordOf(shop)).spent).to.equal(4n * price);
    expect((await customer.paid(shop.url)).status).to.equal(200);
    const roots = tickActions(shop).map(({ tickRoot }) => tickRoot);
    expect([names(shop).at(-1), new Set(roots).size]).to.deep.equal(["tick", 2]);
    expect((await customer.payer.list())[0]?.authorized).to.equal(5n * price);
  });

  it("given a payee that keeps evidence or a server of the draft alone, falls back to vouchers and tries no tick again", async () => {
    for (const code of ["malformed-credential", "method-unsupported"] as const) {
      const shop = await rig.shop();
      const seen: string[] = [];
      const customer = await rig.customer(shop, {
        ticks,
        fetch: async (request) => {
          const header = request.headers.get("authorization");
          const action = header && parseCredential(header).payload.action;
          if (action) seen.push(action);
          if (action !== "tick") return fetch(request);
          const body = problem(code, "No such action.");
          return new Response(JSON.stringify(body), {
            status: body.status,
            headers: { "content-type": problemMediaType },
          });
        },
      });
      for (let count = 0; count < 4; count++) expect((await customer.paid(shop.url)).status).to.equal(200);
      expect(seen).to.deep.equal(["open", "tick", "voucher", "voucher", "voucher"]);
      expect((await recordOf(shop)).spent).to.equal(4n * price);
    }
  });

  describe("given a hostile server", () => {
    const secret = crypto.getRandomValues(new Uint8Array(32));

    async function hostile(shop: Shop, code: Parameters<typeof problem>[0]) {
      const methodDetails = {
        chainId: rig.chain.escrow.chainId,
        escrowContract: rig.chain.escrow.address,
        credentialTypes: ["hash"],
      };
      const request = { amount: price, currency: shop.token, recipient: shop.payee.address, methodDetails };
      const seen: Request[] = [];
      const server = await serve(async (incoming) => {
        seen.push(incoming);
        const challenge = await sealChallenge(secret, { realm: "test", request });
        const body = problem(code, "Pay again.");
        const headers = { "www-authenticate": formatChallenge(challenge), "content-type": problemMediaType };
        return new Response(JSON.stringify(body), { status: 402, headers });
      });
      servers.push(server);
      return { url: `${server.url}/article`, seen };
    }

    it("that asks twice for one tick, and for ever, gets that one tick and no more, or one voucher over the same", async () => {
      for (const code of ["payment-required", "tick-mismatch", "tick-root-retired", "insufficient-balance"] as const) {
        const shop = await rig.shop();
        const customer = await rig.customer(shop, { ticks });
        await customer.paid(shop.url);
        const mark = async () => (await customer.payer.list())[0]?.authorized;
        const server = await hostile(shop, code);
        for (let count = 0; count < 5; count++) expect((await customer.paid(server.url)).status).to.equal(402);
        expect(await mark(), code).to.equal(2n * price);
        const kept = names(server);
        expect(kept.length, `${code}: ${kept}`).to.be.at.most(10);
        // What was revealed and refused pays the next request as it is.
        expect((await customer.paid(shop.url)).status).to.equal(200);
        expect(await mark(), code).to.equal(2n * price);
        expect(names(shop).at(-1), code).to.equal(code.startsWith("tick-") ? "voucher" : "tick");
      }
    });
  });

  it("a tick credential replayed with another key buys nothing beyond what was revealed", async () => {
    const shop = await rig.shop();
    const customer = await rig.customer(shop, { ticks });
    for (let count = 0; count < 3; count++) await customer.paid(shop.url);
    const header = shop.seen.at(-1)?.headers.get("authorization") ?? "";
    const response = await fetch(shop.url, { headers: { authorization: header, "idempotency-key": "theft" } });
    expect(response.status).to.equal(402);
    expect((await response.json()).type).to.match(/insufficient-balance$/);
    expect(shop.served()).to.equal(3);
  });

  it("a tick of a malformed or foreign link is answered with a problem of its own and a fresh challenge", async () => {
    const shop = await rig.shop();
    const customer = await rig.customer(shop, { ticks });
    for (let count = 0; count < 2; count++) await customer.paid(shop.url);
    const { challenge, payload } = parseCredential(shop.seen.at(-1)?.headers.get("authorization") ?? "");
    const forged = { ...(payload as TickPayload), ticks: 3 };
    const authorization = formatCredential({ challenge, payload: forged });
    const response = await fetch(shop.url, { headers: { authorization, "idempotency-key": "theft" } });
    expect(response.status).to.equal(402);
    expect((await response.json()).type).to.equal("urn:farthing:problem:tick-mismatch");
    expect(parseChallenges(response.headers.get("www-authenticate") ?? "")).to.have.length(1);
  });

  it("a price of 0 is metered on a tick as on a voucher", async () => {
    let metered = 0n;
    const shop = await rig.shop({
      price: (request) => (request.url.includes("stream") ? 0n : price),
      handler: async (request, { channelId }) => {
        if (!request.url.includes("stream")) return new Response("one");
        const charged = await shop.payee.charge(channelId, { amount: "all", idempotencyKey: "stream 1" });
        metered = charged.ok ? (charged.charge?.amount ?? 0n) : 0n;
        return new Response("a stream");
      },
    });
    const customer = await rig.customer(shop, { ticks });
    for (let count = 0; count < 2; count++) await customer.paid(shop.url);
    const channel = await customer.paid.channel();
    const tick = await channel?.tick(5n, { ticks: 3 });
    if (!tick) throw new Error("no channel");
    const url = shop.url.replace("article", "stream");
    const [challenge] = parseChallenges((await fetch(url)).headers.get("www-authenticate") ?? "");
    if (!challenge) throw new Error("no challenge");
    const { cumulativeAmount: _, ...shown } = tick;
    const authorization = formatCredential({ challenge, payload: { action: "tick", ...shown } });
    expect((await fetch(url, { headers: { authorization } })).status).to.equal(200);
    expect(metered).to.equal(15n);
  });
});
