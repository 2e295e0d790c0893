import { expect } from "chai";
import type { Hex } from "viem";
import { createPayee } from "../../../src/payee/index.ts";
import { signVoucher } from "../../../src/protocol/voucher.ts";
import { memoryStore } from "../../../src/store/memory.ts";
import { codeOf, escrow, type Fixture, fixture, newAccount } from "./fixture.ts";

describe("payee heal", () => {
  let f: Fixture;
  beforeEach(async () => {
    f = await fixture();
  });

  it("given an old store that the start refused, when the payer gives its newest voucher, the record is back and it starts", async () => {
    const { id, channel, voucher } = await f.open();
    await f.payee.accept(await voucher(40n), { charge: { amount: 10n } });
    f.chain.set(id, { settled: 60n });
    const payee = createPayee(f.settings);
    expect(await payee.start().catch(({ code }) => code)).to.equal("store-behind-chain");
    expect(codeOf(await payee.accept(await voucher(90n)))).to.equal("unavailable");

    expect(await payee.heal(channel, await voucher(90n))).to.include({ ok: true, replayed: false });
    const record = await f.store.get(id);
    expect(record).to.include({ authorized: 90n, spent: 90n, settled: 60n, signature: (await voucher(90n)).signature });
    expect(record?.charges).to.have.length(1);
    await payee.start();
    // What was sold meanwhile is not sold again.
    expect(codeOf(await payee.charge(id, { amount: 1n, idempotencyKey: "k" }))).to.equal("insufficient-balance");
    expect(codeOf(await payee.accept(await voucher(91n), { charge: { amount: 1n } }))).to.equal("ok");
  });

  it("given a lost store, when the payer gives channel and voucher, both are back, with what the chain says", async () => {
    const { id, channel, voucher } = await f.open();
    f.chain.set(id, { settled: 30n });
    const store = memoryStore();
    const payee = createPayee({ ...f.settings, store });
    expect(await payee.start().catch(({ code }) => code)).to.equal("store-empty");
    expect(codeOf(await payee.heal(channel, await voucher(80n)))).to.equal("ok");
    expect(await store.get(id)).to.include({ deposit: 1_000n, settled: 30n, authorized: 80n, spent: 80n });
    await payee.start();
  });

  it("given exactly what has settled, heals; given less, says the least that would", async () => {
    const { id, channel, voucher } = await f.open();
    f.chain.set(id, { settled: 60n });
    expect(await f.payee.heal(channel, await voucher(59n))).to.include({ code: "delta-too-small", required: 60n });
    expect((await f.store.get(id))?.authorized).to.equal(0n);
    expect(codeOf(await f.payee.heal(channel, await voucher(60n)))).to.equal("ok");
    expect(await f.store.get(id)).to.include({ authorized: 60n, spent: 60n });
  });

  it("given a record that knows as much or more, leaves it as it is", async () => {
    const { id, channel, voucher } = await f.open();
    await f.payee.accept(await voucher(100n), { charge: { amount: 10n } });
    const before = await f.store.get(id);
    expect(await f.payee.heal(channel, await voucher(100n))).to.include({ ok: true, replayed: true });
    expect(await f.payee.heal(channel, await voucher(50n))).to.include({ ok: true, replayed: true });
    expect(await f.store.get(id)).to.deep.equal(before);
  });

  it("given a channel that is closing, takes the proof all the same: it has to be settled in time", async () => {
    const { id, channel, voucher } = await f.open();
    f.chain.set(id, { closeRequestedAt: 5n });
    expect(codeOf(await f.payee.heal(channel, await voucher(70n)))).to.equal("ok");
    expect(await f.store.get(id)).to.include({ authorized: 70n, spent: 70n, closeRequestedAt: 5n });
    expect(codeOf(await f.payee.charge(id, { amount: 1n, idempotencyKey: "k" }))).to.equal("close-pending");
  });

  it("given anything that is not the signer's voucher on this very channel, changes nothing", async () => {
    const { id, channel, voucher, payer } = await f.open();
    const other = await f.open();
    const forged = await signVoucher(newAccount(), { channelId: id, cumulativeAmount: 70n }, escrow);
    const elsewhere = await signVoucher(payer, { channelId: id, cumulativeAmount: 70n }, { ...escrow, chainId: 1 });
    const good = await voucher(70n);
    const before = await f.store.list();
    const answers = [
      await f.payee.heal(channel, forged),
      await f.payee.heal(channel, elsewhere),
      await f.payee.heal(channel, await other.voucher(70n)),
      await f.payee.heal(channel, { ...good, cumulativeAmount: 71n }),
      await f.payee.heal(channel, { ...good, signature: `${good.signature}00` as Hex }),
      await f.payee.heal(channel, await voucher(1_001n)),
      await f.payee.heal({ ...channel, payee: newAccount().address }, good),
      await f.payee.heal({ ...channel, token: newAccount().address }, good),
      await f.payee.heal({ ...channel, salt: "0x12" }, good),
      await f.payee.heal(undefined as never, good),
      await f.payee.heal(channel, undefined as never),
    ];
    expect(answers.map(codeOf)).to.deep.equal([
      "signer-mismatch",
      "signer-mismatch",
      "malformed",
      "signer-mismatch",
      "malformed",
      "amount-exceeds-deposit",
      "malformed",
      "malformed",
      "malformed",
      "malformed",
      "malformed",
    ]);
    expect(await f.store.list()).to.deep.equal(before);
  });

  it("given a channel that is closed for good, or that the chain does not know, refuses", async () => {
    const { id, channel, voucher } = await f.open();
    f.chain.set(id, { finalized: true });
    expect(codeOf(await f.payee.heal(channel, await voucher(70n)))).to.equal("channel-finalized");
    const gone = await f.open();
    f.chain.forget(gone.id);
    const payee = createPayee({ ...f.settings, store: memoryStore() });
    expect(codeOf(await payee.heal(gone.channel, await gone.voucher(7n)))).to.equal("channel-not-found");
  });

  it("given the store of another payee, writes nothing to it", async () => {
    const { channel, voucher } = await f.open();
    const store = memoryStore();
    await store.meta.set("payee", "payee 0x1 of escrow 0x2 on chain 3");
    const payee = createPayee({ ...f.settings, store });
    expect(codeOf(await payee.heal(channel, await voucher(70n)))).to.equal("unavailable");
    expect(await store.list()).to.deep.equal([]);
  });

  it("given a payee that keeps evidence, wants it here too", async () => {
    const seen: string[] = [];
    const kept = await fixture({
      payee: {
        evidence: (_record, { evidence }) => {
          seen.push(evidence);
          return undefined;
        },
      },
    });
    const { id, channel, voucher } = await kept.open();
    expect(codeOf(await kept.payee.heal(channel, await voucher(9n)))).to.equal("malformed");
    expect(codeOf(await kept.payee.heal(channel, await voucher(9n), { evidence: "for the well" }))).to.equal("ok");
    expect(await kept.store.get(id)).to.include({ authorized: 9n, evidence: "for the well" });
    expect(seen).to.deep.equal(["for the well"]);
  });

  it("given a payee that was stopped, refuses", async () => {
    const { channel, voucher } = await f.open();
    await f.payee.stop();
    expect(codeOf(await f.payee.heal(channel, await voucher(9n)))).to.equal("unavailable");
  });
});
