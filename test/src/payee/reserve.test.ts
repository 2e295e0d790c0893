import { expect } from "chai";
import { createPayee, type Hold, type Refusal, type Reserved } from "../../../src/payee/index.ts";
import { codeOf, type Fixture, fixture, stores } from "./fixture.ts";

for (const { name, make } of stores) {
  describe(`payee reserve on the ${name} store`, () => {
    let f: Fixture;
    let drop: () => Promise<void>;
    beforeEach(async () => {
      const made = make();
      drop = made.drop;
      f = await fixture({ store: made.store, terms: { reservationTime: 1_000 } });
    });
    afterEach(() => drop());

    const key = (idempotencyKey: string) => ({ idempotencyKey });
    /** A channel with that much credit. */
    async function credited(amount: bigint) {
      const channel = await f.open(100_000n);
      await f.payee.accept(await channel.voucher(amount));
      return channel.id;
    }
    const spentOn = async (id: `0x${string}`) => (await f.store.get(id))?.spent;

    it("given a request whose price is not known, holds the most and charges what it came to, and the rest is free", async () => {
      const id = await credited(100n);
      const hold = heldBy(await f.payee.reserve(id, 60n, key("a")));
      expect(hold).to.include({ key: "a", amount: 60n, expiresAt: f.clock.now + 1_000 });
      expect(await f.payee.charge(id, { amount: 41n, ...key("b") })).to.include({
        code: "insufficient-balance",
        required: 101n,
      });
      expect(await f.payee.charge(id, { amount: "all", ...key("rest") })).to.deep.include({ replayed: false });
      expect(await spentOn(id)).to.equal(40n);
      const charged = await hold.commit(25n);
      expect(charged).to.deep.include({ ok: true, replayed: false });
      expect(charged.ok && charged.charge).to.include({ key: "a", amount: 25n, spent: 65n });
      expect(codeOf(await f.payee.charge(id, { amount: 35n, ...key("b") }))).to.equal("ok");
      const record = await f.store.get(id);
      expect(record?.spent).to.equal(100n);
      expect(record).not.to.have.property("reservations");
    });

    it("given a release, frees all of it and charges nothing; a commit after it is refused", async () => {
      const id = await credited(100n);
      const hold = heldBy(await f.payee.reserve(id, 100n, key("a")));
      expect(codeOf(await f.payee.reserve(id, 1n, key("b")))).to.equal("insufficient-balance");
      expect(codeOf(await hold.release())).to.equal("ok");
      expect(codeOf(await hold.release())).to.equal("ok");
      expect(codeOf(await hold.commit(5n))).to.equal("malformed");
      expect(codeOf(await f.payee.charge(id, { amount: 100n, ...key("b") }))).to.equal("ok");
      expect(await spentOn(id)).to.equal(100n);
    });

    it("given a restart, still holds, and gives the hold back to who asks again with its key", async () => {
      const id = await credited(100n);
      await f.payee.reserve(id, 70n, key("a"));
      const payee = createPayee(f.settings);
      await payee.start();
      expect(codeOf(await payee.charge(id, { amount: 31n, ...key("b") }))).to.equal("insufficient-balance");
      const again = await payee.reserve(id, 999n, key("a"));
      expect(again).to.include({ ok: true, replayed: true });
      const hold = heldBy(again);
      expect(hold.amount).to.equal(70n);
      expect(codeOf(await hold.commit(70n))).to.equal("ok");
      expect(await spentOn(id)).to.equal(70n);
    });

    it("given its time is over, holds nothing, to the millisecond", async () => {
      const id = await credited(100n);
      await f.payee.reserve(id, 70n, key("a"));
      f.clock.now += 999;
      expect(codeOf(await f.payee.charge(id, { amount: 31n, ...key("b") }))).to.equal("insufficient-balance");
      f.clock.now += 1;
      expect(codeOf(await f.payee.charge(id, { amount: 31n, ...key("b") }))).to.equal("ok");
    });

    it("given a lifetime of its own, lapses by that", async () => {
      const id = await credited(100n);
      const hold = heldBy(await f.payee.reserve(id, 70n, { idempotencyKey: "a", lifetime: 5 }));
      expect(hold.expiresAt).to.equal(f.clock.now + 5);
      f.clock.now += 5;
      expect(codeOf(await f.payee.reserve(id, 70n, key("b")))).to.equal("ok");
    });

    it("given a commit after it lapsed, charges where the credit is still free, and not on another's credit", async () => {
      const id = await credited(100n);
      const [late, lost] = [
        heldBy(await f.payee.reserve(id, 50n, key("a"))),
        heldBy(await f.payee.reserve(id, 50n, key("b"))),
      ];
      f.clock.now += 1_000;
      expect(codeOf(await late.commit(50n))).to.equal("ok");
      await f.payee.reserve(id, 20n, key("c"));
      expect(codeOf(await lost.commit(31n))).to.equal("insufficient-balance");
      expect(codeOf(await lost.commit(30n))).to.equal("ok");
      expect(await spentOn(id)).to.equal(80n);
    });

    it("given a commit again, of the same or of more, hands out the receipt; above what was held, refuses", async () => {
      const id = await credited(100n);
      const hold = heldBy(await f.payee.reserve(id, 50n, key("a")));
      expect(codeOf(await hold.commit(51n))).to.equal("malformed");
      expect(codeOf(await hold.commit(-1n))).to.equal("malformed");
      const [first, second] = await Promise.all([hold.commit(30n), hold.commit(40n)]);
      expect([first, second].map((answer) => answer?.ok && answer.replayed).toSorted()).to.deep.equal([false, true]);
      expect(first?.ok && first.charge).to.deep.equal(second?.ok && second.charge);
      expect(await spentOn(id)).to.equal(first?.ok && first.charge?.amount);
      const asked = await f.payee.reserve(id, 50n, key("a"));
      expect(asked).to.deep.include({ ok: true, replayed: true, charge: first?.ok && first.charge });
      expect(asked).not.to.have.property("hold");
    });

    it("given a commit of nothing, gives all back and keeps no charge", async () => {
      const id = await credited(100n);
      expect(codeOf(await heldBy(await f.payee.reserve(id, 50n, key("a"))).commit(0n))).to.equal("ok");
      expect(await f.store.get(id)).to.deep.include({ spent: 0n, charges: [] });
    });

    it("given fifty of one key at once, holds once; given two that together exceed the credit, one", async () => {
      const id = await credited(100n);
      const answers = await Promise.all(Array.from({ length: 50 }, () => f.payee.reserve(id, 40n, key("a"))));
      expect(answers.filter((answer) => answer.ok && !answer.replayed)).to.have.length(1);
      expect((await f.store.get(id))?.reservations).to.have.length(1);
      const both = await Promise.all(["b", "c"].map((each) => f.payee.reserve(id, 35n, key(each))));
      expect(both.map(codeOf).toSorted()).to.deep.equal(["insufficient-balance", "ok"]);
    });

    it("given a channel that is closing, promises nothing more, and charges what it promised before", async () => {
      const id = await credited(100n);
      const hold = heldBy(await f.payee.reserve(id, 50n, key("a")));
      f.chain.set(id, { closeRequestedAt: 7n });
      await f.payee.refresh(id);
      expect(codeOf(await f.payee.reserve(id, 10n, key("b")))).to.equal("close-pending");
      expect(codeOf(await hold.commit(20n))).to.equal("ok");
      expect(await f.store.get(id)).to.include({ spent: 20n, authorized: 100n });
    });

    it("given as many as a channel may have at once, makes the next wait", async () => {
      const id = await credited(1_000n);
      for (let index = 0; index < 256; index++) await f.payee.reserve(id, 1n, key(`${index}`));
      expect(codeOf(await f.payee.reserve(id, 1n, key("more")))).to.equal("unavailable");
      expect(codeOf(await f.payee.reserve(id, 1n, key("7")))).to.equal("ok");
    });

    it("given an unknown channel or a malformed request, refuses", async () => {
      const id = await credited(10n);
      const bad: unknown[][] = [
        ["0x12", 1n, key("a")],
        [id, 0n, key("a")],
        [id, 1, key("a")],
        [id, 1n],
        [id, 1n, {}],
        [id, 1n, key("")],
        [id, 1n, { ...key("a"), lifetime: 0 }],
        [id, 1n, { ...key("a"), lifetime: 1.5 }],
      ];
      for (const parameters of bad) {
        const answer = await f.payee.reserve(...(parameters as Parameters<typeof f.payee.reserve>));
        expect(codeOf(answer), String(parameters)).to.equal("malformed");
      }
      expect(codeOf(await f.payee.reserve(`0x${"00".repeat(32)}`, 1n, key("a")))).to.equal("channel-not-found");
    });
  });
}

function heldBy(answer: Reserved | Refusal): Hold {
  if (!answer.ok || !answer.hold) throw new Error(answer.ok ? "nothing is held" : answer.detail);
  return answer.hold;
}
