import { expect } from "chai";
import { type Hex, numberToHex } from "viem";
import {
  type CollectorClientOptions,
  collectorClient,
  PricedGiftError,
  TopUpUnseenError,
  UnreadableAnswerError,
} from "../../../src/collector/client.ts";
import { InsecureTransportError, PinMismatchError } from "../../../src/http/index.ts";
import { serve } from "../../../src/http/node.ts";
import type { SignedGifts } from "../../../src/pool/index.ts";
import {
  type AllocationPayload,
  type Channel,
  type Credential,
  canonicalChannel,
  channelId,
  formatChallenge,
  formatHeld,
  formatProblem,
  type HeldAllocation,
  type ProblemCode,
  parseCredential,
  problem,
  problemMediaType,
  sealChallenge,
} from "../../../src/protocol/index.ts";
import { rejection } from "../payer/rejection.ts";

const address = (n: number) => numberToHex(n, { size: 20 });
const pin = { chainId: 31337, escrow: address(1), payee: address(2), token: address(3) };
const donor = address(4);
const secret = new Uint8Array(32).fill(7);
const channel: Channel = canonicalChannel({
  payer: donor,
  payee: pin.payee,
  token: pin.token,
  salt: numberToHex(5, { size: 32 }),
  authorizedSigner: address(6),
});
const id = channelId(channel, { address: pin.escrow, chainId: pin.chainId });
const signature: Hex = `0x${"11".repeat(64)}1b`;
const allocation: AllocationPayload = {
  gateData: "0x01",
  gifts: [{ projectId: 7n, cumulativeAmount: 30n }],
  signature: `0x${"22".repeat(64)}1b`,
};
const signed: SignedGifts = {
  key: "key-1",
  channel,
  voucher: { channelId: id, cumulativeAmount: 30n, signature },
  allocation,
  buildsOn: 20n,
};
const at = "2026-11-21T12:00:00.000Z";
const taken = { channelId: id, cumulativeAmount: "30", amount: "10", at };

/** What the server does with one request; undefined breaks the connection. */
type Answer = (request: Request) => Response | Promise<Response> | undefined;

/** As `fetch`; where the script says so, the connection breaks while the answer comes. */
async function breakable(request: Request): Promise<Response> {
  const response = await fetch(request);
  if (!response.headers.has("x-break")) return response;
  const body = new ReadableStream({
    pull(controller) {
      controller.error(new TypeError("terminated"));
    },
  });
  return new Response(body);
}

describe("collectorClient", () => {
  const stops: (() => Promise<unknown>)[] = [];
  afterEach(async () => {
    await Promise.all(stops.splice(0).map((stop) => stop()));
  });

  /** A server that answers by a script, then for ever as the last of it. */
  async function scripted(script: Answer[], options: Partial<CollectorClientOptions> & { base?: string } = {}) {
    const seen: Request[] = [];
    const waits: number[] = [];
    const server = await serve(async (request) => {
      const answer = script[Math.min(seen.length, script.length - 1)];
      seen.push(request);
      return (await answer?.(request)) ?? new Response(null, { headers: { "x-break": "here" } });
    });
    stops.push(server.stop);
    const { base = "", ...rest } = options;
    const client = collectorClient({
      url: `${server.url}${base}`,
      pin,
      donor,
      fetch: breakable,
      async sleep(milliseconds) {
        waits.push(milliseconds);
      },
      ...rest,
    });
    const credentials = (): Credential[] =>
      seen.flatMap((request) => {
        const header = request.headers.get("authorization");
        return header === null ? [] : [parseCredential(header)];
      });
    return { client, seen, waits, credentials, url: server.url };
  }

  async function challengeOf(
    terms: { amount?: bigint; recipient?: Hex; currency?: Hex; chainId?: number; escrow?: Hex; expires?: string } = {},
  ): Promise<string> {
    const {
      amount = 0n,
      recipient = pin.payee,
      currency = pin.token,
      chainId = pin.chainId,
      escrow = pin.escrow,
    } = terms;
    const methodDetails = { chainId, escrowContract: escrow, credentialTypes: ["authorization", "hash"] };
    const request = { amount, recipient, currency, methodDetails };
    const { expires = "2099-01-01T00:00:00Z" } = terms;
    return formatChallenge(
      await sealChallenge(secret, { realm: "test", request, expires, opaque: { route: "POST /gifts" } }),
    );
  }

  const demand =
    (terms: Parameters<typeof challengeOf>[0] = {}): Answer =>
    async () =>
      new Response(null, { status: 402, headers: { "www-authenticate": await challengeOf(terms) } });
  const accept: Answer = () => Response.json(taken);
  const deny =
    (code: ProblemCode, extra: object = {}, headers: Record<string, string> = {}): Answer =>
    async () => {
      const body = { ...JSON.parse(formatProblem(problem(code, "A sentence."))), ...extra };
      const renewed: Record<string, string> = body.status === 402 ? { "www-authenticate": await challengeOf() } : {};
      const type = { "content-type": problemMediaType };
      return new Response(JSON.stringify(body), { status: body.status, headers: { ...type, ...renewed, ...headers } });
    };
  const plain =
    (status: number, body: string | null = null, headers: Record<string, string> = {}): Answer =>
    () =>
      new Response(body, { status, headers });

  describe("give", () => {
    it("given a challenge, when gifts are given, the first asks for it and every later one is one round trip", async () => {
      const { client, seen, credentials } = await scripted([demand(), accept]);
      const answer = await client.give(signed);
      const acknowledged = {
        type: "acknowledged",
        channelId: id,
        cumulativeAmount: 30n,
        amount: 10n,
        at: Date.parse(at),
      };
      expect(answer).to.deep.equal(acknowledged);
      await client.give({ ...signed, key: "key-2" });
      expect(seen.map(({ method, url }) => `${method} ${new URL(url).pathname}`)).to.deep.equal(
        Array(3).fill("POST /gifts"),
      );
      expect(seen.map(({ headers }) => headers.get("idempotency-key"))).to.deep.equal([null, "key-1", "key-2"]);
      expect(await Promise.all(seen.map((request) => request.text()))).to.deep.equal(["", "", ""]);
      expect(credentials()[0]?.payload).to.deep.equal({
        action: "voucher",
        channelId: id,
        cumulativeAmount: 30n,
        signature,
        allocation: { ...allocation, buildsOn: 20n },
      });
    });

    it("given many gifts at once and no challenge yet, when given, it is asked for once", async () => {
      const { client, seen } = await scripted([demand(), accept]);
      await Promise.all(Array.from({ length: 5 }, (_, n) => client.give({ ...signed, key: `key-${n}` })));
      expect(seen.filter(({ headers }) => !headers.has("authorization"))).to.have.length(1);
    });

    it("given a collector under a path, when given to, it is asked there", async () => {
      for (const base of ["/rounds/1", "/rounds/1/"]) {
        const { client, seen } = await scripted([demand(), accept], { base });
        await client.give(signed);
        expect(new URL(seen[0]?.url ?? "").pathname).to.equal("/rounds/1/gifts");
      }
    });

    it("given an opening by transaction, when given, the same credential opens, names the hash and carries the gifts", async () => {
      const { client, credentials } = await scripted([demand(), accept]);
      const hash = numberToHex(9, { size: 32 });
      await client.give({ ...signed, opening: { type: "hash", hash } });
      const [credential] = credentials();
      expect(credential?.source).to.deep.equal({ chainId: pin.chainId, address: donor });
      expect(credential?.payload).to.deep.include({
        action: "open",
        type: "hash",
        hash,
        cumulativeAmount: 30n,
        signature,
      });
      expect(credential?.payload).to.deep.include({ salt: channel.salt, authorizedSigner: channel.authorizedSigner });
      expect(credential?.payload).to.have.deep.property("allocation", { ...allocation, buildsOn: 20n });
    });

    it("given an opening by authorization, when given, the same credential carries it, the voucher and the gifts", async () => {
      const { client, credentials } = await scripted([demand(), accept]);
      const authorization = {
        from: donor,
        to: pin.escrow,
        value: 100n,
        validAfter: 0n,
        validBefore: 9n,
        nonce: numberToHex(1, { size: 32 }),
      };
      const opening = { type: "authorization", authorization, signature: `0x${"33".repeat(64)}1b` } as const;
      await client.give({ ...signed, opening });
      const [credential] = credentials();
      expect(credential?.payload).to.deep.include({ ...opening, action: "open", voucherSignature: signature });
      expect(credential?.payload).to.have.deep.property("allocation", { ...allocation, buildsOn: 20n });
    });

    it("given a lost reply, when given, the very same request is sent again", async () => {
      const { client, seen } = await scripted([demand(), () => undefined, accept]);
      expect((await client.give(signed)).type).to.equal("acknowledged");
      const [, first, second] = seen;
      expect(second?.headers.get("authorization")).to.equal(first?.headers.get("authorization"));
      expect(second?.headers.get("idempotency-key")).to.equal("key-1");
    });

    it("given a reply that was lost and a divergence, when given, the answer says that the first may have arrived", async () => {
      const once = await scripted([demand(), deny("allocation-diverges")]);
      expect(await once.client.give(signed)).to.deep.equal({ type: "diverged", repeated: false });
      const twice = await scripted([demand(), () => undefined, deny("allocation-diverges")]);
      expect(await twice.client.give(signed)).to.deep.equal({ type: "diverged", repeated: true });
      const renewed = await scripted([demand(), deny("invalid-challenge"), deny("allocation-diverges")]);
      expect(await renewed.client.give(signed)).to.deep.equal({ type: "diverged", repeated: false });
    });

    it("given a challenge that has gone stale, when given, the fresh one is answered once with the same voucher and key", async () => {
      for (const code of ["invalid-challenge", "payment-expired"] as const) {
        const { client, seen, credentials } = await scripted([demand(), accept, deny(code), accept]);
        await client.give(signed);
        await client.give({ ...signed, key: "key-2" });
        expect(seen).to.have.length(4);
        expect(credentials().map(({ payload }) => payload)).to.deep.equal(Array(3).fill(credentials()[0]?.payload));
      }
      const endless = await scripted([demand(), deny("invalid-challenge")]);
      expect(await endless.client.give(signed)).to.include({ type: "refused", code: "invalid-challenge" });
      expect(endless.seen).to.have.length(3);
    });

    it("given a remembered challenge that has expired, when given, another is asked for first", async () => {
      let now = Date.parse("2026-11-21T12:00:00Z");
      const expires = "2026-11-21T12:05:00Z";
      const { client, seen } = await scripted([demand({ expires }), accept, demand(), accept], { clock: () => now });
      await client.give(signed);
      now += 301_000;
      await client.give(signed);
      expect(seen.map(({ headers }) => headers.has("authorization"))).to.deep.equal([false, true, false, true]);
    });

    const held: HeldAllocation = { cumulativeAmount: 40n, voucherSignature: signature, allocation };
    it("given a divergence with what is held, when given, it is handed on as it is", async () => {
      const { client } = await scripted([
        demand(),
        deny("allocation-diverges", { held: JSON.parse(formatHeld(held)) }),
      ]);
      expect(await client.give(signed)).to.deep.equal({ type: "diverged", repeated: false, held });
    });

    for (const code of [
      "gift-refused",
      "not-eligible",
      "round-closed",
      "invalid-allocation",
      "channel-finalized",
    ] as const) {
      it(`given a refusal ${code}, when given, it is handed on with its sentence`, async () => {
        const { client } = await scripted([demand(), deny(code)]);
        expect(await client.give(signed)).to.deep.equal({ type: "refused", code, detail: "A sentence." });
      });
    }

    const silent: [condition: string, script: Answer[]][] = [
      ["a server that fails", [demand(), plain(500)]],
      ["a server that is not ready", [demand(), deny("unavailable", {}, { "retry-after": "1" })]],
      ["a server that is asked too often", [demand(), plain(429, null, { "retry-after": "60" })]],
      ["a proxy without its server", [plain(502, "<html>Bad Gateway</html>", { "content-type": "text/html" })]],
      ["an open that is not deep enough for long", [demand(), deny("channel-not-found", {}, { "retry-after": "1" })]],
      ["a connection that always breaks", [demand(), () => undefined]],
    ];
    for (const [condition, script] of silent) {
      it(`given ${condition}, when given, it is unanswered and may be sent again`, async () => {
        const { client } = await scripted(script);
        const answer = await client.give({ ...signed, opening: { type: "hash", hash: numberToHex(9, { size: 32 }) } });
        expect(answer.type).to.equal("unanswered");
      });
    }

    it("given nobody at the address, when given, it is unanswered", async () => {
      const { url, client } = await scripted([demand()]);
      await Promise.all(stops.splice(0).map((stop) => stop()));
      expect((await client.give(signed)).type, url).to.equal("unanswered");
    });

    const garbage: [condition: string, script: Answer[]][] = [
      ["a page instead of an answer", [demand(), plain(200, "<html>", { "content-type": "text/html" })]],
      ["nothing", [demand(), plain(200)]],
      ["an amount that is no amount", [demand(), () => Response.json({ ...taken, amount: -1 })]],
      ["a time that is none", [demand(), () => Response.json({ ...taken, at: "soon" })]],
      ["another server's refusal", [demand(), plain(404, "not here")]],
      ["a problem of nobody's", [demand(), plain(422, "{}", { "content-type": problemMediaType })]],
      ["no challenge", [plain(200, "hello")]],
      ["an answer without end", [demand(), plain(200, `{"x":"${"y".repeat(200_000)}"}`)]],
      ["a held allocation that is none", [demand(), deny("allocation-diverges", { held: { cumulativeAmount: "1" } })]],
      ["a held allocation of nonsense", [demand(), deny("allocation-diverges", { held: [1.5, null] })]],
    ];
    for (const [condition, script] of garbage) {
      it(`given ${condition}, when given, a typed error says that it could not be read, without a signature`, async () => {
        const { client } = await scripted(script);
        const error = await rejection(client.give(signed));
        expect(error).to.be.instanceOf(UnreadableAnswerError);
        expect(String((error as Error).message)).to.not.match(/[0-9a-f]{64}/);
      });
    }

    const pins: [condition: string, terms: Parameters<typeof challengeOf>[0]][] = [
      ["another payee", { recipient: address(99) }],
      ["another token", { currency: address(99) }],
      ["another chain", { chainId: 1 }],
      ["another escrow", { escrow: address(99) }],
    ];
    for (const [condition, terms] of pins) {
      it(`given a challenge for ${condition}, first or fresh, when given, nothing is shown to it`, async () => {
        const first = await scripted([demand(terms), accept]);
        expect(await rejection(first.client.give(signed))).to.be.instanceOf(PinMismatchError);
        expect(first.credentials()).to.deep.equal([]);
        const fresh = async () => {
          const response = await deny("invalid-challenge")(new Request("http://localhost"));
          response?.headers.set("www-authenticate", await challengeOf(terms));
          return response ?? new Response();
        };
        const later = await scripted([demand(), fresh, accept]);
        expect(await rejection(later.client.give(signed))).to.be.instanceOf(PinMismatchError);
        expect(later.credentials()).to.have.length(1);
      });
    }

    it("given a challenge with a price, when given, nothing is shown to it", async () => {
      const { client, credentials } = await scripted([demand({ amount: 1n }), accept]);
      expect(await rejection(client.give(signed))).to.be.instanceOf(PricedGiftError);
      expect(credentials()).to.deep.equal([]);
    });

    it("given an address without TLS off this machine, when made, it is refused", () => {
      expect(() => collectorClient({ url: "http://collector.example.org", pin, donor })).to.throw(
        InsecureTransportError,
      );
    });
  });

  describe("openings", () => {
    it("given a challenge, when asked, it gives the collector's ways in their order", async () => {
      const { client } = await scripted([demand()]);
      expect(await client.openings()).to.deep.equal(["authorization", "hash"]);
    });
  });

  describe("present", () => {
    const topUp = { channel, channelId: id, hash: numberToHex(8, { size: 32 }), additionalDeposit: 50n };
    it("given a top-up that is not deep enough at first, when shown, it waits as it is told and resolves once it is seen", async () => {
      const notYet = deny("unavailable", {}, { "retry-after": "1" });
      const { client, waits, credentials } = await scripted([demand(), notYet, notYet, plain(200)]);
      await client.present(topUp);
      expect(waits).to.deep.equal([1_000, 1_000]);
      expect(credentials()[0]).to.deep.include({ source: { chainId: pin.chainId, address: donor } });
      const { channelId, hash, additionalDeposit } = topUp;
      const payload = { action: "topUp", type: "hash", channelId, hash, additionalDeposit };
      expect(credentials()[0]?.payload).to.deep.equal(payload);
    });

    it("given a collector that does not see it, when shown, a typed error says why", async () => {
      const { client } = await scripted([demand(), deny("transaction-reverted")]);
      const error = await rejection(client.present(topUp));
      expect(error).to.be.instanceOf(TopUpUnseenError);
      expect((error as Error).message).to.include("transaction-reverted");
    });
  });
});
