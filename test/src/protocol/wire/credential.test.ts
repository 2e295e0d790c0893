import "../../../support/seed.ts";
import { expect } from "chai";
import fc from "fast-check";
import {
  type Credential,
  decodeBase64urlText,
  encodeBase64url,
  FarthingError,
  formatCredential,
  type Json,
  MalformedCredentialError,
  type OpenCredential,
  openedChannel,
  parseCredential,
  parseSource,
  UnsupportedCredentialError,
  verifyChallenge,
} from "../../../../src/protocol/index.ts";
import { credential, openedChannelOf, payloads, secret, signature, source } from "./samples.ts";

type Loose = { challenge: Record<string, Json>; payload: Record<string, Json>; source?: Json };

/** The header of a credential whose decoded JSON was changed. */
async function changed(payload: keyof typeof payloads, change: (object: Loose) => unknown): Promise<string> {
  const header = formatCredential(await credential(payloads[payload]));
  const object = JSON.parse(decodeBase64urlText(header.slice("Payment ".length)) ?? "");
  const replaced = change(object) ?? object;
  return `Payment ${encodeBase64url(JSON.stringify(replaced))}`;
}

describe("credential header", () => {
  for (const [name, payload] of Object.entries(payloads)) {
    it(`given a credential with ${name}, when formatted and parsed, it should be the same and its challenge verify`, async () => {
      const given = await credential(payload);
      const parsed = parseCredential(formatCredential(given));
      expect(parsed).to.deep.equal(given);
      expect(await verifyChallenge(secret, parsed.challenge)).to.equal(true);
    });
  }

  it("given hexadecimal in upper case, when parsed, the channel id, addresses and signatures should be in lower case", async () => {
    const upper = (value: Json | undefined) => String(value).toUpperCase().replace("0X", "0x");
    const header = await changed("openByAuthorization", ({ payload }) => {
      for (const name of ["channelId", "salt", "authorizedSigner", "signature", "voucherSignature"]) {
        payload[name] = upper(payload[name]);
      }
      const authorization = payload.authorization as Record<string, Json>;
      for (const name of ["from", "to", "nonce"]) authorization[name] = upper(authorization[name]);
    });
    expect(parseCredential(header)).to.deep.equal(await credential(payloads.openByAuthorization));
  });

  it("given unknown fields everywhere, when parsed, they should be ignored", async () => {
    const header = await changed("voucher", (object) => {
      for (const part of [object, object.challenge, object.payload]) Object.assign(part, { novel: { a: [1.5, null] } });
    });
    expect(parseCredential(header)).to.deep.equal(await credential(payloads.voucher));
  });

  it("given no authorized signer, when parsed, it should be the zero address, which means the payer", async () => {
    const header = await changed("openByHash", ({ payload }) => {
      delete payload.authorizedSigner;
    });
    expect(parseCredential(header).payload).to.include({ authorizedSigner: `0x${"00".repeat(20)}` });
    const again = formatCredential(parseCredential(header));
    expect(decodeBase64urlText(again.slice(8))).not.to.include("authorizedSigner");
  });

  for (const [condition, payload, change] of [
    ["a relayed top-up", "topUp", { type: "authorization" }],
    ["a Permit2 top-up", "topUp", { type: "permit2" }],
    ["a Permit2 open", "openByHash", { type: "permit2" }],
    ["a deposit merged into a voucher", "voucher", { deposit: { action: "topUp" } }],
  ] as const) {
    it(`given ${condition}, when parsed, it should be refused as not supported`, async () => {
      const header = await changed(payload, (object) => void Object.assign(object.payload, change));
      expect(() => parseCredential(header)).to.throw(UnsupportedCredentialError, "not supported");
    });
  }

  for (const [condition, payload, change] of [
    ["an unknown action", "voucher", { action: "steal" }],
    ["an action by prototype", "voucher", { action: "constructor" }],
    ["no signature", "voucher", { signature: undefined }],
    ["a signature of 64 bytes", "voucher", { signature: `0x${"12".repeat(64)}` }],
    ["a signature of 66 bytes", "voucher", { signature: `${signature}00` }],
    ["a signature that is no hexadecimal", "voucher", { signature: `0x${"zz".repeat(65)}` }],
    ["a channel id of 31 bytes", "voucher", { channelId: `0x${"01".repeat(31)}` }],
    ["a channel id without 0x", "voucher", { channelId: "01".repeat(33) }],
    ["an amount as a number", "voucher", { cumulativeAmount: 5 }],
    ["an amount of 2^128", "voucher", { cumulativeAmount: (2n ** 128n).toString() }],
    ["a negative amount", "voucher", { cumulativeAmount: "-1" }],
    ["an amount with a leading zero", "close", { cumulativeAmount: "05" }],
    ["no salt", "openByHash", { salt: undefined }],
    ["no hash", "topUp", { hash: undefined }],
    ["an unknown type", "openByHash", { type: "transaction" }],
    ["an authorization as a list", "openByAuthorization", { authorization: [] }],
    ["no voucher signature", "openByAuthorization", { voucherSignature: undefined }],
    ["an allocation as a text", "gift", { allocation: "x" }],
    ["a tick without its root", "tick", { tickRoot: undefined }],
    ["a link of 31 bytes", "tick", { link: `0x${"0b".repeat(31)}` }],
    ["half a tick", "tick", { ticks: 0.5 }],
    ["fewer ticks than none", "tick", { ticks: -1 }],
    ["ticks as a text", "tick", { ticks: "7" }],
    ["an offer as a text", "tick", { offer: "0x12" }],
    ["an offer without a signature", "tick", { offer: { cumulativeAmount: "1", tickValue: "1" } }],
    [
      "an offer whose value is a number",
      "tickWithOffer",
      { offer: { cumulativeAmount: "1", tickValue: 1, signature } },
    ],
  ] as const) {
    it(`given ${condition}, when parsed, it should be refused with the field's name`, async () => {
      const header = await changed(payload, (object) => void Object.assign(object.payload, change));
      const [field] = Object.keys(change);
      expect(() => parseCredential(header)).to.throw(MalformedCredentialError, `payload.${field}`);
    });
  }

  it("given a hash without a source, or with another kind of DID, when parsed, it should be refused", async () => {
    for (const value of [
      undefined,
      "did:key:z6Mk",
      "did:pkh:eip155:010:0x12",
      `did:pkh:eip155:10:${"aa".repeat(20)}`,
    ]) {
      const header = await changed("openByHash", (object) => void Object.assign(object, { source: value }));
      expect(() => parseCredential(header), value).to.throw(MalformedCredentialError, "source");
    }
  });

  it("given a source on another chain than the challenge, when parsed, it should be refused", async () => {
    const header = await changed(
      "voucher",
      (object) => void Object.assign(object, { source: `did:pkh:eip155:11:${source.address}` }),
    );
    expect(() => parseCredential(header)).to.throw(MalformedCredentialError, "another chain");
  });

  it("given a voucher from some other kind of DID, when parsed, it should have no source", async () => {
    const header = await changed("voucher", (object) => void Object.assign(object, { source: "did:key:z6Mk" }));
    expect(parseCredential(header)).not.to.have.property("source");
  });

  it("given a challenge without an id, or of another method, when parsed, it should be refused", async () => {
    for (const change of [{ id: "" }, { id: undefined }, { method: "tempo" }, { intent: "charge" }, { request: "!" }]) {
      const header = await changed("voucher", (object) => void Object.assign(object.challenge, change));
      expect(() => parseCredential(header)).to.throw(MalformedCredentialError, "challenge");
    }
  });

  for (const [condition, header] of [
    ["nothing", ""],
    ["the scheme alone", "Payment"],
    ["another scheme", "Bearer abc"],
    ["two credentials", "Payment e30, Payment e30"],
    ["padding", "Payment e30="],
    ["bytes that are no UTF-8", `Payment ${encodeBase64url(new Uint8Array([0xff]))}`],
    ["what is no JSON", `Payment ${encodeBase64url("{")}`],
    ["a list", `Payment ${encodeBase64url("[]")}`],
    ["null", `Payment ${encodeBase64url("null")}`],
    ["an empty object", `Payment ${encodeBase64url("{}")}`],
    ["a newline at the end", "Payment e30\n"],
    ["deep nesting", `Payment ${encodeBase64url(`${"[".repeat(6000)}${"]".repeat(6000)}`)}`],
    ["no text", undefined],
  ] as const) {
    it(`given ${condition}, when parsed, it should be refused with a typed error`, () => {
      expect(() => parseCredential(header as string)).to.throw(MalformedCredentialError);
    });
  }

  it("given more than 16 KiB, when parsed, it should be refused by its length, before it is decoded", () => {
    expect(() => parseCredential(`Payment ${"A".repeat(16_377)}`)).to.throw(
      MalformedCredentialError,
      "longer than 16384",
    );
    expect(() => parseCredential(`Payment ${"A".repeat(16_376)}`)).to.throw(MalformedCredentialError, "not an object");
  });

  it("given any header and any change of a good one, when parsed, it should throw nothing but typed errors without the signature", async () => {
    const good = formatCredential(await credential(payloads.voucher));
    const object = JSON.parse(decodeBase64urlText(good.slice(8)) ?? "");
    const paths = [
      ...Object.keys(object.challenge).map((key) => ["challenge", key]),
      ...Object.keys(object.payload).map((key) => ["payload", key]),
    ];
    const replaced = fc.tuple(fc.constantFrom(...paths), fc.jsonValue()).map(([[part = "", key = ""], value]) => {
      const copy = structuredClone(object);
      copy[part][key] = value;
      return `Payment ${encodeBase64url(JSON.stringify(copy))}`;
    });
    const headers = fc.oneof(
      fc.string({ unit: "binary" }),
      fc.string().map((text) => `Payment ${text}`),
      fc.jsonValue().map((value) => `Payment ${encodeBase64url(JSON.stringify(value))}`),
      fc.tuple(fc.nat(good.length), fc.string()).map(([at, text]) => good.slice(0, at) + text + good.slice(at + 1)),
      replaced,
    );
    fc.assert(
      fc.property(headers, (header) => {
        try {
          parseCredential(header);
        } catch (error) {
          expect(error).to.be.instanceOf(FarthingError);
          expect((error as FarthingError).code).to.be.oneOf(["malformed-credential", "unsupported-credential"]);
          expect(String((error as FarthingError).stack)).not.to.include(signature.slice(2, 40));
        }
      }),
      { numRuns: 1000 },
    );
  });
});

describe("opened channel", () => {
  it("given a true open by hash or authorization, when put together, it should be the channel whose id it names", async () => {
    for (const payload of [payloads.openByHash, payloads.openByAuthorization]) {
      expect(openedChannel((await credential(payload)) as OpenCredential)).to.deep.equal(openedChannelOf);
    }
  });

  it("given another salt, signer, payer, escrow or nonce than was signed, when put together, it should be refused", async () => {
    const open = (await credential(payloads.openByAuthorization)) as Credential & {
      payload: typeof payloads.openByAuthorization;
    };
    const { authorization } = open.payload;
    const other = `0x${"99".repeat(20)}` as const;
    const changes = [
      { salt: `0x${"99".repeat(32)}` },
      { authorizedSigner: other },
      { channelId: `0x${"99".repeat(32)}` },
      { authorization: { ...authorization, from: other } },
      { authorization: { ...authorization, to: other } },
      { authorization: { ...authorization, nonce: `0x${"99".repeat(32)}` } },
    ];
    for (const change of changes) {
      const forged = { ...open, payload: { ...open.payload, ...change } } as OpenCredential;
      expect(() => openedChannel(forged), JSON.stringify(Object.keys(change))).to.throw(MalformedCredentialError);
    }
  });
});

describe("source", () => {
  it("given an address in any case, when parsed, it should be in lower case", () => {
    expect(parseSource(`did:pkh:eip155:196:0x${"Ab".repeat(20)}`)).to.deep.equal({
      chainId: 196,
      address: `0x${"ab".repeat(20)}`,
    });
  });

  it("given a chain id beyond safe integers, when parsed, it should be none", () => {
    expect(parseSource(`did:pkh:eip155:9999999999999999:0x${"ab".repeat(20)}`)).to.equal(undefined);
  });
});
