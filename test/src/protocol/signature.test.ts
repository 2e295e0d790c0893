import "../../support/seed.ts";
import { expect } from "chai";
import fc from "fast-check";
import { type Hex, numberToHex } from "viem";
import { hexToBytes } from "../../../src/protocol/bytes.ts";
import { isPlainSignature, isPlainSignatureBytes } from "../../../src/protocol/index.ts";

const order = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;
const half = order / 2n;
const word = (value: bigint) => numberToHex(value, { size: 32 }).slice(2);
const plain = (r: bigint, s: bigint) => `0x${word(r)}${word(s)}1b`;

describe("plain signature", () => {
  const edges: [condition: string, signature: unknown, expected: boolean][] = [
    ["r of 0", plain(0n, 1n), false],
    ["r of 1", plain(1n, 1n), true],
    ["r below the order", plain(order - 1n, 1n), true],
    ["r at the order", plain(order, 1n), false],
    ["r above the order", plain(2n ** 256n - 1n, 1n), false],
    ["s of 0", plain(1n, 0n), false],
    ["s at half the order", plain(1n, half), true],
    ["s above half the order", plain(1n, half + 1n), false],
    ["v of 28", `0x${word(1n)}${word(1n)}1c`, true],
    ["v of 29", `0x${word(1n)}${word(1n)}1d`, false],
    ["64 bytes", plain(1n, 1n).slice(0, -2), false],
    ["66 bytes", `${plain(1n, 1n)}1b`, false],
    ["a line break after it", `${plain(1n, 1n)}\n`, false],
    ["no 0x", plain(1n, 1n).slice(2), false],
    ["what is no text", 7, false],
  ];

  for (const [condition, signature, expected] of edges) {
    it(`given ${condition}, when judged, it should be ${expected}, in upper case too`, () => {
      expect(isPlainSignature(signature)).to.equal(expected);
      if (typeof signature !== "string") return;
      expect(isPlainSignature(signature.toUpperCase().replace("0X", "0x"))).to.equal(expected);
      const bytes = hexToBytes(signature as Hex);
      if (bytes) expect(isPlainSignatureBytes(bytes)).to.equal(expected);
    });
  }

  it("given any 65 bytes near the bounds, when judged as bytes and as text, they should agree", () => {
    const near = fc
      .tuple(fc.constantFrom(0n, 1n, 256n, half, order, 2n ** 255n), fc.bigInt({ min: -300n, max: 300n }))
      .map(([bound, distance]) => BigInt.asUintN(256, bound + distance));
    fc.assert(
      fc.property(near, near, fc.integer({ min: 26, max: 29 }), (r, s, v) => {
        const text = `0x${word(r)}${word(s)}${v.toString(16)}` as Hex;
        expect(isPlainSignatureBytes(hexToBytes(text) as Uint8Array)).to.equal(isPlainSignature(text));
      }),
      { numRuns: 1_000 },
    );
  });
});
