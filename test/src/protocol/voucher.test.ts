import "../../support/seed.ts";
import { expect } from "chai";
import fc from "fast-check";
import { bytesToHex, type Hex, hashTypedData, keccak256 } from "viem";
import { hexToBytes, isHex } from "../../../src/protocol/bytes.ts";
import { maxAmount } from "../../../src/protocol/channel.ts";
import { escrowDomain, typedData } from "../../../src/protocol/typedData.ts";
import { voucherDigest, voucherHasher } from "../../../src/protocol/voucher.ts";

const escrow = { address: "0x00000000000000000000000000000000000e5c40", chainId: 31337 } as const;
const hash = (bytes: Uint8Array) => keccak256(bytes, "bytes");
const channelId = fc.uint8Array({ minLength: 32, maxLength: 32 }).map((bytes) => bytesToHex(bytes));
const amount = fc.oneof(
  fc.bigInt({ min: 0n, max: maxAmount }),
  fc.constantFrom(0n, 2n ** 64n - 1n, 2n ** 64n, maxAmount),
);

describe("voucherHasher", () => {
  it("given any voucher, when hashed, it should be viem's typed data hash, and leave no trace in the next", () => {
    const digest = voucherHasher(escrow, hash);
    fc.assert(
      fc.property(channelId, amount, fc.boolean(), (id, cumulativeAmount, isLoud) => {
        const given = isLoud ? (`0x${id.slice(2).toUpperCase()}` as Hex) : id;
        const made = digest({ channelId: given, cumulativeAmount });
        const types = { Voucher: typedData.Voucher };
        const message = { channelId: id, cumulativeAmount };
        const expected = hashTypedData({ domain: escrowDomain(escrow), types, primaryType: "Voucher", message });
        expect(made && bytesToHex(made)).to.equal(expected);
        expect(voucherDigest({ channelId: id, cumulativeAmount }, escrow)).to.equal(expected);
      }),
    );
  });

  it("given what is no voucher, when hashed, it should be nothing, and the next one right", () => {
    const digest = voucherHasher(escrow, hash);
    const good = { channelId: `0x${"ab".repeat(32)}`, cumulativeAmount: 7n } as const;
    const first = digest(good);
    for (const bad of [
      { ...good, cumulativeAmount: -1n },
      { ...good, cumulativeAmount: maxAmount + 1n },
      { ...good, channelId: `0x${"ab".repeat(31)}` as const },
      { ...good, channelId: `0x${"ab".repeat(31)}zz` as const },
      { ...good, channelId: `zz${"ab".repeat(32)}` as Hex },
    ]) {
      expect(digest(bad)).to.equal(undefined);
      expect(digest(good)).to.deep.equal(first);
    }
  });
});

describe("hexToBytes", () => {
  it("given any bytes in either case, when read, it should be those bytes", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), fc.boolean(), (bytes, isLoud) => {
        const hex = bytesToHex(bytes);
        expect(hexToBytes(isLoud ? (`0x${hex.slice(2).toUpperCase()}` as Hex) : hex)).to.deep.equal(bytes);
      }),
    );
  });

  it("given any character that is no digit, anywhere, when read, it should be nothing", () => {
    const characters = fc.string({ unit: "binary", minLength: 1, maxLength: 1 }).filter((c) => !/[0-9a-fA-F]/.test(c));
    fc.assert(
      fc.property(characters, fc.integer({ min: 0, max: 63 }), (character, at) => {
        const text = `0x${"0".repeat(at)}${character}${"0".repeat(63 - at)}` as Hex;
        expect(hexToBytes(text)).to.equal(undefined);
      }),
    );
    for (const bad of ["", "0", "00", "0X00", "0x0", "x000"]) expect(hexToBytes(bad as Hex)).to.equal(undefined);
  });
});

describe("isHex", () => {
  const characters = fc.oneof(
    { weight: 30, arbitrary: fc.constantFrom(..."0123456789abcdefABCDEF") },
    { weight: 1, arbitrary: fc.string({ unit: "binary", minLength: 1, maxLength: 1 }) },
  );

  it("given any text, when judged, it should be as the plain rule says, of any size and of one", () => {
    const text = fc.array(characters, { maxLength: 140 }).map((all) => all.join(""));
    fc.assert(
      fc.property(fc.constantFrom("0x", "0x", "0X", "", "x0"), text, fc.nat(70), (start, rest, size) => {
        const value = start + rest;
        const isAny = /^0x(?:[0-9a-fA-F]{2})*$/.test(value);
        expect(isHex(value)).to.equal(isAny);
        expect(isHex(value, size)).to.equal(isAny && value.length === 2 + 2 * size);
        expect(isHex(value, (value.length - 2) / 2)).to.equal(isAny);
      }),
      { numRuns: 1_000 },
    );
  });

  it("given a line break at the end, or what is no text, when judged, it should be false", () => {
    for (const value of ["0xab\n", "0xa\n", undefined, null, 7, ["0xab"], new String("0xab")])
      expect(isHex(value), String(value)).to.equal(false);
  });
});
