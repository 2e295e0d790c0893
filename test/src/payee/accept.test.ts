import { expect } from "chai";
import type { Hex } from "viem";
import { signVoucher } from "../../../src/protocol/voucher.ts";
import { codeOf, escrow, type Fixture, fixture, newAccount, type VerifierKind } from "./fixture.ts";

for (const verifier of ["bytes", "threads", "text"] as const) {
  describe(`payee accept, verifying by ${verifier}`, () => acceptance(verifier));
}

function acceptance(verifier: VerifierKind) {
  let f: Fixture;
  beforeEach(async () => {
    f = await fixture({ verifier });
  });
  afterEach(() => f.verifier.close?.());

  it("given a valid voucher and a price, keeps both in one write and answers with the charge", async () => {
    const { id, voucher } = await f.open();
    let writes = 0;
    const { update } = f.store;
    f.store.update = (...parameters) => {
      writes += 1;
      return update.apply(f.store, parameters);
    };
    const answer = await f.payee.accept(await voucher(100n), { charge: { amount: 40n }, evidence: "for the well" });
    if (!answer.ok) throw new Error(answer.detail);
    expect(writes).to.equal(1);
    expect(answer.replayed).to.equal(false);
    expect(answer.charge).to.deep.equal({
      key: "100",
      cumulativeAmount: 100n,
      amount: 40n,
      spent: 40n,
      at: f.clock.now,
    });
    expect(await f.store.get(id)).to.deep.include({
      authorized: 100n,
      spent: 40n,
      signature: (await voucher(100n)).signature,
      evidence: "for the well",
    });
  });

  it("given a decreasing voucher, answers with the current state and changes nothing", async () => {
    const { id, voucher } = await f.open();
    await f.payee.accept(await voucher(100n), { charge: { amount: 100n } });
    const before = await f.store.get(id);
    const answer = await f.payee.accept(await voucher(60n), { evidence: "older" });
    expect(answer).to.deep.include({ ok: true, replayed: false });
    expect(answer).not.to.have.property("charge");
    expect(await f.store.get(id)).to.deep.equal(before);
  });

  it("given an equal voucher, hands out the same receipt and no second service", async () => {
    const { id, voucher } = await f.open();
    const first = await f.payee.accept(await voucher(100n), { charge: { amount: 30n } });
    f.clock.now += 5_000;
    const again = await f.payee.accept(await voucher(100n), { charge: { amount: 30n } });
    if (!first.ok || !again.ok) throw new Error("refused");
    expect(again.replayed).to.equal(true);
    expect(again.charge).to.deep.equal(first.charge);
    expect((await f.store.get(id))?.spent).to.equal(30n);
  });

  it("given a record at hand that another payee has overtaken, answers and charges by what is stored", async () => {
    const { id, voucher } = await f.open();
    await f.payee.accept(await voucher(100n), { charge: { amount: 30n } });
    const old = await f.store.get(id);
    await f.payee.accept(await voucher(200n), { charge: { amount: 100n } });
    const { get } = f.store;
    f.store.get = async (...parameters) => (parameters[1]?.atHand ? old : get.apply(f.store, parameters));
    const again = await f.payee.accept(await voucher(100n), { charge: { amount: 30n } });
    if (!again.ok) throw new Error(again.detail);
    expect(again.replayed).to.equal(true);
    expect([again.record.authorized, again.record.spent]).to.deep.equal([200n, 130n]);
    const over = await f.payee.accept(await voucher(150n), { charge: { amount: 71n } });
    expect(over).to.include({ ok: false, code: "insufficient-balance", required: 201n });
  });

  it("given a lower voucher under a new key that the credit covers, charges", async () => {
    const { voucher } = await f.open();
    await f.payee.accept(await voucher(100n), { charge: { amount: 30n, idempotencyKey: "a" } });
    const answer = await f.payee.accept(await voucher(60n), { charge: { amount: 70n, idempotencyKey: "b" } });
    expect(answer).to.deep.include({ ok: true, replayed: false });
    const over = await f.payee.accept(await voucher(100n), { charge: { amount: 1n, idempotencyKey: "c" } });
    expect(over).to.include({ ok: false, code: "insufficient-balance", required: 101n });
  });

  it("given a voucher that does not cover the price, keeps the voucher, charges nothing and says what would do", async () => {
    const { id, voucher } = await f.open();
    const answer = await f.payee.accept(await voucher(10n), { charge: { amount: 25n } });
    expect(answer).to.include({ ok: false, code: "insufficient-balance", required: 25n });
    expect(await f.store.get(id)).to.include({ authorized: 10n, spent: 0n });
    expect(codeOf(await f.payee.accept(await voucher(25n), { charge: { amount: 25n } }))).to.equal("ok");
  });

  it("given a kept key with a higher voucher, raises authorized and repeats the receipt", async () => {
    const { id, voucher } = await f.open();
    await f.payee.accept(await voucher(10n), { charge: { amount: 10n, idempotencyKey: "k" } });
    const answer = await f.payee.accept(await voucher(20n), { charge: { amount: 10n, idempotencyKey: "k" } });
    expect(answer).to.include({ ok: true, replayed: true });
    expect(await f.store.get(id)).to.include({ authorized: 20n, spent: 10n });
  });

  describe("signature first, always", () => {
    it("given a forged signature at amount 0, tells and grants nothing", async () => {
      const { id, voucher } = await f.open();
      await f.payee.accept(await voucher(500n));
      const forged = await signVoucher(newAccount(), { channelId: id, cumulativeAmount: 0n }, escrow);
      const answer = await f.payee.accept(forged, { charge: { amount: 1n, idempotencyKey: "free" } });
      expect(answer).to.include({ ok: false, code: "signer-mismatch" });
      expect(answer).not.to.have.property("record");
      expect((await f.store.get(id))?.spent).to.equal(0n);
    });

    it("given a stale amount under a kept key with a forged signature, hands out no receipt", async () => {
      const { id, voucher } = await f.open();
      await f.payee.accept(await voucher(100n), { charge: { amount: 10n } });
      const forged = await signVoucher(newAccount(), { channelId: id, cumulativeAmount: 100n }, escrow);
      expect(codeOf(await f.payee.accept(forged, { charge: { amount: 10n } }))).to.equal("signer-mismatch");
    });

    it("given another amount's signature, refuses", async () => {
      const { voucher } = await f.open();
      const { signature } = await voucher(1n);
      expect(codeOf(await f.payee.accept({ ...(await voucher(2n)), signature }))).to.equal("signer-mismatch");
    });

    it("given a closing, closed or overdrawn channel, a forger cannot tell", async () => {
      const closing = await f.open();
      f.chain.set(closing.id, { closeRequestedAt: 5n });
      await f.payee.register(closing.channel);
      const closed = await f.open();
      f.chain.set(closed.id, { finalized: true });
      await f.payee.register(closed.channel);
      const open = await f.open();
      for (const { id } of [closing, closed, open]) {
        const forged = await signVoucher(newAccount(), { channelId: id, cumulativeAmount: 5_000n }, escrow);
        expect(codeOf(await f.payee.accept(forged))).to.equal("signer-mismatch");
      }
    });

    it("given a signature that recovers to nobody, refuses as invalid", async () => {
      const { id } = await f.open();
      // 5 is the abscissa of no point of the curve.
      const signature = `0x${"5".padStart(64, "0")}${"1".padStart(64, "0")}1b` as Hex;
      const answer = await f.payee.accept({ channelId: id, cumulativeAmount: 1n, signature });
      expect(codeOf(answer)).to.equal("invalid-signature");
    });
  });

  it("given vouchers of another chain, contract or channel in every combination, accepts the right one alone", async () => {
    const right = await f.open();
    const other = await f.open();
    const others = { chainId: 1, address: `0x${"77".repeat(20)}` as Hex, channelId: other.id };
    for (let bits = 0; bits < 8; bits++) {
      const domain = {
        chainId: bits & 1 ? others.chainId : escrow.chainId,
        address: bits & 2 ? others.address : escrow.address,
      };
      const signedFor = bits & 4 ? others.channelId : right.id;
      const { signature } = await signVoucher(right.payer, { channelId: signedFor, cumulativeAmount: 9n }, domain);
      const answer = await f.payee.accept({ channelId: right.id, cumulativeAmount: 9n, signature });
      expect(codeOf(answer), `combination ${bits}`).to.equal(bits === 0 ? "ok" : "signer-mismatch");
    }
  });

  it("given an id in capitals, charges the one record", async () => {
    const { id, voucher } = await f.open();
    const loud = `0x${id.slice(2).toUpperCase()}` as Hex;
    await f.payee.accept({ ...(await voucher(10n)), channelId: loud }, { charge: { amount: 10n } });
    const again = await f.payee.accept(await voucher(10n), { charge: { amount: 10n } });
    expect(again).to.include({ ok: true, replayed: true });
    expect(await f.store.list()).to.have.length(1);
  });

  describe("cheap checks", () => {
    const good = `0x${"11".repeat(64)}1b` as Hex;
    const id = `0x${"ab".repeat(32)}` as Hex;
    const malformed: [string, unknown, unknown?][] = [
      ["nothing", undefined],
      ["null", null],
      ["a text", "voucher"],
      ["an empty object", {}],
      ["a short id", { channelId: "0xab", cumulativeAmount: 1n, signature: good }],
      ["an id that is no text", { channelId: 7, cumulativeAmount: 1n, signature: good }],
      ["an amount that is a number", { channelId: id, cumulativeAmount: 1, signature: good }],
      ["a negative amount", { channelId: id, cumulativeAmount: -1n, signature: good }],
      ["an amount of 129 bits", { channelId: id, cumulativeAmount: 2n ** 128n, signature: good }],
      ["no signature", { channelId: id, cumulativeAmount: 1n }],
      ["64 bytes of signature", { channelId: id, cumulativeAmount: 1n, signature: good.slice(0, -2) }],
      ["66 bytes of signature", { channelId: id, cumulativeAmount: 1n, signature: `${good}00` }],
      ["a high s", { channelId: id, cumulativeAmount: 1n, signature: `0x${"11".repeat(32)}${"ff".repeat(32)}1b` }],
      ["a v of 0", { channelId: id, cumulativeAmount: 1n, signature: `0x${"11".repeat(64)}00` }],
      ["a price of 0", { channelId: id, cumulativeAmount: 1n, signature: good }, { charge: { amount: 0n } }],
      ["a negative price", { channelId: id, cumulativeAmount: 1n, signature: good }, { charge: { amount: -1n } }],
      ["a price that is a number", { channelId: id, cumulativeAmount: 1n, signature: good }, { charge: { amount: 1 } }],
      [
        "an empty key",
        { channelId: id, cumulativeAmount: 1n, signature: good },
        { charge: { amount: 1n, idempotencyKey: "" } },
      ],
      [
        "a long key",
        { channelId: id, cumulativeAmount: 1n, signature: good },
        { charge: { amount: 1n, idempotencyKey: "k".repeat(256) } },
      ],
      [
        "a key with a line break",
        { channelId: id, cumulativeAmount: 1n, signature: good },
        { charge: { amount: 1n, idempotencyKey: "a\nb" } },
      ],
      [
        "half a character of evidence",
        { channelId: id, cumulativeAmount: 1n, signature: good },
        { evidence: "\ud800" },
      ],
      [
        "evidence beyond measure",
        { channelId: id, cumulativeAmount: 1n, signature: good },
        { evidence: "e".repeat(65_537) },
      ],
      ["options that are null", { channelId: id, cumulativeAmount: 1n, signature: good }, null],
    ];
    for (const [name, voucher, options] of malformed) {
      it(`given ${name}, refuses as malformed before store, chain and curve`, async () => {
        f.store.get = () => Promise.reject(new Error("the store was asked"));
        const reads = f.chain.reads;
        expect(codeOf(await f.payee.accept(voucher as never, options as never))).to.equal("malformed");
        expect(f.verifier.calls).to.equal(0);
        expect(f.chain.reads).to.equal(reads);
      });
    }

    it("given a channel nobody registered, recovers nothing", async () => {
      expect(codeOf(await f.payee.accept({ channelId: id, cumulativeAmount: 1n, signature: good }))).to.equal(
        "channel-not-found",
      );
      expect(f.verifier.calls).to.equal(0);
    });

    it("given more than any deposit, recovers nothing", async () => {
      const answer = await f.payee.accept({ channelId: id, cumulativeAmount: 2n ** 104n, signature: good });
      expect(codeOf(answer)).to.equal("amount-exceeds-deposit");
      expect(f.verifier.calls).to.equal(0);
    });

    it("given a hundred forged vouchers, asks the chain nothing", async () => {
      const { id: known } = await f.open();
      const reads = f.chain.reads;
      f.clock.now += 60_000;
      const forged = await signVoucher(newAccount(), { channelId: known, cumulativeAmount: 5n }, escrow);
      await Promise.all(Array.from({ length: 100 }, () => f.payee.accept(forged)));
      expect(f.chain.reads).to.equal(reads);
    });
  });

  describe("terms", () => {
    it("given a rise below the least delta, refuses and says the least amount", async () => {
      f = await fixture({ verifier, terms: { minVoucherDelta: 10n } });
      const { id, voucher } = await f.open();
      expect(codeOf(await f.payee.accept(await voucher(10n)))).to.equal("ok");
      expect(await f.payee.accept(await voucher(19n))).to.include({ code: "delta-too-small", required: 20n });
      expect(await f.store.get(id)).to.include({ authorized: 10n });
      expect(codeOf(await f.payee.accept(await voucher(20n)))).to.equal("ok");
    });

    it("given more unsettled than it will hold, refuses until the chain shows a settlement", async () => {
      f = await fixture({ verifier, terms: { maxUnsettledPerChannel: 50n } });
      const { id, voucher } = await f.open();
      expect(codeOf(await f.payee.accept(await voucher(50n), { charge: { amount: 50n } }))).to.equal("ok");
      expect(codeOf(await f.payee.accept(await voucher(51n), { charge: { amount: 1n } }))).to.equal("exposure-limit");
      expect(await f.store.get(id)).to.include({ authorized: 50n, spent: 50n });
      f.chain.set(id, { settled: 50n });
      expect(codeOf(await f.payee.accept(await voucher(51n), { charge: { amount: 1n } }))).to.equal("ok");
    });
  });

  it("never puts a signature into a refusal or a fault", async () => {
    const { id, voucher } = await f.open(10n);
    const signed = await voucher(11n);
    const answers: unknown[] = [await f.payee.accept(signed)];
    answers.push(await f.payee.accept({ ...signed, cumulativeAmount: 3n }));
    answers.push(await f.payee.accept({ ...signed, signature: `${signed.signature}00` }));
    answers.push(await f.payee.requestClose(id, signed.signature));
    f.store.update = () => Promise.reject(new Error("disk full"));
    answers.push(await f.payee.accept(await voucher(5n)));
    expect(answers.map((answer) => codeOf(answer as never))).not.to.include("ok");
    const text = JSON.stringify([answers, f.faults.map(String)], (_, value) =>
      typeof value === "bigint" ? `${value}` : value,
    );
    for (const amount of [11n, 5n]) {
      expect(text.toLowerCase()).not.to.contain((await voucher(amount)).signature.slice(2, 66).toLowerCase());
    }
  });

  it("given the signer's key from before, another key and then the signer again, takes the signer's alone", async () => {
    const { id, voucher } = await f.open();
    const stranger = newAccount();
    for (const amount of [1n, 2n, 3n]) {
      const forged = await signVoucher(stranger, { channelId: id, cumulativeAmount: amount }, escrow);
      expect(codeOf(await f.payee.accept(forged))).to.equal("signer-mismatch");
      expect(codeOf(await f.payee.accept(await voucher(amount)))).to.equal("ok");
    }
  });

  it("given the signer's own voucher with its v flipped, refuses what the escrow would refuse", async () => {
    const { voucher } = await f.open();
    expect(codeOf(await f.payee.accept(await voucher(1n)))).to.equal("ok");
    const { signature, ...rest } = await voucher(2n);
    const flipped = `${signature.slice(0, 130)}${signature.endsWith("1b") ? "1c" : "1b"}` as Hex;
    const code = codeOf(await f.payee.accept({ ...rest, signature: flipped }));
    expect(["signer-mismatch", "invalid-signature"]).to.include(code);
  });

  it("given vouchers of many channels at once, keeps each to its own channel and signer", async () => {
    const channels = await Promise.all(Array.from({ length: 8 }, () => f.open()));
    const asked = await Promise.all(
      channels.flatMap(({ voucher }, index) => [1n, 2n, 3n].map((amount) => voucher(amount * BigInt(index + 1)))),
    );
    const answers = await Promise.all(asked.map((signed) => f.payee.accept(signed)));
    expect(answers.map(codeOf)).to.deep.equal(asked.map(() => "ok"));
    for (const [index, { id }] of channels.entries())
      expect((await f.store.get(id))?.authorized).to.equal(3n * BigInt(index + 1));
  });
}
