import { expect } from "chai";
import type { Address } from "viem";
import { type Serving, serve } from "../../../src/http/node.ts";
import {
  type Challenge,
  encodeBase64url,
  formatChallenge,
  formatReceipt,
  parseCredential,
  parseReceipt,
  problem,
  problemMediaType,
  sealChallenge,
} from "../../../src/protocol/index.ts";
import { rejection } from "../payer/rejection.ts";
import { price, type Rig, type Shop, startRig } from "./rig.ts";

describe("payFetch, given a hostile server", () => {
  let rig: Rig;
  let shop: Shop;
  const servers: Serving[] = [];
  before(async () => {
    rig = await startRig();
    shop = await rig.shop();
  });
  after(async () => {
    await Promise.all(servers.map((server) => server.stop()));
    await rig.stop();
  });

  const secret = crypto.getRandomValues(new Uint8Array(32));
  type Ask = { amount?: bigint; currency?: Address; recipient?: Address; chainId?: number; escrowContract?: Address };

  function challengeFor(ask: Ask = {}): Promise<Challenge> {
    const { amount = price, currency = shop.token, recipient = shop.payee.address } = ask;
    const { chainId = rig.chain.escrow.chainId, escrowContract = rig.chain.escrow.address } = ask;
    const methodDetails = { chainId, escrowContract, credentialTypes: ["hash"] };
    return sealChallenge(secret, { realm: "test", request: { amount, currency, recipient, methodDetails } });
  }

  async function demand(
    ask: Ask = {},
    code: "payment-required" | "invalid-challenge" | "insufficient-balance" = "payment-required",
  ) {
    const headers = { "www-authenticate": formatChallenge(await challengeFor(ask)), "content-type": problemMediaType };
    return new Response(JSON.stringify(problem(code, "Pay.")), { status: 402, headers });
  }

  /** A server under a test's control, counting what it is sent. */
  async function hostile(answer: (request: Request, count: number) => Promise<Response>) {
    let count = 0;
    const seen: Request[] = [];
    const server = await serve((request) => {
      seen.push(request);
      count += 1;
      return answer(request, count);
    });
    servers.push(server);
    return { url: `${server.url}/article`, seen };
  }

  /** What a customer has signed in all. */
  async function signed(customer: Awaited<ReturnType<Rig["customer"]>>): Promise<bigint> {
    const records = await customer.payer.list();
    return records.reduce((total, record) => total + record.authorized, 0n);
  }

  it("that answers 402 for ever is paid once and asked twice, and its 402 is handed on", async () => {
    for (const code of ["payment-required", "invalid-challenge", "insufficient-balance"] as const) {
      const server = await hostile(() => demand({}, code));
      const customer = await rig.customer(shop);
      const response = await customer.paid(server.url);
      expect(response.status).to.equal(402);
      expect(server.seen).to.have.length(2);
      expect(await signed(customer)).to.equal(price);
    }
  });

  it("that refuses every voucher gets one price however often it is asked", async () => {
    const server = await hostile(() => demand({}, "insufficient-balance"));
    const customer = await rig.customer(shop);
    for (let count = 0; count < 10; count++) expect((await customer.paid(server.url)).status).to.equal(402);
    expect(await signed(customer)).to.equal(price);
  });

  it("that inflates its price above the cap is refused before anything is signed", async () => {
    const server = await hostile(() => demand({ amount: 101n }));
    const customer = await rig.customer(shop);
    const error = await rejection(customer.paid(server.url));
    expect(error).to.include({ code: "budget-exceeded", limit: "perRequest", cap: 100n, amount: 101n });
    expect(await signed(customer)).to.equal(0n);
    expect(server.seen).to.have.length(1);
  });

  it("that raises its price again and again in one exchange is followed once, within the cap", async () => {
    const genuine = await rig.shop();
    let raised = 0n;
    let asked = 0;
    const customer = await rig.customer(genuine, {
      fetch: async (request) => {
        if (raised === 0n) return fetch(request);
        asked += 1;
        raised += 20n;
        return demand({ amount: raised, recipient: genuine.payee.address }, "invalid-challenge");
      },
    });
    await customer.paid(genuine.url);
    raised = price;
    expect((await customer.paid(genuine.url)).status).to.equal(402);
    expect(asked).to.equal(2);
    expect(await signed(customer)).to.equal(price + 30n);
  });

  it("gets no more than the client's total, however often it is paid", async () => {
    const genuine = await rig.shop();
    const customer = await rig.customer(genuine, { budget: { perRequest: 100n, total: 35n } });
    const results = await Promise.allSettled(Array.from({ length: 10 }, () => customer.paid(genuine.url)));
    const refused = results.filter((result) => result.status === "rejected").map((result) => result.reason as unknown);
    expect(refused).to.have.length(7);
    for (const error of refused)
      expect(error).to.include({ code: "budget-exceeded", limit: "total", cap: 35n, spent: 30n });
    expect(await signed(customer)).to.equal(30n);
  });

  it("whose hints ask for more than the price is not followed", async () => {
    const server = await hostile(async (request, count) => {
      if (!request.headers.has("authorization")) return demand();
      const { payload } = parseCredential(request.headers.get("authorization") ?? "");
      if (!("cumulativeAmount" in payload)) throw new Error("topped up on a server's word");
      expect(payload.cumulativeAmount).to.equal(price);
      const body = problem("insufficient-balance", "More.", { requiredCumulative: "10000" });
      const challenge = await challengeFor();
      const headers = { "www-authenticate": formatChallenge(challenge), "content-type": problemMediaType };
      return new Response(JSON.stringify({ ...body, count }), { status: 402, headers });
    });
    const customer = await rig.customer(shop, { topUp: { amount: 1000n } });
    await customer.paid(server.url);
    await customer.paid(server.url);
    expect(await signed(customer)).to.equal(price);
  });

  it("that names another chain, contract, payee or token meets the pin", async () => {
    const other: Address = `0x${"ab".repeat(20)}`;
    const asks: [string, Ask][] = [
      ["chainId", { chainId: 1 }],
      ["escrow", { escrowContract: other }],
      ["payee", { recipient: other }],
      ["token", { currency: other }],
    ];
    for (const [field, ask] of asks) {
      const server = await hostile(() => demand(ask));
      const customer = await rig.customer(shop);
      expect(await rejection(customer.paid(server.url))).to.include({ code: "pin-mismatch", field });
      expect(await customer.payer.list(), "nothing opened").to.deep.equal([]);
      expect(server.seen).to.have.length(1);
    }
  });

  it("that names another contract only in a fresh challenge meets the pin too", async () => {
    const genuine = await rig.shop();
    let turned = false;
    const customer = await rig.customer(genuine, {
      fetch: (request) => (turned ? demand({ escrowContract: shop.token }, "invalid-challenge") : fetch(request)),
    });
    await customer.paid(genuine.url);
    turned = true;
    expect(await rejection(customer.paid(genuine.url))).to.include({ code: "pin-mismatch", field: "escrow" });
    expect(await signed(customer)).to.equal(2n * price);
  });

  it("that lies about what was spent, or accepted, is left at once and its channel is closing", async () => {
    for (const lie of [{ spent: price + 1n }, { acceptedCumulative: price + 1n }, { chainId: 1 }]) {
      const genuine = await rig.shop();
      const customer = await rig.customer(genuine, {
        fetch: async (request) => {
          const response = await fetch(request);
          const header = response.headers.get("payment-receipt");
          if (header === null) return response;
          return new Response(response.body, {
            headers: { "payment-receipt": formatReceipt({ ...parseReceipt(header), ...lie }) },
          });
        },
      });
      const error = await rejection(customer.paid(genuine.url));
      expect(error).to.have.property("code", "dishonest-server");
      expect(await rejection(customer.paid(genuine.url))).to.equal(error);
      expect(await signed(customer)).to.equal(price);
      const channel = await customer.paid.channel();
      expect(await channel?.state()).to.include({ status: "closing" });
    }
  });

  it("that charges twice for one delivery gains one price at most", async () => {
    const genuine = await rig.shop();
    const customer = await rig.customer(genuine);
    await customer.paid(genuine.url);
    const channel = await customer.paid.channel();
    // The server keeps the delivery's voucher and books it a second time: the next voucher is gone before it is used.
    const dishonest = await rig.customer(genuine, {
      wallet: customer.wallet,
      payer: customer.parameters,
      fetch: async (request) => {
        if (request.headers.has("authorization")) {
          const { payload } = parseCredential(request.headers.get("authorization") ?? "");
          if (payload.action !== "voucher") throw new Error("expected a voucher");
          const { channelId, cumulativeAmount, signature } = payload;
          const charge = { amount: price, idempotencyKey: `again-${cumulativeAmount}` };
          await genuine.payee.accept({ channelId, cumulativeAmount, signature }, { charge });
        }
        return fetch(request);
      },
    });
    for (let count = 0; count < 5; count++) expect((await dishonest.paid(genuine.url)).status).to.equal(402);
    expect((await channel?.state())?.authorized).to.equal(2n * price);
  });

  it("that sends an oversized or malformed challenge gets a typed error and no voucher", async () => {
    const customer = await rig.customer(shop);
    for (const header of [
      'Payment id="x", method="evm", intent="session", realm="r", request="!!"',
      `Payment id="x", method="evm", intent="session", realm="r", request="${encodeBase64url("{}")}"`,
      `Payment id="${"x".repeat(15_000)}`,
    ]) {
      const server = await hostile(
        async () => new Response(null, { status: 402, headers: { "www-authenticate": header } }),
      );
      expect(await rejection(customer.paid(server.url))).to.have.property("code", "malformed-challenge");
    }
    expect(await customer.payer.list()).to.deep.equal([]);
  });

  it("of another scheme, or none, is the caller's own affair", async () => {
    const server = await hostile(
      async () => new Response(null, { status: 402, headers: { "www-authenticate": "Basic" } }),
    );
    const customer = await rig.customer(shop);
    expect((await customer.paid(server.url)).status).to.equal(402);
    expect(await customer.payer.list()).to.deep.equal([]);
  });

  it("without TLS, off this machine, gets no credential", async () => {
    const customer = await rig.customer(shop, { fetch: () => demand() });
    expect(await rejection(customer.paid("http://example.org/article"))).to.have.property("code", "insecure-transport");
    expect(await customer.payer.list()).to.deep.equal([]);
  });

  it("whose reply is lost is asked again with the same key and voucher, and paid once", async () => {
    const genuine = await rig.shop();
    let lose = 0;
    const customer = await rig.customer(genuine, {
      sleep: async () => undefined,
      fetch: async (request) => {
        const response = await fetch(request);
        if (lose-- <= 0) return response;
        await response.body?.cancel();
        throw new TypeError("terminated");
      },
    });
    await customer.paid(genuine.url);
    lose = 1;
    const response = await customer.paid(genuine.url);
    expect(response.status).to.equal(200);
    expect(response.headers.get("idempotent-replayed")).to.equal("true");
    const channel = await customer.paid.channel();
    expect(channel && (await genuine.store.get(channel.id))).to.include({ spent: 2n * price, authorized: 2n * price });
    // The same for the request that opens the channel.
    const newcomer = await rig.customer(genuine, {
      sleep: async () => undefined,
      fetch: async (request) => {
        const answer = await fetch(request);
        if (!request.headers.has("authorization") || lose++ > 0) return answer;
        throw new TypeError("terminated");
      },
    });
    lose = 0;
    expect((await newcomer.paid(genuine.url)).status).to.equal(200);
    expect(await newcomer.payer.list()).to.have.length(1);
    expect(await signed(newcomer)).to.equal(price);
  });

  it("that is gone for good gives the network's own error, and the voucher pays the next request", async () => {
    const genuine = await rig.shop();
    let gone = false;
    const customer = await rig.customer(genuine, {
      sleep: async () => undefined,
      fetch: async (request) => {
        if (gone) throw new TypeError("unreachable");
        return fetch(request);
      },
    });
    await customer.paid(genuine.url);
    gone = true;
    expect(await rejection(customer.paid(genuine.url))).to.have.property("message", "unreachable");
    gone = false;
    // This receipt shows what was never charged; the request after it is paid from that.
    expect((await customer.paid(genuine.url)).status).to.equal(200);
    expect((await customer.paid(genuine.url)).status).to.equal(200);
    expect(await signed(customer)).to.equal(3n * price);
  });

  it("keeps its errors free of signatures", async () => {
    const genuine = await rig.shop();
    const customer = await rig.customer(genuine, {
      sleep: async () => undefined,
      fetch: async (request) => {
        if (request.headers.has("authorization")) throw new TypeError("unreachable");
        return fetch(request);
      },
    });
    const error = await rejection(customer.paid(genuine.url));
    expect(String((error as Error).stack)).not.to.match(/[0-9a-f]{128}/i);
  });
});
