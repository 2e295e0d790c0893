import "../../support/seed.ts";
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { expect } from "chai";
import fc from "fast-check";
import { bytesToHex, type Hex, keccak256, numberToHex, recoverAddress, zeroAddress } from "viem";
import { generatePrivateKey, privateKeyToAccount } from "viem/accounts";
import { hexToBytes } from "../../../src/protocol/bytes.ts";
import { selectVerifier, type Verifier, VerifierUnavailableError } from "../../../src/verifier/index.ts";
import { nativeSigner, nativeVerifier } from "../../../src/verifier/native.ts";
import { wasmVerifier } from "../../../src/verifier/wasm.ts";

const order = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;
const digest = keccak256("0x1234");
const word = (value: bigint) => numberToHex(value, { size: 32 }).slice(2);
const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });

/** What every implementation must do, whatever it is made of. */
function conformance(make: () => Promise<Verifier>) {
  let verifier: Verifier;
  before(async () => {
    verifier = await make();
  });
  after(() => verifier.close?.());

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

const implementations: readonly { title: string; make: () => Promise<Verifier> }[] = [
  { title: "JavaScript", make: async () => selectVerifier({ order: ["js"] }) },
  { title: "WASM", make: async () => selectVerifier({ order: ["wasm"], offers: [await wasmVerifier()] }) },
  { title: "native code", make: async () => selectVerifier({ order: ["native"], offers: [await nativeVerifier()] }) },
  {
    title: "native code on two threads",
    make: async () => selectVerifier({ order: ["native"], offers: [await nativeVerifier({ workers: 2 })] }),
  },
];

for (const { title, make } of implementations) describe(`verifier in ${title}`, () => conformance(make));

describe("verifiers", () => {
  let verifiers: Verifier[];
  before(async () => {
    verifiers = await Promise.all(implementations.map(({ make }) => make()));
  });
  after(() => Promise.all(verifiers.map((verifier) => verifier.close?.())));

  it("given any digest and a signature that was hurt in any way, when recovered, they should agree bit for bit", async () => {
    const outcomes = new Set<boolean>();
    await fc.assert(
      fc.asyncProperty(bytes(32), hurt, async (random, change) => {
        const hash = bytesToHex(random);
        const signature = change(await privateKeyToAccount(generatePrivateKey()).sign({ hash }));
        const [first, ...others] = await Promise.all(verifiers.map(({ recover }) => recover(hash, signature)));
        outcomes.add(first === undefined);
        expect(others).to.deep.equal([first, first, first]);
        const rsv = hexToBytes(signature);
        const keys = await Promise.all(verifiers.map(({ curve }) => rsv && curve?.recoverKey(random, rsv)));
        for (const key of keys) expect(key && bytesToHex(key)).to.equal(keys[0] && bytesToHex(keys[0]));
      }),
      { numRuns: 150 },
    );
    expect(outcomes, "some recovered and some did not").to.deep.equal(new Set([true, false]));
  });

  it("given a signature whose v alone was flipped, when recovered, each should name someone else than the signer", async () => {
    const account = privateKeyToAccount(generatePrivateKey());
    const signature = await account.sign({ hash: digest });
    const flipped = `${signature.slice(0, 130)}${signature.endsWith("1b") ? "1c" : "1b"}` as Hex;
    for (const verifier of verifiers) {
      expect(await verifier.recover(digest, signature)).to.equal(account.address.toLowerCase());
      expect(await verifier.recover(digest, flipped)).not.to.equal(account.address.toLowerCase());
    }
  });

  it("given the same bytes, when hashed, they should agree with viem", async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 300 }), async (input) => {
        for (const { curve } of verifiers) {
          expect(bytesToHex(curve?.keccak256(input) ?? new Uint8Array())).to.equal(keccak256(input));
        }
      }),
    );
  });
});

/** What a hostile payer makes of a good signature: byte by byte, part by part. */
const hurt: fc.Arbitrary<(signature: Hex) => Hex> = fc.oneof(
  fc.constant((signature: Hex) => signature),
  fc.tuple(fc.integer({ min: 0, max: 64 }), fc.integer({ min: 1, max: 255 })).map(([at, mask]) => (signature: Hex) => {
    const hurtBytes = hexToBytes(signature) as Uint8Array;
    hurtBytes[at] = (hurtBytes[at] as number) ^ mask;
    return bytesToHex(hurtBytes);
  }),
  fc
    .constantFrom("00", "01", "1a", "1b", "1c", "1d", "ff")
    .map((v) => (signature: Hex) => `${signature.slice(0, 130)}${v}` as Hex),
  fc
    .constantFrom(0n, 1n, 5n, order - 1n, order, order + 1n, 2n ** 256n - 1n)
    .map((r) => (signature: Hex) => `0x${word(r)}${signature.slice(66)}` as Hex),
  fc
    .constantFrom(0n, 1n, order / 2n, order / 2n + 1n, order - 1n, order, 2n ** 256n - 1n)
    .map((s) => (signature: Hex) => `${signature.slice(0, 66)}${word(s)}${signature.slice(130)}` as Hex),
  fc.constant((signature: Hex) => {
    const s = word(order - BigInt(`0x${signature.slice(66, 130)}`));
    return `${signature.slice(0, 66)}${s}${signature.endsWith("1b") ? "1c" : "1b"}` as Hex;
  }),
  fc.integer({ min: 0, max: 64 }).map((length) => (signature: Hex) => signature.slice(0, 2 + 2 * length) as Hex),
);

describe("selectVerifier", () => {
  it("given an order, when the first is there, it should choose that and have skipped none", async () => {
    const offers = [await wasmVerifier(), await nativeVerifier()];
    expect(selectVerifier({ order: ["native", "wasm", "js"], offers })).to.deep.include({
      name: "native",
      skipped: [],
    });
    expect(selectVerifier({ order: ["wasm", "native"], offers }).name).to.equal("wasm");
  });

  it("given an order, when only a later one is there, it should choose that and say why not the others", () => {
    const offers = [{ name: "native", missing: "no binding for this system" }] as const;
    const { name, skipped } = selectVerifier({ order: ["native", "wasm", "js"], offers });
    expect(name).to.equal("js");
    expect(skipped).to.deep.equal([
      { name: "native", reason: "no binding for this system" },
      { name: "wasm", reason: "it was not offered: pass `await wasmVerifier()` of farthing/verifier/wasm" },
    ]);
  });

  it("given an offer that was not asked for, it should not use it", async () => {
    const offers = [await nativeVerifier()];
    expect(selectVerifier({ order: ["js"], offers }).name).to.equal("js");
    expect(() => selectVerifier({ order: ["wasm"], offers })).to.throw(VerifierUnavailableError);
  });

  it("given an order of none that is there, when asked, it should throw a typed error with the reasons and not fall back", () => {
    for (const order of [[], ["native"], ["native", "wasm"], ["toString"], ["constructor"]] as const) {
      expect(() => selectVerifier({ order: order as never })).to.throw(VerifierUnavailableError);
    }
    const offers = [{ name: "native", missing: "no binding for this system" }] as const;
    expect(() => selectVerifier({ order: ["native"], offers })).to.throw(/native: no binding for this system/);
  });

  it("given a system without the packages, when the native and WASM verifiers are asked for, they should say so", async function () {
    this.timeout(30_000);
    const source = new URL("../../../src/verifier/", import.meta.url);
    const script = `
      import { registerHooks } from "node:module";
      registerHooks({ resolve(specifier, context, next) {
        if (/^tiny-secp256k1$|bindings(.js)?$/.test(specifier)) throw new Error("no binding for this system");
        return next(specifier, context);
      } });
      const { nativeVerifier, nativeSigner } = await import("${source}native.ts");
      const { wasmVerifier } = await import("${source}wasm.ts");
      const signing = await nativeSigner("0x${"11".repeat(32)}").catch(({ code }) => code);
      console.log(JSON.stringify([await nativeVerifier(), await nativeVerifier({ workers: 1 }), await wasmVerifier(), signing]));
    `;
    const { stdout } = await promisify(execFile)(process.execPath, ["--input-type=module", "-e", script]);
    const native = {
      name: "native",
      missing: "the package secp256k1 is not installed or has no binding for this system (no binding for this system)",
    };
    const wasm = {
      name: "wasm",
      missing: "the package tiny-secp256k1 is not installed or does not run here (no binding for this system)",
    };
    expect(JSON.parse(stdout)).to.deep.equal([native, native, wasm, "verifier-unavailable"]);
  });
});

describe("verifier threads", () => {
  it("given more signatures at once than one message holds, when recovered, each should get its own answer", async () => {
    const { verifier } = await nativeVerifier({ workers: 2 });
    const alone = (await nativeVerifier()).verifier;
    try {
      const account = privateKeyToAccount(generatePrivateKey());
      const hashes = Array.from({ length: 300 }, (_, index) => numberToHex(index + 1, { size: 32 }));
      const signature = await account.sign({ hash: hashes[7] as Hex });
      const answers = await Promise.all(hashes.map((hash) => verifier?.recover(hash, signature)));
      expect(answers[7]).to.equal(account.address.toLowerCase());
      expect(answers).to.deep.equal(await Promise.all(hashes.map((hash) => alone?.recover(hash, signature))));
      expect(new Set(answers).size).to.equal(300);
    } finally {
      await verifier?.close?.();
    }
  });

  it("given a close, when asked again, it should reject and leave nothing waiting", async () => {
    const { verifier } = await nativeVerifier({ workers: 1 });
    const signature = await privateKeyToAccount(generatePrivateKey()).sign({ hash: digest });
    const running = verifier?.recover(digest, signature).catch(({ code }) => code);
    await verifier?.close?.();
    expect(await running).to.equal("verifier-thread");
    expect(await verifier?.recover(digest, signature).catch(({ code }) => code)).to.equal("verifier-thread");
  });

  it("given threads that wait, when the program has nothing else to do, it should end by itself", async function () {
    this.timeout(30_000);
    const native = new URL("../../../src/verifier/native.ts", import.meta.url);
    const script = `
      const { nativeVerifier } = await import("${native}");
      const { verifier } = await nativeVerifier({ workers: 2 });
      console.log(await verifier.recover("0x${"11".repeat(32)}", "0x${"22".repeat(64)}1b"));
    `;
    const run = promisify(execFile)(process.execPath, ["--input-type=module", "-e", script], { timeout: 20_000 });
    expect((await run).stdout).to.match(/^0x[0-9a-f]{40}\n$/);
  });
});

describe("nativeSigner", () => {
  it("given any key and digest, when it signs, it should make viem's very bytes and have viem's address", async () => {
    await fc.assert(
      fc.asyncProperty(bytes(32), async (random) => {
        const secret = generatePrivateKey();
        const [signer, account] = [await nativeSigner(secret), privateKeyToAccount(secret)];
        const hash = bytesToHex(random);
        expect(signer.address).to.equal(account.address.toLowerCase());
        expect(await signer.sign({ hash })).to.equal(await account.sign({ hash }));
      }),
      { numRuns: 25 },
    );
  });

  it("given typed data, when it signs, it should be what viem signs", async () => {
    const secret = generatePrivateKey();
    const typedData = {
      domain: { name: "A", chainId: 1 },
      types: { Voucher: [{ name: "amount", type: "uint128" }] },
      primaryType: "Voucher",
      message: { amount: 5n },
    } as const;
    const signer = await nativeSigner(secret);
    expect(await signer.signTypedData(typedData)).to.equal(await privateKeyToAccount(secret).signTypedData(typedData));
  });

  it("given what is no private key, when made, it should refuse without repeating it", async () => {
    for (const secret of ["0x12", `0x${"zz".repeat(32)}`] as const) {
      const error = await nativeSigner(secret).catch((refused: Error) => refused);
      expect(error).to.be.instanceOf(TypeError);
      expect((error as Error).message).not.to.contain(secret);
    }
    const zero = await nativeSigner(`0x${"00".repeat(32)}`).catch((refused: Error) => refused);
    expect(zero).to.be.instanceOf(Error);
  });
});
