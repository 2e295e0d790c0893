import { expect } from "chai";
import { keptCharges } from "../../../src/payee/index.ts";
import type { ChannelStore } from "../../../src/store/store.ts";
import { seed } from "../../support/seed.ts";
import { codeOf, type Fixture, fixture, stores } from "./fixture.ts";
import { generator } from "./random.ts";

describe("payee charge", () => {
  for (const { name, make } of stores) {
    describe(`on the ${name} store`, () => {
      let f: Fixture;
      let drop: () => Promise<void>;
      beforeEach(async () => {
        const made = make();
        drop = made.drop;
        f = await fixture({ store: made.store });
      });
      afterEach(() => drop());

      it("given fifty concurrent copies of one voucher, charges exactly once", async () => {
        const { id, voucher } = await f.open();
        const signed = await voucher(1_000n);
        const answers = await Promise.all(
          Array.from({ length: 50 }, () => f.payee.accept(signed, { charge: { amount: 10n } })),
        );
        expect(answers.filter((answer) => answer.ok && !answer.replayed)).to.have.length(1);
        expect(answers.filter((answer) => answer.ok && answer.replayed)).to.have.length(49);
        expect(new Set(answers.map((answer) => answer.ok && answer.charge?.spent))).to.deep.equal(new Set([10n]));
        expect(await f.store.get(id)).to.include({ authorized: 1_000n, spent: 10n });
      });

      it("given a hundred requests in flight, shuffled and with repeats, serves each once", async () => {
        const { id, voucher } = await f.open(100_000n);
        const random = generator(seed);
        const wanted = Array.from({ length: 100 }, (_, index) => BigInt(index + 1) * 7n);
        const sent = random.shuffle([...wanted, ...wanted.filter(() => random.integer(3) === 0)]);
        const served = new Map<string, number>();
        // A request whose voucher arrives before those below it finds credit; one that comes late lives on what others left.
        const ask = async (amount: bigint) => {
          const answer = await f.payee.accept(await voucher(amount), { charge: { amount: 7n } });
          if (!answer.ok) throw new Error(answer.detail);
          if (!answer.replayed) served.set(amount.toString(), (served.get(amount.toString()) ?? 0) + 1);
        };
        await f.payee.accept(await voucher(700n));
        await Promise.all(sent.map(ask));
        expect([...served.values()], `seed ${random.seed}`).to.deep.equal(wanted.map(() => 1));
        expect(await f.store.get(id), `seed ${random.seed}`).to.include({ authorized: 700n, spent: 700n });
      });

      it("given two prices that together exceed the credit, at once, charges one", async () => {
        const { id, voucher } = await f.open();
        await f.payee.accept(await voucher(10n));
        const answers = await Promise.all(
          ["a", "b"].map((idempotencyKey) => f.payee.charge(id, { amount: 6n, idempotencyKey })),
        );
        expect(answers.map(codeOf).toSorted()).to.deep.equal(["insufficient-balance", "ok"]);
        expect((await f.store.get(id))?.spent).to.equal(6n);
      });
    });
  }

  let f: Fixture;
  beforeEach(async () => {
    f = await fixture();
  });

  it("given a key of before, hands out the receipt", async () => {
    const { id, voucher } = await f.open();
    await f.payee.accept(await voucher(10n));
    const first = await f.payee.charge(id, { amount: 6n, idempotencyKey: "a" });
    const again = await f.payee.charge(id, { amount: 6n, idempotencyKey: "a" });
    expect(first).to.deep.include({ ok: true, replayed: false });
    expect(again).to.deep.include({ ok: true, replayed: true, charge: first.ok && first.charge });
  });

  it("given an unknown channel or a malformed request, refuses", async () => {
    const id = `0x${"00".repeat(32)}` as const;
    expect(codeOf(await f.payee.charge(id, { amount: 1n, idempotencyKey: "a" }))).to.equal("channel-not-found");
    for (const request of [null, undefined, {}, { amount: 1n }, { amount: 0n, idempotencyKey: "a" }]) {
      expect(codeOf(await f.payee.charge(id, request as never))).to.equal("malformed");
    }
    expect(codeOf(await f.payee.charge("0x12", { amount: 1n, idempotencyKey: "a" }))).to.equal("malformed");
  });

  describe(`given ${keptCharges} charges are kept`, () => {
    it("a cumulative amount not above the lowest kept is refused unless its key is kept", async () => {
      const { id, voucher } = await f.open(10_000n);
      await fill(f.store, id, keptCharges, (index) => BigInt(index + 10));
      const record = await f.store.get(id);
      expect(record?.charges).to.have.length(keptCharges);

      const price = { amount: 1n };
      const low = await f.payee.accept(await voucher(9n), { charge: { ...price, idempotencyKey: "new" } });
      expect(codeOf(low)).to.equal("charge-forgotten");
      const lowest = await f.payee.accept(await voucher(10n), { charge: { ...price, idempotencyKey: "new" } });
      expect(codeOf(lowest)).to.equal("charge-forgotten");
      const kept = await f.payee.accept(await voucher(10n), { charge: price });
      expect(kept).to.include({ ok: true, replayed: true });
      const above = await f.payee.accept(await voucher(11n), { charge: { ...price, idempotencyKey: "new" } });
      expect(above).to.include({ ok: true, replayed: false });
      expect((await f.store.get(id))?.charges).to.have.length(keptCharges);
    });

    it("a charge that was dropped is never made again, in whatever order the charges came", async () => {
      const { id, voucher } = await f.open(10_000n);
      // The highest first: dropping the oldest would forget it while lower ones are kept.
      await fill(f.store, id, keptCharges, (index) => (index === 0 ? 5_000n : BigInt(index)));
      await f.payee.accept(await voucher(6_000n), { charge: { amount: 1n } });
      const { spent } = (await f.store.get(id)) ?? { spent: -1n };
      const again = await f.payee.accept(await voucher(5_000n), { charge: { amount: 1n } });
      expect(again).to.include({ ok: true, replayed: true });
      expect(codeOf(await f.payee.accept(await voucher(1n), { charge: { amount: 1n } }))).to.equal("charge-forgotten");
      expect((await f.store.get(id))?.spent).to.equal(spent);
    });

    it("metered charges on one voucher go on", async () => {
      const { id, voucher } = await f.open(10_000n);
      await f.payee.accept(await voucher(1_000n));
      for (let chunk = 0; chunk < keptCharges + 20; chunk++) {
        const answer = await f.payee.charge(id, { amount: 1n, idempotencyKey: `chunk ${chunk}` });
        expect(codeOf(answer)).to.equal("ok");
      }
      const record = await f.store.get(id);
      expect(record?.spent).to.equal(BigInt(keptCharges + 20));
      expect(record?.charges.at(0)?.key).to.equal("chunk 20");
    });
  });

  describe("acceptMany", () => {
    it("verifies the newest of each channel alone, and answers in the order asked", async () => {
      const [a, b] = [await f.open(), await f.open()];
      const burst = await Promise.all([a.voucher(1n), b.voucher(5n), a.voucher(3n), a.voucher(2n), b.voucher(4n)]);
      f.verifier.calls = 0;
      const answers = await f.payee.acceptMany(burst);
      expect(f.verifier.calls).to.equal(2);
      const channels = [a.id, b.id, a.id, a.id, b.id];
      expect(answers.map((answer) => answer.ok && answer.record.id)).to.deep.equal(channels);
      expect((await f.store.get(a.id))?.authorized).to.equal(3n);
      expect((await f.store.get(b.id))?.authorized).to.equal(5n);
    });

    it("given a newest that is refused, takes the next", async () => {
      const { id, voucher } = await f.open(10n);
      const forged = { ...(await voucher(9n)), cumulativeAmount: 10n };
      const burst = [await voucher(8n), await voucher(11n), forged, { channelId: id } as never, undefined as never];
      const answers = await f.payee.acceptMany(burst);
      const codes = ["ok", "amount-exceeds-deposit", "signer-mismatch", "malformed", "malformed"];
      expect(answers.map(codeOf)).to.deep.equal(codes);
      expect((await f.store.get(id))?.authorized).to.equal(8n);
    });

    it("given no list, answers with none", async () => {
      expect(await f.payee.acceptMany(undefined as never)).to.deep.equal([]);
    });
  });

  it("given a stop, lets what is in flight end and takes nothing more", async () => {
    const { voucher } = await f.open();
    const [first, second] = [await voucher(1n), await voucher(2n)];
    const running = f.payee.accept(first, { charge: { amount: 1n } });
    let ended = false;
    const ending = running.then(() => {
      ended = true;
    });
    await f.payee.stop();
    expect(ended).to.equal(true);
    await ending;
    expect(codeOf(await running)).to.equal("ok");
    expect(codeOf(await f.payee.accept(second))).to.equal("unavailable");
    expect((await f.payee.acceptMany([second, second])).map(codeOf)).to.deep.equal(["unavailable", "unavailable"]);
  });
});

/** A record with that many charges of 1, made in the order of `amountOf`. */
async function fill(store: ChannelStore, id: `0x${string}`, count: number, amountOf: (index: number) => bigint) {
  const amounts = Array.from({ length: count }, (_, index) => amountOf(index));
  const highest = amounts.reduce((a, b) => (a > b ? a : b));
  await store.update(
    id,
    (record) =>
      record && {
        ...record,
        authorized: highest,
        spent: BigInt(count),
        signature: `0x${"11".repeat(64)}1b`,
        charges: amounts.map((cumulativeAmount, index) => ({
          key: cumulativeAmount.toString(),
          cumulativeAmount,
          amount: 1n,
          spent: BigInt(index + 1),
          at: 0,
        })),
      },
  );
}
