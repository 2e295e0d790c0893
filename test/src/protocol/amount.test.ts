import "../../support/seed.ts";
import { expect } from "chai";
import fc from "fast-check";
import {
  formatAmount,
  formatTokenAmount,
  InvalidAmountError,
  maxAmount,
  parseAmount,
  parseTokenAmount,
} from "../../../src/protocol/index.ts";

const amounts = fc.bigInt({ min: 0n, max: maxAmount });

describe("amounts", () => {
  it("given any amount of 128 bits, when written and read, it should be the same", () => {
    fc.assert(fc.property(amounts, (amount) => parseAmount(formatAmount(amount)) === amount));
  });

  it("given any text, when read, it should give what the text says in canonical decimal or refuse with a typed error", () => {
    const texts = fc.oneof(
      fc.string(),
      fc.string({ unit: fc.constantFrom(..."0123456789") }),
      fc.string({ unit: fc.constantFrom(..."0123456789eE+-. _,xX٠१1\u00a0") }),
    );
    fc.assert(
      fc.property(texts, (text) => {
        try {
          return parseAmount(text).toString() === text;
        } catch (error) {
          return error instanceof InvalidAmountError && error.code === "invalid-amount";
        }
      }),
    );
  });

  for (const [condition, text] of [
    ["an exponent", "1e3"],
    ["a negative number", "-1"],
    ["a plus sign", "+1"],
    ["a leading zero", "01"],
    ["several zeros", "00"],
    ["Arabic-Indic digits", "١٢٣"],
    ["full-width digits", "１２３"],
    ["hexadecimal", "0x10"],
    ["a fraction", "1.0"],
    ["a separator", "1_000"],
    ["a leading space", " 1"],
    ["a trailing newline", "1\n"],
    ["nothing", ""],
    ["2^128", (2n ** 128n).toString()],
    ["a million digits", "9".repeat(1_000_000)],
  ] as const) {
    it(`given ${condition}, when read, it should be refused`, () => {
      expect(() => parseAmount(text)).to.throw(InvalidAmountError);
    });
  }

  it("given a long text of anything, when read, it should be refused by its length, before it is looked at", () => {
    expect(() => parseAmount("x".repeat(40))).to.throw(InvalidAmountError, "above");
    expect(() => parseAmount("x".repeat(39))).to.throw(InvalidAmountError, "digits");
  });

  it("given 2^128 - 1, when read, it should be accepted", () => {
    expect(parseAmount("340282366920938463463374607431768211455")).to.equal(2n ** 128n - 1n);
  });

  it("given a lower maximum, when it is exceeded by one, it should be refused, and at it accepted", () => {
    expect(parseAmount("100", { max: 100n })).to.equal(100n);
    expect(() => parseAmount("101", { max: 100n })).to.throw(InvalidAmountError);
  });

  it("given what is no text, when read, it should be refused with a typed error", () => {
    for (const value of [1, 1n, null, undefined, ["1"], { length: 1 }]) {
      expect(() => parseAmount(value as never)).to.throw(InvalidAmountError);
    }
  });

  it("given a negative or too large amount, when written, it should be refused", () => {
    expect(() => formatAmount(-1n)).to.throw(InvalidAmountError);
    expect(() => formatAmount(2n ** 128n)).to.throw(InvalidAmountError);
  });

  it("given an amount in whole tokens, when written and read at any decimals, it should be the same", () => {
    fc.assert(
      fc.property(
        amounts,
        fc.integer({ min: 0, max: 18 }),
        (amount, decimals) => parseTokenAmount(formatTokenAmount(amount, decimals), decimals) === amount,
      ),
    );
  });

  it("given one text, when read at 6 and at 18 decimals, it should give each token's own base units", () => {
    expect(parseTokenAmount("0.25", 6)).to.equal(250_000n);
    expect(parseTokenAmount("0.25", 18)).to.equal(250_000_000_000_000_000n);
    expect(formatTokenAmount(250_000n, 18)).to.equal("0.00000000000025");
  });

  it("given more decimals than the token has, when read, it should be refused and never rounded", () => {
    expect(() => parseTokenAmount("0.0000001", 6)).to.throw(InvalidAmountError);
  });

  it("given a token amount with a sign, an exponent, a bare point or a leading zero, when read, it should be refused", () => {
    for (const text of ["-1", "1e3", ".5", "5.", "01", "1,5", "", " 1", "1.1.1"]) {
      expect(() => parseTokenAmount(text, 6), text).to.throw(InvalidAmountError);
    }
  });
});
