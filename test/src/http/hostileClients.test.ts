import { expect } from "chai";
import { type Hex, zeroAddress } from "viem";
import { paymentChannelsAbi } from "../../../src/abi/paymentChannels.ts";
import {
  type Challenge,
  channelId,
  formatChallenge,
  formatCredential,
  parseChallenges,
  parseProblem,
  signVoucher,
} from "../../../src/protocol/index.ts";
import { price, type Rig, type Shop, startRig } from "./rig.ts";

type Customer = Awaited<ReturnType<Rig["customer"]>>;

describe("paywall, given bad input", () => {
  let rig: Rig;
  let shop: Shop;
  let customer: Customer;
  let id: Hex;
  let clock = Date.now();
  before(async () => {
    rig = await startRig();
    shop = await rig.shop({ clock: () => clock });
    customer = await rig.customer(shop);
    await customer.paid(shop.url);
    id = (await customer.paid.channel())?.id ?? "0x";
  });
  after(() => rig.stop());

  async function challenge(url = shop.url): Promise<Challenge> {
    const response = await fetch(url);
    expect(response.status).to.equal(402);
    const [found] = parseChallenges(response.headers.get("www-authenticate") ?? "");
    if (!found) throw new Error("no challenge");
    return found;
  }

  /** A credential as it travels, with fields of its payload or challenge replaced. */
  async function credential(
    payload: Record<string, unknown> = {},
    changes: Record<string, unknown> = {},
    from?: Challenge,
  ) {
    const voucher = await signVoucher(customer.signer, { channelId: id, cumulativeAmount: 1000n }, rig.chain.escrow);
    const { channelId, cumulativeAmount, signature } = voucher;
    const whole = formatCredential({
      challenge: from ?? (await challenge()),
      payload: { action: "voucher", channelId, cumulativeAmount, signature },
    });
    const json = JSON.parse(Buffer.from(whole.slice("Payment ".length), "base64url").toString()) as {
      challenge: object;
      payload: object;
    };
    return encode({ ...json, challenge: { ...json.challenge, ...changes }, payload: { ...json.payload, ...payload } });
  }

  const encode = (json: unknown) => `Payment ${Buffer.from(JSON.stringify(json)).toString("base64url")}`;

  async function refusal(authorization: string, init: RequestInit & { url?: string } = {}) {
    const { url = shop.url, headers, ...rest } = init;
    const before = shop.served();
    const record = await shop.store.get(id);
    const response = await fetch(url, { ...rest, headers: { authorization, ...(headers as Record<string, string>) } });
    const text = await response.text();
    expect(shop.served(), "no service").to.equal(before);
    expect(await shop.store.get(id), "no change").to.deep.equal(record);
    expect(response.headers.get("payment-receipt"), "no receipt on an error").to.equal(null);
    expect(response.headers.get("content-type")).to.equal("application/problem+json");
    expect(response.headers.get("cache-control")).to.equal("no-store");
    expect(text, "no signature in an error").not.to.match(/[0-9a-f]{128}/i);
    if (response.status === 402)
      expect(parseChallenges(response.headers.get("www-authenticate") ?? "")).to.have.length(1);
    const { type, status, detail } = parseProblem(text);
    expect(status).to.equal(response.status);
    expect(detail).not.to.equal("");
    return { status, type: type.split("/").pop() };
  }

  const signedBy = async (channelId: Hex, cumulativeAmount: bigint, escrow = rig.chain.escrow) => {
    const { signature } = await signVoucher(customer.signer, { channelId, cumulativeAmount }, escrow);
    return { channelId, cumulativeAmount: cumulativeAmount.toString(), signature };
  };

  const malformed: Record<string, () => unknown> = {
    "nothing after the scheme": () => "Payment ",
    "two credentials": async () => `${await credential()}, ${await credential()}`,
    "no base64url": () => "Payment ***",
    "no JSON": () => `Payment ${Buffer.from("{").toString("base64url")}`,
    "an array": () => encode([]),
    null: () => encode(null),
    "JSON nested a thousand deep": () =>
      `Payment ${Buffer.from(`${"[".repeat(1000)}${"]".repeat(1000)}`).toString("base64url")}`,
    "no payload": () => encode({ challenge: {} }),
    "an unknown action": () => credential({ action: "steal" }),
    "a prototype for an action": () => credential({ action: "__proto__" }),
    "a negative amount": () => credential({ cumulativeAmount: "-1" }),
    "an exponential amount": () => credential({ cumulativeAmount: "1e3" }),
    "an amount above 2^128": () => credential({ cumulativeAmount: (2n ** 128n).toString() }),
    "an amount of a million digits": () => credential({ cumulativeAmount: "9".repeat(9000) }),
    "an amount with a leading zero": () => credential({ cumulativeAmount: "01000" }),
    "an amount in Arabic digits": () => credential({ cumulativeAmount: "١٠" }),
    "an amount that is a number": () => credential({ cumulativeAmount: 1000 }),
    "an amount with a fraction": () => credential({ cumulativeAmount: "1000.0" }),
    "a short signature": () => credential({ signature: "0x1234" }),
    "a signature of 64 bytes": () => credential({ signature: `0x${"11".repeat(64)}` }),
    "a short channel id": () => credential({ channelId: "0x12" }),
    "an open without a source": () =>
      credential({ action: "open", type: "hash", hash: `0x${"11".repeat(32)}`, salt: `0x${"00".repeat(32)}` }),
  };
  for (const [name, make] of Object.entries(malformed)) {
    it(`${name} is a malformed credential`, async () => {
      expect(await refusal((await make()) as string)).to.deep.equal({ status: 402, type: "malformed-credential" });
    });
  }

  it("a Permit2 open is an unsupported method", async () => {
    const answer = await refusal(await credential({ action: "open", type: "permit2" }));
    expect(answer).to.deep.equal({ status: 400, type: "method-unsupported" });
  });

  it("headers above what Node takes are refused by the server itself", async () => {
    const response = await fetch(shop.url, { headers: { authorization: `Payment ${"A".repeat(60_000)}` } });
    expect(response.status).to.equal(431);
  });

  it("headers above the limit are refused, whatever the server in front lets through", async () => {
    const small = await rig.shop({ maxHeaders: 2000 });
    const response = await fetch(small.url, { headers: { authorization: `Payment ${"A".repeat(3000)}` } });
    expect([response.status, parseProblem(await response.text()).status]).to.deep.equal([431, 431]);
  });

  it("a body above the limit is refused before it is charged, with and without a length", async () => {
    const body = new Uint8Array(1024 * 1024 + 1);
    const stream = () => new Blob([body]).stream();
    const post = await fetch(shop.url, { method: "POST" });
    const [demanded] = parseChallenges(post.headers.get("www-authenticate") ?? "");
    const authorization = await credential({}, {}, demanded);
    for (const init of [{ body }, { body: stream(), duplex: "half" } as RequestInit]) {
      expect(await refusal(authorization, { method: "POST", ...init })).to.deep.equal({
        status: 413,
        type: "about:blank",
      });
    }
  });

  it("an idempotency key of 256 characters is refused", async () => {
    const headers = { "idempotency-key": "k".repeat(256) };
    expect(await refusal(await credential(), { headers })).to.deep.equal({ status: 400, type: "about:blank" });
  });

  it("a forged voucher, at whatever amount, is a signer mismatch", async () => {
    const stranger = (await rig.customer(shop)).signer;
    for (const cumulativeAmount of [0n, 10n, 1000n]) {
      const forged = await signVoucher(stranger, { channelId: id, cumulativeAmount }, rig.chain.escrow);
      const answer = await refusal(await credential({ ...forged, cumulativeAmount: cumulativeAmount.toString() }));
      expect(answer).to.deep.equal({ status: 402, type: "signer-mismatch" });
    }
  });

  it("a voucher for another chain, contract or channel is a signer mismatch", async () => {
    const { escrow } = rig.chain;
    const otherChain = await signedBy(id, 1000n, { ...escrow, chainId: 10 });
    const otherContract = await signedBy(id, 1000n, { ...escrow, address: rig.chain.tokens.plain });
    const otherChannel = { ...(await signedBy(`0x${"11".repeat(32)}`, 1000n)), channelId: id };
    for (const voucher of [otherChain, otherContract, otherChannel]) {
      expect(await refusal(await credential(voucher))).to.deep.equal({ status: 402, type: "signer-mismatch" });
    }
  });

  it("a signature that is none, or a high-s copy of a good one, is refused", async () => {
    const { signature } = await signedBy(id, 1000n);
    const order = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;
    const s = (order - BigInt(`0x${signature.slice(66, 130)}`)).toString(16).padStart(64, "0");
    const highS = `${signature.slice(0, 66)}${s}${signature.endsWith("1b") ? "1c" : "1b"}`;
    for (const bad of [`0x${"ff".repeat(65)}`, `0x${"00".repeat(65)}`, highS]) {
      expect(await refusal(await credential({ signature: bad }))).to.deep.equal({
        status: 402,
        type: "invalid-signature",
      });
    }
  });

  it("a voucher on an unknown channel finds no channel", async () => {
    const voucher = await signedBy(`0x${"22".repeat(32)}`, 1000n);
    expect(await refusal(await credential(voucher))).to.deep.equal({ status: 410, type: "channel-not-found" });
  });

  it("a voucher above the deposit exceeds it", async () => {
    for (const amount of [10_001n, 2n ** 128n - 1n]) {
      const answer = await refusal(await credential(await signedBy(id, amount)));
      expect(answer).to.deep.equal({ status: 402, type: "amount-exceeds-deposit" });
    }
  });

  it("a stale voucher under a new key buys nothing that the credit does not cover", async () => {
    const headers = { "idempotency-key": "stale" };
    const answer = await refusal(await credential(await signedBy(id, 10n)), { headers });
    expect(answer).to.deep.equal({ status: 402, type: "insufficient-balance" });
  });

  it("an open that names no transaction, a reverted one, or another channel's, opens nothing", async () => {
    const wallet = await rig.chain.fundedAccount({ tokens: 0n });
    const { escrow } = rig.chain;
    const channel = {
      payer: wallet.address,
      payee: shop.payee.address,
      token: shop.token,
      salt: `0x${"00".repeat(31)}07`,
      authorizedSigner: zeroAddress,
    } as const;
    const voucher = await signVoucher(wallet, { channelId: channelId(channel, escrow), cumulativeAmount: 0n }, escrow);
    // The simulated chain mines the transaction, and throws as well.
    await rig.chain
      .wallet(wallet)
      .writeContract({
        address: escrow.address,
        abi: paymentChannelsAbi,
        functionName: "open",
        args: [channel.payee, channel.token, 5n, channel.salt, zeroAddress],
        gas: 300_000n,
      })
      .catch(() => undefined);
    const reverted = (await rig.chain.client.getBlock()).transactions[0];
    if (!reverted) throw new Error("the reverting open was not mined");
    expect((await rig.chain.client.getTransactionReceipt({ hash: reverted })).status).to.equal("reverted");
    const another = await (await customer.paid.channel())?.openedBy();
    const cases: [Hex | undefined, number, string][] = [
      [`0x${"33".repeat(32)}`, 410, "channel-not-found"],
      [reverted, 409, "transaction-reverted"],
      [another, 409, "transaction-reverted"],
    ];
    for (const [hash, status, type] of cases) {
      const { salt, authorizedSigner } = channel;
      const header = formatCredential({
        challenge: await challenge(),
        source: { chainId: escrow.chainId, address: wallet.address },
        payload: { action: "open", type: "hash", hash: hash ?? "0x", ...voucher, salt, authorizedSigner },
      });
      expect(await refusal(header)).to.deep.equal({ status, type });
    }
  });

  it("a challenge of another route, replayed here, is invalid", async () => {
    const other = await challenge(`${shop.server.url}/other`);
    const authorization = await credential({}, {}, other);
    expect(await refusal(authorization)).to.deep.equal({ status: 402, type: "invalid-challenge" });
  });

  it("a challenge of GET, replayed on POST, is invalid", async () => {
    const answer = await refusal(await credential(), { method: "POST" });
    expect(answer).to.deep.equal({ status: 402, type: "invalid-challenge" });
  });

  it("a challenge altered in any bound field is invalid", async () => {
    const genuine = await challenge();
    const request = JSON.parse(Buffer.from(genuine.encodedRequest, "base64url").toString()) as object;
    const cheap = Buffer.from(JSON.stringify({ ...request, amount: "1" })).toString("base64url");
    for (const changes of [
      { request: cheap },
      { realm: "elsewhere" },
      { expires: "2099-01-01T00:00:00Z" },
      { id: "AAAA" },
      { opaque: Buffer.from(`{"route":"GET /"}`).toString("base64url") },
    ]) {
      expect(await refusal(await credential({}, changes))).to.deep.equal({ status: 402, type: "invalid-challenge" });
    }
  });

  it("a challenge past its expiry by the server's clock is expired", async () => {
    const authorization = await credential();
    clock += 301_000;
    expect(await refusal(authorization)).to.deep.equal({ status: 402, type: "payment-expired" });
  });

  it("a close request that is malformed, oversized, forged or for an unknown channel is refused", async () => {
    const url = `${shop.server.url}/close-requests`;
    const signature = `0x${"11".repeat(64)}1b`;
    const cases: [string, number][] = [
      ["{", 400],
      ["[]", 400],
      [JSON.stringify({ channelId: id, deposit: "-1", signature }), 400],
      ["x".repeat(20_000), 413],
      [JSON.stringify({ channelId: id, deposit: "10000", signature }), 402],
      [JSON.stringify({ channelId: `0x${"22".repeat(32)}`, deposit: "1", signature }), 410],
    ];
    for (const [body, status] of cases) {
      const response = await fetch(url, { method: "POST", body });
      const text = await response.text();
      expect([response.status, parseProblem(text).status], body.slice(0, 80)).to.deep.equal([status, status]);
      expect(text).not.to.match(/[0-9a-f]{128}/i);
    }
    expect((await fetch(url)).status).to.equal(405);
    expect((await shop.store.get(id))?.closeRequest).to.equal(undefined);
  });

  it("after all of it the server lives and the channel pays", async () => {
    const response = await customer.paid(shop.url);
    expect([response.status, await response.text()]).to.deep.equal([200, "the article"]);
    expect(await shop.store.get(id)).to.include({ spent: 2n * price });
    expect(shop.faults).to.deep.equal([]);
    expect(formatChallenge(await challenge())).to.match(/^Payment /);
  });
});
