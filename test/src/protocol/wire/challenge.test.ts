import "../../../support/seed.ts";
import { expect } from "chai";
import fc from "fast-check";
import {
  canonicalJson,
  challengeExpired,
  decodeOpaque,
  encodeBase64url,
  formatChallenge,
  MalformedChallengeError,
  parseChallenges,
} from "../../../../src/protocol/index.ts";
import { challenge, request } from "./samples.ts";

describe("challenge header", () => {
  it("given a challenge, when formatted and parsed, it should be the same", async () => {
    const offered = await challenge();
    expect(parseChallenges(formatChallenge(offered))).to.deep.equal([offered]);
  });

  it("given any terms, when formatted and parsed, it should be the same", async () => {
    const ascii = fc.string({ unit: "grapheme-ascii", minLength: 1 }).filter((text) => !text.includes("|"));
    const terms = fc.record({ realm: ascii, description: ascii, opaque: fc.dictionary(fc.string(), fc.string()) });
    await fc.assert(
      fc.asyncProperty(terms, async ({ realm, description, opaque }) => {
        const offered = await challenge({ realm, description, opaque: { ...opaque } });
        expect(parseChallenges(formatChallenge(offered))).to.deep.equal([offered]);
        expect(decodeOpaque(offered.opaque ?? "")).to.deep.equal({ ...opaque });
      }),
    );
  });

  it("given one without optional values, when parsed, it should have none", async () => {
    const { id, realm, encodedRequest } = await challenge();
    const [parsed] = parseChallenges(
      `payment ID=${id}, Realm = ${realm},method=evm,intent=session ,request=${encodedRequest}`,
    );
    expect(parsed).to.deep.equal({ id, realm, method: "evm", intent: "session", request, encodedRequest });
  });

  it("given several challenges among other schemes and methods, when parsed, it should be ours in their order", async () => {
    const [first, second] = [await challenge(), await challenge({ realm: 'a, Payment id="x"' })];
    const header = [
      "Negotiate",
      "NTLM abc==",
      'Digest realm="a, b", nonce="\\"Payment id=\\"", algorithm=MD5',
      formatChallenge(first),
      'Payment id="x", realm="r", method="tempo", intent="session", request="e30"',
      'Payment id="y", realm="r", method="evm", intent="charge", request="e30"',
      "Bearer",
      formatChallenge(second),
      'Basic realm="last"',
    ].join(", ");
    expect(parseChallenges(header)).to.deep.equal([first, second]);
    expect(parseChallenges(` , ${formatChallenge(first)} ,, `)).to.deep.equal([first]);
  });

  it("given no challenge of ours, when parsed, it should be none", () => {
    expect(parseChallenges("")).to.deep.equal([]);
    expect(parseChallenges('Basic realm="x"')).to.deep.equal([]);
    expect(parseChallenges('Payment id="x", realm="r", method="tempo", intent="charge", request="e30"')).to.deep.equal(
      [],
    );
  });

  it("given a malformed one of ours beside a good one, when parsed, it should be the good one; alone, a typed error", async () => {
    const good = await challenge();
    const bad = formatChallenge(good).replace(good.id, "");
    expect(parseChallenges(`${bad}, ${formatChallenge(good)}`)).to.deep.equal([good]);
    expect(() => parseChallenges(bad)).to.throw(MalformedChallengeError, "id is missing or empty");
  });

  it("given addresses and ids in mixed case, when parsed, they should be in lower case, and the request as it came", async () => {
    const { amount, currency, recipient, methodDetails } = request;
    const text = canonicalJson({
      amount: amount.toString(),
      currency: `0x${currency.slice(2).toUpperCase()}`,
      recipient: `0x${recipient.slice(2).toUpperCase()}`,
      unknown: { deep: [1] },
      methodDetails: {
        chainId: methodDetails.chainId,
        escrowContract: `0x${methodDetails.escrowContract.slice(2).toUpperCase()}`,
        channelId: `0x${"AB".repeat(32)}`,
      },
    });
    const encoded = encodeBase64url(text);
    const [parsed] = parseChallenges(`Payment id=x, realm=r, method=evm, intent=session, request=${encoded}`);
    expect(parsed?.request).to.deep.equal({
      amount,
      currency,
      recipient,
      methodDetails: {
        chainId: methodDetails.chainId,
        escrowContract: methodDetails.escrowContract,
        channelId: `0x${"ab".repeat(32)}`,
      },
    });
    expect(parsed?.encodedRequest).to.equal(encoded);
  });

  for (const [condition, change] of [
    ["no amount", { amount: undefined }],
    ["an amount with an exponent", { amount: "1e3" }],
    ["an amount of 2^128", { amount: (2n ** 128n).toString() }],
    ["an amount as a number", { amount: 100 }],
    ["a short currency", { currency: "0x12" }],
    ["a recipient that is no hexadecimal", { recipient: `0x${"zz".repeat(20)}` }],
    ["methodDetails as a list", { methodDetails: [] }],
    ["a chain id as a text", { methodDetails: { chainId: "10", escrowContract: request.currency } }],
    ["a chain id of 0", { methodDetails: { chainId: 0, escrowContract: request.currency } }],
    ["no escrow", { methodDetails: { chainId: 10 } }],
    ["a fee payer as a text", { methodDetails: { chainId: 10, escrowContract: request.currency, feePayer: "true" } }],
  ] as const) {
    it(`given a request with ${condition}, when parsed, it should be refused with a typed error`, () => {
      const { currency, recipient, methodDetails } = request;
      const { chainId, escrowContract } = methodDetails;
      const whole = { amount: "1", currency, recipient, methodDetails: { chainId, escrowContract }, ...change };
      const header = `Payment id=x, realm=r, method=evm, intent=session, request=${encodeBase64url(canonicalJson(whole))}`;
      expect(() => parseChallenges(header)).to.throw(MalformedChallengeError, "request");
    });
  }

  it("given a good one with a parameter twice, when parsed, it should be refused, for either could be meant", async () => {
    const whole = formatChallenge(await challenge());
    expect(() => parseChallenges(`${whole}, ID="other"`)).to.throw(MalformedChallengeError, "grammar");
  });

  it("given more than 16 KiB, when parsed, it should be refused by its length", () => {
    expect(() => parseChallenges(",".repeat(16_385))).to.throw(MalformedChallengeError, "longer than 16384");
    expect(parseChallenges(",".repeat(16_384))).to.deep.equal([]);
  });

  for (const [condition, header] of [
    ["an unclosed quote", 'Payment id="x'],
    ["a value missing", "Payment id=, realm=r"],
    ["two values", 'Payment id="x""y"'],
    ["a control character", "Payment id=\u0000"],
    ["a broken list", "Payment id=x realm=y"],
    ["no text", undefined],
  ] as const) {
    it(`given ${condition}, when parsed, it should be refused with a typed error`, () => {
      expect(() => parseChallenges(header as string)).to.throw(MalformedChallengeError);
    });
  }

  it("given a value that would break out of the header, when formatted, it should be refused", async () => {
    const offered = await challenge();
    for (const description of ["a\r\nSet-Cookie: b=c", "a\u0000", "☕"]) {
      expect(() => formatChallenge({ ...offered, description })).to.throw(MalformedChallengeError, "description");
    }
  });

  it("given any header, when parsed, it should throw nothing but its typed error", async () => {
    const whole = formatChallenge(await challenge());
    const pieces = fc.constantFrom(
      "Payment ",
      "id=",
      '"',
      "\\",
      ",",
      " ",
      "=",
      "method=evm",
      "intent=session",
      "request=e30",
      whole,
    );
    const headers = fc.oneof(
      fc.string({ unit: "binary" }),
      fc.array(fc.oneof(pieces, fc.string()), { maxLength: 30 }).map((parts) => parts.join("")),
      fc.tuple(fc.nat(whole.length), fc.string()).map(([at, text]) => whole.slice(0, at) + text + whole.slice(at + 1)),
    );
    fc.assert(
      fc.property(headers, (header) => {
        try {
          parseChallenges(header);
        } catch (error) {
          expect(error).to.be.instanceOf(MalformedChallengeError);
        }
      }),
      { numRuns: 1000 },
    );
  });

  it("given an expiry, when its second has passed on the server's clock, it should be expired, and not before", async () => {
    const offered = await challenge({ expires: "2026-04-01T12:05:00Z" });
    const at = Date.parse("2026-04-01T12:05:00Z");
    expect(challengeExpired(offered, at)).to.equal(false);
    expect(challengeExpired(offered, at + 1)).to.equal(true);
    expect(challengeExpired(await challenge({ expires: "2026-04-01T14:05:00.000+02:00" }), at)).to.equal(false);
  });

  it("given an opaque value that is no flat object of texts, when parsed, it should be refused", async () => {
    const offered = await challenge();
    for (const value of ["[]", '"x"', '{"a":1}', '{"a":{}}', "null", "{"]) {
      expect(() => parseChallenges(formatChallenge({ ...offered, opaque: encodeBase64url(value) })), value).to.throw(
        MalformedChallengeError,
      );
    }
  });
});
