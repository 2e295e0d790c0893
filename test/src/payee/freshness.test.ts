import { expect } from "chai";
import { codeOf, type Fixture, fixture } from "./fixture.ts";

describe("payee's view of the chain", () => {
  let f: Fixture;
  beforeEach(async () => {
    f = await fixture({ terms: { freshness: 1_000 } });
  });

  it("given a reading younger than the terms ask, sells without asking again", async () => {
    const { voucher } = await f.open();
    const { reads } = f.chain;
    f.clock.now += 999;
    expect(codeOf(await f.payee.accept(await voucher(1n), { charge: { amount: 1n } }))).to.equal("ok");
    expect(f.chain.reads).to.equal(reads);
    f.clock.now += 1;
    expect(codeOf(await f.payee.accept(await voucher(2n), { charge: { amount: 1n } }))).to.equal("ok");
    expect(f.chain.reads).to.equal(reads + 1);
  });

  it("given a close requested since, refuses the voucher and keeps what the chain said", async () => {
    const { id, voucher } = await f.open();
    f.chain.set(id, { closeRequestedAt: 77n });
    f.clock.now += 1_000;
    expect(codeOf(await f.payee.accept(await voucher(1n), { charge: { amount: 1n } }))).to.equal("close-pending");
    expect(await f.store.get(id)).to.include({ closeRequestedAt: 77n, authorized: 0n, spent: 0n });
  });

  it("given a close that another process saw, refuses at once", async () => {
    const { id, voucher } = await f.open();
    await f.store.update(id, (record) => record && { ...record, closeRequestedAt: 77n });
    expect(codeOf(await f.payee.accept(await voucher(1n)))).to.equal("close-pending");
    expect(codeOf(await f.payee.charge(id, { amount: 1n, idempotencyKey: "k" }))).to.equal("close-pending");
  });

  it("given a close that a top-up cancelled, sells again", async () => {
    const { id, channel, voucher } = await f.open();
    f.chain.set(id, { closeRequestedAt: 77n });
    expect(codeOf(await f.payee.register(channel))).to.equal("close-pending");
    f.chain.set(id, { closeRequestedAt: 0n, deposit: 2_000n });
    expect(codeOf(await f.payee.refresh(id))).to.equal("ok");
    expect(codeOf(await f.payee.accept(await voucher(1n)))).to.equal("ok");
  });

  it("given a finalized channel, refuses for good", async () => {
    const { id, voucher } = await f.open();
    f.chain.set(id, { finalized: true });
    f.clock.now += 1_000;
    expect(codeOf(await f.payee.accept(await voucher(1n)))).to.equal("channel-finalized");
    expect((await f.store.get(id))?.finalized).to.equal(true);
  });

  it("given a voucher above the known deposit, asks the chain once and takes a topped-up channel", async () => {
    const { id, voucher } = await f.open(100n);
    f.chain.set(id, { deposit: 150n });
    const { reads } = f.chain;
    expect(codeOf(await f.payee.accept(await voucher(150n)))).to.equal("ok");
    expect(f.chain.reads).to.equal(reads + 1);
    expect((await f.store.get(id))?.deposit).to.equal(150n);
  });

  it("given a voucher above the deposit on the chain, refuses and keeps nothing of it", async () => {
    const { id, voucher } = await f.open(100n);
    expect(codeOf(await f.payee.accept(await voucher(101n), { charge: { amount: 1n } }))).to.equal(
      "amount-exceeds-deposit",
    );
    expect(await f.store.get(id)).to.include({ authorized: 0n, spent: 0n });
  });

  it("given a lagging endpoint, believes the newer block", async () => {
    const { id, voucher } = await f.open(100n);
    await f.store.update(
      id,
      (record) => record && { ...record, closeRequestedAt: 5n, block: { ...record.block, number: 900n } },
    );
    f.clock.now += 1_000;
    expect(codeOf(await f.payee.accept(await voucher(1n)))).to.equal("close-pending");
    expect((await f.store.get(id))?.block.number).to.equal(900n);
  });

  for (const skew of [-600_000, 600_000]) {
    it(`given a clock set ${skew > 0 ? "forward" : "back"} by ten minutes, reads the chain again and sells on`, async () => {
      const { id, voucher } = await f.open();
      f.clock.now += skew;
      f.chain.set(id, { closeRequestedAt: 5n });
      expect(codeOf(await f.payee.accept(await voucher(1n)))).to.equal("close-pending");
      f.chain.set(id, { closeRequestedAt: 0n });
      f.clock.now += skew;
      expect(codeOf(await f.payee.accept(await voucher(1n), { charge: { amount: 1n } }))).to.equal("ok");
    });
  }

  it("given an unreachable chain, charges nothing; then the same key is charged once", async () => {
    const { id, voucher } = await f.open();
    f.clock.now += 1_000;
    f.chain.isDown = true;
    expect(codeOf(await f.payee.accept(await voucher(5n), { charge: { amount: 5n } }))).to.equal("unavailable");
    expect(codeOf(await f.payee.charge(id, { amount: 5n, idempotencyKey: "k" }))).to.equal("unavailable");
    expect(codeOf(await f.payee.refresh(id))).to.equal("unavailable");
    expect(await f.store.get(id)).to.include({ authorized: 0n, spent: 0n });
    expect(f.faults).to.have.length(3);
    f.chain.isDown = false;
    expect(await f.payee.accept(await voucher(5n), { charge: { amount: 5n } })).to.include({
      ok: true,
      replayed: false,
    });
  });

  it("given an unreachable chain and a kept key, still hands out the receipt", async () => {
    const { voucher } = await f.open();
    await f.payee.accept(await voucher(5n), { charge: { amount: 5n } });
    f.clock.now += 1_000;
    f.chain.isDown = true;
    const again = await f.payee.accept(await voucher(5n), { charge: { amount: 5n } });
    expect(again).to.include({ ok: true, replayed: true });
  });

  it("given a store that fails at any step, charges nothing, and a retry is charged once", async () => {
    const { id, voucher } = await f.open();
    const { get, update } = f.store;
    f.store.get = () => Promise.reject(new Error("locked"));
    expect(codeOf(await f.payee.accept(await voucher(5n), { charge: { amount: 5n } }))).to.equal("unavailable");
    f.store.get = get;
    f.store.update = () => Promise.reject(new Error("locked"));
    expect(codeOf(await f.payee.accept(await voucher(5n), { charge: { amount: 5n } }))).to.equal("unavailable");
    // The worst case: written, and the answer lost.
    f.store.update = (...parameters) => update.apply(f.store, parameters).then(() => Promise.reject(new Error("gone")));
    expect(codeOf(await f.payee.accept(await voucher(5n), { charge: { amount: 5n } }))).to.equal("unavailable");
    f.store.update = update;
    expect(await f.payee.accept(await voucher(5n), { charge: { amount: 5n } })).to.include({
      ok: true,
      replayed: true,
    });
    expect((await f.store.get(id))?.spent).to.equal(5n);
  });

  it("given a burst on many stale channels, asks the chain at most twice", async () => {
    const channels = await Promise.all(Array.from({ length: 20 }, () => f.open()));
    const vouchers = await Promise.all(channels.flatMap(({ voucher }) => [voucher(1n), voucher(2n), voucher(3n)]));
    f.clock.now += 1_000;
    const { reads } = f.chain;
    let release = () => {};
    f.chain.gate = new Promise<void>((resolve) => {
      release = resolve;
    });
    const answers: ReturnType<typeof f.payee.accept>[] = [];
    for (const voucher of vouchers) {
      answers.push(f.payee.accept(voucher, { charge: { amount: 1n } }));
      // In waves: the first reading is under way while the rest arrive.
      await new Promise(setImmediate);
    }
    while (f.verifier.calls < vouchers.length) await new Promise(setImmediate);
    release();
    expect((await Promise.all(answers)).map(codeOf)).to.deep.equal(vouchers.map(() => "ok"));
    expect(f.chain.reads - reads).to.be.within(1, 2);
  });
});
