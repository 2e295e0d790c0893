import { join } from "node:path";
import { expect } from "chai";
import fc from "fast-check";
import { createPayee, type EvidenceRule } from "../../../src/payee/index.ts";
import { sqliteStore } from "../../../src/store/sqlite.ts";
import { fakeChain, fixture, temporaryDirectory } from "./fixture.ts";
import "../../support/seed.ts";

/** A wish raises the amount by `by` above what a device believes to be the newest, `age` wishes behind what is. */
type Step = { kind: "wish"; by: bigint; key: string; age: number } | { kind: "topUp" | "settle" | "restart" };

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 10,
    arbitrary: fc.record({
      kind: fc.constant("wish" as const),
      by: fc.bigInt({ min: 0n, max: 9n }),
      key: fc.constantFrom("a", "b", "c", "d", "e", "f"),
      age: fc.constantFrom(0, 0, 0, 1, 2),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constantFrom("topUp" as const, "settle" as const, "restart" as const) }),
  },
);

/** Evidence is the list of all wishes so far, and goes on from the one held before. */
const extending: EvidenceRule = (record, { cumulativeAmount, evidence }) =>
  cumulativeAmount > record.authorized && evidence.startsWith(record.evidence ?? "")
    ? undefined
    : { ok: false, code: "allocation-diverges", detail: "Build on the newest." };

describe("payee with evidence under any interleaving", () => {
  it("keeps every acknowledged wish once, in one line, and spends what was authorized", async function () {
    this.timeout(60_000);
    await fc.assert(
      fc.asyncProperty(fc.array(fc.array(step, { minLength: 1, maxLength: 6 }), { maxLength: 10 }), runHistory),
      { numRuns: Number(process.env.FARTHING_RUNS ?? 60) },
    );
  });
});

/** Runs batches of steps; those of a batch at once. */
async function runHistory(history: readonly (readonly Step[])[]): Promise<void> {
  const directory = temporaryDirectory();
  const path = join(directory.path, "payee.db");
  let store = sqliteStore(path, { role: "payee" });
  try {
    const chain = fakeChain();
    const f = await fixture({ store, chain, payee: { evidence: extending } });
    const { id, voucher } = await f.open(40n);
    let { payee } = f;
    let [deposit, serial] = [40n, 0];
    /** What was acknowledged, oldest first: the evidence of each, and its amount. */
    const line: { key: string; evidence: string; amount: bigint }[] = [{ key: "", evidence: "", amount: 0n }];

    async function wish({ by, key, age }: Extract<Step, { kind: "wish" }>): Promise<void> {
      const base = line.at(-1 - Math.min(age, line.length - 1)) as (typeof line)[number];
      const [amount, evidence] = [base.amount + by, `${base.evidence}${key}${++serial} `];
      const known = line.find((old) => old.key === key);
      const charge = { amount: "all", idempotencyKey: key } as const;
      const answer = await payee.accept(await voucher(amount), { charge, evidence });
      if (!answer.ok) return;
      const accepted = line.find((old) => old.key === key);
      if (answer.replayed) {
        if (known) expect(answer.charge?.cumulativeAmount, "another receipt").to.equal(known.amount);
        return;
      }
      expect(accepted, `key ${key} sold twice`).to.equal(undefined);
      line.push({ key, evidence, amount });
      line.sort((a, b) => (a.amount < b.amount ? -1 : 1));
    }

    for (const batch of history) {
      await Promise.all(
        batch.map(async (each) => {
          if (each.kind === "wish") return wish(each);
          if (each.kind === "topUp") chain.set(id, { deposit: ++deposit });
          // A payer of a pool may settle more than it ever showed.
          if (each.kind === "settle") chain.set(id, { settled: deposit });
        }),
      );
      if (batch.some(({ kind }) => kind === "restart")) {
        await payee.stop();
        await store.close();
        store = sqliteStore(path, { role: "payee" });
        payee = createPayee({ ...f.settings, store, payersSettle: true });
        await payee.start();
      }
      const record = await store.get(id);
      if (!record) throw new Error("the record is gone");
      const newest = line.at(-1);
      expect(record).to.include({ authorized: newest?.amount, spent: newest?.amount });
      expect(record.evidence ?? "").to.equal(newest?.evidence);
      for (const { evidence } of line) expect(record.evidence ?? "").to.match(new RegExp(`^${evidence}`));
      expect(record.authorized <= record.deposit).to.equal(true);
    }
  } finally {
    await store.close();
    directory.remove();
  }
}
