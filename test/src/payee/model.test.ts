import { join } from "node:path";
import { expect } from "chai";
import fc from "fast-check";
import { createPayee } from "../../../src/payee/index.ts";
import { sqliteStore } from "../../../src/store/sqlite.ts";
import { fakeChain, fixture, temporaryDirectory } from "./fixture.ts";
import "../../support/seed.ts";

/** One step of a history. Amounts are small on purpose: collisions are what is looked for. */
type Step =
  | { kind: "accept"; amount: bigint; price: bigint; key: string | undefined }
  | { kind: "voucher"; amount: bigint }
  | { kind: "charge"; price: bigint; key: string }
  | { kind: "topUp"; by: bigint }
  | { kind: "settle" }
  | { kind: "restart" };

const amount = fc.bigInt({ min: 0n, max: 60n });
const price = fc.bigInt({ min: 1n, max: 12n });
const key = fc.constantFrom("a", "b", "c", "d", "7", "20");
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      kind: fc.constant("accept" as const),
      amount,
      price,
      key: fc.option(key, { nil: undefined }),
    }),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant("voucher" as const), amount }) },
  { weight: 5, arbitrary: fc.record({ kind: fc.constant("charge" as const), price, key }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("topUp" as const), by: price }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("settle" as const) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("restart" as const) }) },
);

describe("payee under any interleaving", () => {
  it("keeps spent <= authorized <= deposit, lowers neither, and sells each key once", async function () {
    this.timeout(60_000);
    await fc.assert(
      fc.asyncProperty(fc.array(fc.array(step, { minLength: 1, maxLength: 6 }), { maxLength: 8 }), runHistory),
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
    const f = await fixture({ store, chain });
    const { id, voucher } = await f.open(40n);
    let { payee } = f;
    let deposit = 40n;
    let [authorized, spent, signed] = [0n, 0n, 0n];
    const sold = new Map<string, bigint>();

    async function perform(step: Step): Promise<void> {
      switch (step.kind) {
        case "topUp":
          deposit += step.by;
          chain.set(id, { deposit });
          return;
        case "settle":
          chain.set(id, { settled: authorized });
          return;
        case "restart":
          return;
        case "voucher": {
          const answer = await payee.accept(await voucher(step.amount));
          if (answer.ok && step.amount > signed) signed = step.amount;
          return;
        }
        default: {
          const charge = { amount: step.price, ...(step.key !== undefined && { idempotencyKey: step.key }) };
          const answer =
            step.kind === "accept"
              ? await payee.accept(await voucher(step.amount), { charge })
              : await payee.charge(id, { ...charge, idempotencyKey: step.key });
          if (answer.ok && step.kind === "accept" && step.amount > signed) signed = step.amount;
          if (!answer.ok || answer.replayed || !answer.charge) return;
          expect(sold.has(answer.charge.key), `key ${answer.charge.key} sold twice`).to.equal(false);
          sold.set(answer.charge.key, answer.charge.amount);
        }
      }
    }

    for (const batch of history) {
      await Promise.all(batch.map(perform));
      if (batch.some(({ kind }) => kind === "restart")) {
        await payee.stop();
        await store.close();
        store = sqliteStore(path, { role: "payee" });
        payee = createPayee({ ...f.settings, store });
        await payee.start();
      }
      const record = await store.get(id);
      if (!record) throw new Error("the record is gone");
      expect(record.authorized >= authorized, "authorized fell").to.equal(true);
      expect(record.spent >= spent, "spent fell").to.equal(true);
      expect(record.spent <= record.authorized, "spent above authorized").to.equal(true);
      expect(record.authorized <= record.deposit, "authorized above the deposit seen").to.equal(true);
      expect(record.deposit <= deposit, "deposit above the chain's").to.equal(true);
      expect(record.authorized >= signed, "an acknowledged voucher is gone").to.equal(true);
      expect(record.spent).to.equal([...sold.values()].reduce((a, b) => a + b, 0n));
      if (record.authorized > 0n) expect(record.signature).to.equal((await voucher(record.authorized)).signature);
      [authorized, spent] = [record.authorized, record.spent];
    }
  } finally {
    await store.close();
    directory.remove();
  }
}
