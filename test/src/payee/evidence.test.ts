import { expect } from "chai";
import { createPayee, type EvidenceRule, type PayeeOptions } from "../../../src/payee/index.ts";
import { memoryStore } from "../../../src/store/memory.ts";
import { codeOf, type Fixture, fixture, stores } from "./fixture.ts";

/** Evidence of these tests is a word that must begin with the one held before. */
const extending: EvidenceRule = (record, { evidence }) =>
  evidence.startsWith(record.evidence ?? "")
    ? undefined
    : { ok: false, code: "allocation-diverges", detail: "The word does not go on from the one before." };

describe("payee with evidence", () => {
  let f: Fixture;
  const start = async (payee: Partial<PayeeOptions> = { evidence: extending }) => {
    f = await fixture({ payee });
  };
  const all = (idempotencyKey: string) => ({ charge: { amount: "all", idempotencyKey } as const });

  it("given a charge of all, spends what the voucher adds", async () => {
    await start({});
    const { id, voucher } = await f.open();
    const first = await f.payee.accept(await voucher(10n), all("a"));
    expect(first).to.deep.include({ ok: true, replayed: false });
    expect(first.ok && first.charge).to.include({ key: "a", amount: 10n, spent: 10n, cumulativeAmount: 10n });
    await f.payee.accept(await voucher(15n));
    const second = await f.payee.accept(await voucher(40n), all("b"));
    expect(second.ok && second.charge).to.include({ key: "b", amount: 30n, spent: 40n, cumulativeAmount: 40n });
    expect(await f.store.get(id)).to.include({ authorized: 40n, spent: 40n });
  });

  it("given a charge of all and nothing left, refuses and says what would do", async () => {
    await start({});
    const { id, voucher } = await f.open();
    await f.payee.accept(await voucher(10n), all("a"));
    const again = await f.payee.accept(await voucher(10n), all("b"));
    expect(again).to.include({ ok: false, code: "insufficient-balance", required: 11n });
    expect(codeOf(await f.payee.charge(id, { amount: "all", idempotencyKey: "c" }))).to.equal("insufficient-balance");
    expect((await f.store.get(id))?.charges).to.have.length(1);
  });

  for (const { name, make } of stores) {
    it(`on the ${name} store, lands evidence, voucher and charge in one write`, async () => {
      const { store, drop } = make();
      try {
        f = await fixture({ store, payee: { evidence: extending } });
        const { id, voucher } = await f.open();
        await f.payee.accept(await voucher(10n), { ...all("a"), evidence: "one" });
        expect(await store.get(id)).to.include({ authorized: 10n, spent: 10n, evidence: "one" });
        await f.payee.accept(await voucher(20n), { ...all("b"), evidence: "one two" });
        expect(await store.get(id)).to.include({ authorized: 20n, spent: 20n, evidence: "one two" });
      } finally {
        await drop();
      }
    });
  }

  it("given evidence that the rule refuses, raises and charges nothing", async () => {
    await start();
    const { id, voucher } = await f.open();
    await f.payee.accept(await voucher(10n), { ...all("a"), evidence: "one" });
    for (const amount of [5n, 10n, 20n]) {
      const answer = await f.payee.accept(await voucher(amount), { ...all("b"), evidence: "two" });
      expect(codeOf(answer), `${amount}`).to.equal("allocation-diverges");
    }
    expect(await f.store.get(id)).to.include({ authorized: 10n, spent: 10n, evidence: "one" });
  });

  it("given evidence that the rule refuses and a deposit that does not cover it, names the evidence first", async () => {
    await start();
    const { voucher } = await f.open(15n);
    await f.payee.accept(await voucher(10n), { ...all("a"), evidence: "one" });
    const answer = await f.payee.accept(await voucher(20n), { ...all("b"), evidence: "two" });
    expect(codeOf(answer)).to.equal("allocation-diverges");
  });

  it("given a voucher that raises and brings no evidence, refuses it by every verb", async () => {
    await start();
    const { id, voucher } = await f.open();
    expect(codeOf(await f.payee.accept(await voucher(10n)))).to.equal("malformed");
    expect(codeOf(await f.payee.accept(await voucher(10n), all("a")))).to.equal("malformed");
    expect((await f.payee.acceptMany([await voucher(10n)])).map(codeOf)).to.deep.equal(["malformed"]);
    expect(await f.store.get(id)).to.include({ authorized: 0n, spent: 0n });
    expect(codeOf(await f.payee.accept(await voucher(0n))), "nothing is raised").to.equal("ok");
  });

  it("given a kept key with evidence, hands out its receipt and raises nothing, whatever else has changed", async () => {
    await start();
    const { id, voucher } = await f.open();
    const first = await f.payee.accept(await voucher(10n), { ...all("a"), evidence: "one" });
    const before = await f.store.get(id);
    f.chain.isDown = true;
    for (const [amount, evidence] of [
      [10n, "one"],
      [50n, "one two"],
      [50n, "two"],
      [3n, ""],
    ] as const) {
      const again = await f.payee.accept(await voucher(amount), { ...all("a"), evidence });
      expect(again).to.deep.include({ ok: true, replayed: true, charge: first.ok && first.charge });
    }
    expect(await f.store.get(id)).to.deep.equal(before);
  });

  it("given fifty copies of two wishes that exclude each other, at once, keeps one of them whole", async () => {
    await start();
    const { id, voucher } = await f.open();
    const [left, right] = [await voucher(10n), await voucher(12n)];
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, index) =>
        index % 2 === 0
          ? f.payee.accept(left, { ...all("left"), evidence: "left" })
          : f.payee.accept(right, { ...all("right"), evidence: "right" }),
      ),
    );
    expect(answers.filter((answer) => answer.ok && !answer.replayed)).to.have.length(1);
    expect(answers.filter((answer) => codeOf(answer) === "allocation-diverges")).to.have.length(25);
    const record = await f.store.get(id);
    expect(record?.charges.map(({ key }) => key)).to.deep.equal([record?.evidence]);
  });

  it("given payers who may settle what they never showed, starts on a chain that is ahead and keeps its record", async () => {
    await start();
    const { id, voucher } = await f.open();
    await f.payee.accept(await voucher(10n), { ...all("a"), evidence: "one" });
    f.chain.set(id, { settled: 60n });
    const again = createPayee({ ...f.settings, payersSettle: true });
    await again.start();
    expect(await f.store.get(id)).to.include({ authorized: 10n, spent: 10n, settled: 60n, evidence: "one" });
    const answer = await again.accept(await voucher(61n), { ...all("b"), evidence: "one two" });
    expect(answer.ok && answer.charge).to.include({ amount: 51n, spent: 61n });
  });

  it("given a store that was started before and stayed empty, starts though the chain shows a channel by now", async () => {
    await start();
    const store = memoryStore();
    const settings = { ...f.settings, store };
    await createPayee(settings).start();
    await f.open();
    await createPayee(settings).start();
  });
});
