import "../../../support/seed.ts";
import { expect } from "chai";
import fc from "fast-check";
import {
  canonicalJson,
  decodeBase64url,
  decodeBase64urlText,
  encodeBase64url,
  type Json,
  NotCanonicalError,
} from "../../../../src/protocol/index.ts";
import { fieldsOf } from "../../../../src/protocol/wire/fields.ts";
import { maxJsonDepth, parseJson } from "../../../../src/protocol/wire/json.ts";

const leaf = fc.oneof(fc.string({ unit: "grapheme" }), fc.maxSafeInteger(), fc.boolean());
const { tree } = fc.letrec<{ tree: Json }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 4 },
    leaf,
    fc.array(tie("tree")),
    fc.dictionary(
      fc.string().filter((key) => key !== "__proto__"),
      tie("tree"),
      { noNullPrototype: true },
    ),
  ),
}));

describe("canonical JSON", () => {
  it("given the sorting example of RFC 8785, when written, it should be in the order that it states", () => {
    const text = canonicalJson({
      "\u20ac": "Euro Sign",
      "\r": "Carriage Return",
      "\ufb33": "Hebrew Letter Dalet With Dagesh",
      "1": "One",
      "\ud83d\ude00": "Emoji: Grinning Face",
      "\u0080": "Control",
      "\u00f6": "Latin Small Letter O With Diaeresis",
    });
    expect(Object.values(JSON.parse(text.replace(/"1":"One",?/, "")))).to.deep.equal([
      "Carriage Return",
      "Control",
      "Latin Small Letter O With Diaeresis",
      "Euro Sign",
      "Emoji: Grinning Face",
      "Hebrew Letter Dalet With Dagesh",
    ]);
    expect(text).to.match(/^\{"\\r":"Carriage Return","1":"One",/);
  });

  it("given any value of the wire, when written and parsed, it should be the same, and the same text again", () => {
    fc.assert(
      fc.property(tree, (value) => {
        const text = canonicalJson(value);
        const parsed = JSON.parse(text);
        expect(parsed).to.deep.equal(JSON.parse(JSON.stringify(value)));
        expect(canonicalJson(parsed)).to.equal(text);
      }),
    );
  });

  it("given one object with its names in any order, when written, it should be one text", () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.string(), { maxLength: 8 }), fc.func(fc.integer()), (names, rank) => {
        const shuffled = [...names].sort((a, b) => rank(a) - rank(b));
        const object = (order: string[]) => Object.fromEntries(order.map((name) => [name, name]));
        expect(canonicalJson(object(shuffled))).to.equal(canonicalJson(object(names)));
      }),
    );
  });

  it("given an undefined property, when written, it should be absent", () => {
    expect(canonicalJson({ b: undefined, a: 1 })).to.equal('{"a":1}');
  });

  it("given what has no canonical form, when written, it should be refused with a typed error", () => {
    const bad = [1.5, 2 ** 53, Number.NaN, Infinity, null, undefined, 1n, () => 1, Symbol("s"), new Date(0), new Map()];
    const nested = [
      ...bad.map((value) => [value]),
      "\ud800",
      { "\udc00": 1 },
      { a: { toJSON: () => 1 } },
      new Array(2),
    ];
    for (const value of [...bad, ...nested]) {
      expect(() => canonicalJson(value as Json), String(typeof value)).to.throw(NotCanonicalError);
    }
    const ring: unknown[] = [];
    ring.push(ring);
    expect(() => canonicalJson(ring as Json)).to.throw(NotCanonicalError);
  });

  it("given a text nested deeper than the limit, when parsed, it should be refused, and at the limit read", () => {
    const nest = (depth: number) => `${"[".repeat(depth)}${"]".repeat(depth)}`;
    expect(parseJson(nest(maxJsonDepth))).to.be.an("array");
    expect(parseJson(nest(maxJsonDepth + 1))).to.equal(undefined);
    expect(parseJson(`["a",${nest(maxJsonDepth)}]`)).to.equal(undefined);
    expect(parseJson('{"a":"[[[[[[[[[[[[\\"[[[["}')).to.deep.equal({ a: '[[[[[[[[[[[["[[[[' });
  });

  it("given a text above the length limit, when parsed, it should be refused before it is looked at", () => {
    expect(parseJson(`"${"a".repeat(16_382)}"`)).to.be.a("string");
    expect(parseJson(`"${"a".repeat(16_383)}"`)).to.equal(undefined);
  });
});

describe("fields", () => {
  it("given a field that only a prototype has, when read, it should be missing", () => {
    const fields = fieldsOf(Object.create({ signature: "0x12" }), "payload", (reason) => new RangeError(reason));
    expect(fields.has("signature")).to.equal(false);
    expect(() => fields.text("signature")).to.throw(RangeError, "payload.signature is missing");
  });
});

describe("base64url", () => {
  it("given any bytes, when encoded, it should be what Node encodes, and decode to the same", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
        const text = encodeBase64url(bytes);
        expect(text).to.equal(Buffer.from(bytes).toString("base64url"));
        expect(decodeBase64url(text)).to.deep.equal(new Uint8Array(bytes));
      }),
    );
  });

  it("given any text, when decoded, it should be its one canonical spelling or undefined", () => {
    const texts = fc.oneof(fc.string(), fc.string({ unit: fc.constantFrom(..."ABab09-_+/= ") }));
    fc.assert(
      fc.property(texts, (text) => {
        const bytes = decodeBase64url(text);
        expect(bytes === undefined ? text : encodeBase64url(bytes)).to.equal(text);
      }),
    );
  });

  it("given padding, the other alphabet, white space or loose low bits, when decoded, it should be undefined", () => {
    for (const text of ["QQ==", "+/+/", "QQ ", "Q", "QR", "QUF=", "\u{1f600}"]) {
      expect(decodeBase64url(text), text).to.equal(undefined);
    }
  });

  it("given bytes that are no UTF-8, when decoded as text, it should be undefined", () => {
    expect(decodeBase64urlText(encodeBase64url(new Uint8Array([0xff, 0xfe])))).to.equal(undefined);
    expect(decodeBase64urlText(encodeBase64url("☕"))).to.equal("☕");
  });
});
