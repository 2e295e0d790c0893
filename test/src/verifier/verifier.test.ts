import "../../support/seed.ts";
import { expect } from "chai";
import fc from "fast-check";
import { bytesToHex, type Hex, keccak256, numberToHex, recoverAddress, zeroAddress } from "viem";
import { generatePrivateKey, privateKeyToAccount } from "viem/accounts";
import { selectVerifier, type Verifier, VerifierUnavailableError } from "../../../src/verifier/index.ts";

const order = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;
const digest = keccak256("0x1234");
const word = (value: bigint) => numberToHex(value, { size: 32 }).slice(2);
const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });

/** What every implementation must do, whatever it is made of. */
function conformance(make: () => Verifier) {
  const verifier = make();

  it("given any key and digest, when its signature is recovered, it should be the key's address in lower case", async () => {
    await fc.assert(
      fc.asyncProperty(bytes(32), async (random) => {
        const account = privateKeyToAccount(generatePrivateKey());
        const hash = bytesToHex(random);
        const signature = await account.sign({ hash });
        expect(await verifier.recover(hash, signature)).to.equal(account.address.toLowerCase());
      }),
      { numRuns: 25 },
    );
  });

  it("given a signature with its s mirrored and its parity flipped, when recovered, it should be nobody", async () => {
    const account = privateKeyToAccount(generatePrivateKey());
    const signature = await account.sign({ hash: digest });
    const s = BigInt(`0x${signature.slice(66, 130)}`);
    const v = signature.endsWith("1b") ? "1c" : "1b";
    const copy = `${signature.slice(0, 66)}${word(order - s)}${v}` as Hex;
    // The copy is a true one: a recovery without the low-s rule names the signer.
    expect(await recoverAddress({ hash: digest, signature: copy })).to.equal(account.address);
    expect(await verifier.recover(digest, copy)).to.equal(undefined);
  });

  it("given a signature of any length but 65 bytes, when recovered, it should be nobody", async () => {
    const signature = await privateKeyToAccount(generatePrivateKey()).sign({ hash: digest });
    const lengths = fc.integer({ min: 0, max: 200 }).filter((length) => length !== 65);
    await fc.assert(
      fc.asyncProperty(lengths, async (length) => {
        const stretched = `0x${signature
          .slice(2)
          .padEnd(400, "0")
          .slice(0, 2 * length)}` as Hex;
        expect(await verifier.recover(digest, stretched)).to.equal(undefined);
      }),
    );
  });

  it("given zeros, the order, or r at the edge of the field, when recovered, it should be nobody and never the zero address", async () => {
    const one = word(1n);
    const bad: [string, string][] = [
      [word(0n), word(0n)],
      [word(0n), one],
      [one, word(0n)],
      [word(order), one],
      [word(2n ** 256n - 1n), one],
      [one, word(order / 2n + 1n)],
      [one, word(order)],
      // 5 is no x of any point on the curve.
      [word(5n), one],
    ];
    for (const [r, s] of bad) {
      for (const v of ["1b", "1c"]) {
        expect(await verifier.recover(digest, `0x${r}${s}${v}`), `${r}${s}${v}`).to.equal(undefined);
      }
    }
  });

  it("given s at half the order, when recovered, it should be somebody, for that is the last low one", async () => {
    expect(await verifier.recover(digest, `0x${word(1n)}${word(order / 2n)}1b`)).to.match(/^0x[0-9a-f]{40}$/);
  });

  it("given v other than 27 and 28, when recovered, it should be nobody", async () => {
    const signature = await privateKeyToAccount(generatePrivateKey()).sign({ hash: digest });
    for (let v = 0; v < 256; v++) {
      if (v === 27 || v === 28) continue;
      const other = `${signature.slice(0, 130)}${v.toString(16).padStart(2, "0")}` as Hex;
      expect(await verifier.recover(digest, other), `v ${v}`).to.equal(undefined);
    }
  });

  it("given any 65 bytes, when recovered, it should be an address that is not zero, or nobody, and never throw", async () => {
    await fc.assert(
      fc.asyncProperty(bytes(64), fc.constantFrom("1b", "1c"), async (random, v) => {
        const recovered = await verifier.recover(digest, `${bytesToHex(random)}${v}`);
        expect(recovered ?? "0x1").to.match(/^0x[0-9a-f]+$/);
        expect(recovered).not.to.equal(zeroAddress);
      }),
      { numRuns: 100 },
    );
  });

  it("given what is no hexadecimal or no text at all, when recovered, it should be nobody and never throw", async () => {
    const signature = await privateKeyToAccount(generatePrivateKey()).sign({ hash: digest });
    for (const bad of ["", "0x", "zz", `${signature}\n`, signature.slice(2), undefined, null, 7, {}]) {
      expect(await verifier.recover(digest, bad as Hex)).to.equal(undefined);
      expect(await verifier.recover(bad as Hex, signature)).to.equal(undefined);
    }
    expect(await verifier.recover(digest, `0x${"zz".repeat(64)}1b`)).to.equal(undefined);
  });

  it("given hexadecimal in upper case, when recovered, it should be the same signer", async () => {
    const account = privateKeyToAccount(generatePrivateKey());
    const signature = await account.sign({ hash: digest });
    const upper = (hex: Hex) => `0x${hex.slice(2).toUpperCase()}` as Hex;
    expect(await verifier.recover(upper(digest), upper(signature))).to.equal(account.address.toLowerCase());
  });
}

describe("verifier in JavaScript", () => conformance(() => selectVerifier({ order: ["js"] })));

describe("selectVerifier", () => {
  it("given an order, when the first is not there but a later one is, it should choose that and say so", () => {
    expect(selectVerifier({ order: ["native", "wasm", "js"] }).name).to.equal("js");
  });

  it("given an order of none that is there, when asked, it should throw a typed error and not fall back", () => {
    for (const order of [[], ["native"], ["native", "wasm"], ["toString"], ["constructor"]] as const) {
      expect(() => selectVerifier({ order: order as never })).to.throw(VerifierUnavailableError);
    }
  });
});
