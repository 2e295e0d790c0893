import "../../../support/seed.ts";
import { expect } from "chai";
import fc from "fast-check";
import {
  decodeBase64urlText,
  encodeBase64url,
  formatCloseRequest,
  formatReceipt,
  MalformedCloseRequestError,
  MalformedReceiptError,
  maxAmount,
  parseCloseRequest,
  parseReceipt,
} from "../../../../src/protocol/index.ts";
import { openedId, receipt, signature } from "./samples.ts";

describe("receipt header", () => {
  it("given a receipt, when formatted and parsed, it should be the same", () => {
    expect(parseReceipt(formatReceipt(receipt))).to.deep.equal(receipt);
    const { units: _, txHash: __, confirmations: ___, ...bare } = receipt;
    expect(parseReceipt(formatReceipt(bare))).to.deep.equal(bare);
  });

  it("given a receipt, when formatted, it should have every field that the draft requires", () => {
    expect(JSON.parse(decodeBase64urlText(formatReceipt(receipt)) ?? "")).to.deep.equal({
      method: "evm",
      intent: "session",
      status: "success",
      timestamp: "2026-04-01T12:08:30Z",
      reference: openedId,
      challengeId: "kM9xPqWvT2nJrHsY4aDfEb",
      channelId: openedId,
      chainId: 10,
      acceptedCumulative: "250000",
      spent: "237500",
      units: 500,
      txHash: `0x${"0f".repeat(32)}`,
      confirmations: 3,
    });
  });

  for (const [condition, change] of [
    ["another status", { status: "failed" }],
    ["another method", { method: "tempo" }],
    ["a reference to another channel", { reference: `0x${"99".repeat(32)}` }],
    ["a time that is none", { timestamp: "now" }],
    ["an amount as a number", { spent: 5 }],
    ["half a unit", { units: 0.5 }],
    ["no channel", { channelId: undefined }],
  ] as const) {
    it(`given ${condition}, when parsed, it should be refused`, () => {
      const object = { ...JSON.parse(decodeBase64urlText(formatReceipt(receipt)) ?? ""), ...change };
      expect(() => parseReceipt(encodeBase64url(JSON.stringify(object)))).to.throw(MalformedReceiptError);
    });
  }

  it("given any header, when parsed, it should throw nothing but its typed error", () => {
    const headers = fc.oneof(
      fc.string(),
      fc.jsonValue().map((value) => encodeBase64url(JSON.stringify(value))),
      fc.constant("A".repeat(16_385)),
    );
    fc.assert(
      fc.property(headers, (header) => {
        refuses(() => parseReceipt(header), MalformedReceiptError);
      }),
    );
  });
});

describe("close request body", () => {
  it("given any request, when formatted and parsed, it should be the same", () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: maxAmount }), (deposit) => {
        const request = { channelId: openedId, deposit, signature };
        expect(parseCloseRequest(formatCloseRequest(request))).to.deep.equal(request);
      }),
    );
  });

  it("given upper case and unknown fields, when parsed, it should be in lower case and without them", () => {
    const upper = (text: string) => text.toUpperCase().replace("0X", "0x");
    const body = JSON.stringify({
      channelId: upper(openedId),
      deposit: "7",
      signature: upper(signature),
      more: [null],
    });
    expect(parseCloseRequest(body)).to.deep.equal({ channelId: openedId, deposit: 7n, signature });
  });

  it("given any body that is none, when parsed, it should throw its typed error without the signature", () => {
    const good = { channelId: openedId, deposit: "7", signature };
    const bodies = fc.oneof(
      fc.string(),
      fc.jsonValue().map((value) => JSON.stringify(value)),
      fc
        .tuple(fc.constantFrom("channelId", "deposit", "signature"), fc.jsonValue())
        .map(([field, value]) => JSON.stringify({ ...good, [field]: value })),
      fc.constant(JSON.stringify({ ...good, padding: "x".repeat(16_384) })),
    );
    fc.assert(
      fc.property(bodies, (body) => {
        const error = refuses(() => parseCloseRequest(body), MalformedCloseRequestError);
        if (error) expect(error.message).not.to.include(signature.slice(2, 40));
      }),
    );
    expect(() => parseCloseRequest(JSON.stringify({ ...good, padding: "x".repeat(16_384) }))).to.throw(
      MalformedCloseRequestError,
    );
  });
});

function refuses<Expected extends Error>(work: () => unknown, expected: new (reason: string) => Expected) {
  try {
    work();
    return undefined;
  } catch (error) {
    expect(error).to.be.instanceOf(expected);
    return error as Expected;
  }
}
