import { join } from "node:path";
import { expect } from "chai";
import fc from "fast-check";
import { type Acceptance, createPayee, type Hold, type Refusal } from "../../../src/payee/index.ts";
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
  | { kind: "reserve"; price: bigint; key: string }
  | { kind: "commit"; which: number; actual: bigint }
  | { kind: "release"; which: number }
  | { kind: "meter"; price: bigint; key: string; count: number }
  | { kind: "wait"; milliseconds: number }
  /** The store ends in the middle of what else is asked at once, and nobody is told to stop. */
  | { kind: "crash" }
  /** The store is gone, and the payer's newest voucher is all there is. */
  | { kind: "loss" }
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
  { weight: 5, arbitrary: fc.record({ kind: fc.constant("reserve" as const), price, key }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant("commit" as const), which: fc.nat(9), actual: price }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("release" as const), which: fc.nat(9) }) },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant("meter" as const), price, key, count: fc.integer({ min: 1, max: 3 }) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant("wait" as const), milliseconds: fc.constantFrom(400, 1_000) }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("crash" as const) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("loss" as const) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("restart" as const) }) },
);

describe("payee under any interleaving", () => {
  it("keeps spent and held <= authorized <= deposit, lowers neither, sells each key once, and comes back from a crash or a loss", async function () {
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
  let path = join(directory.path, "payee.db");
  let store = sqliteStore(path, { role: "payee" });
  try {
    const chain = fakeChain();
    const f = await fixture({ store, chain, terms: { reservationTime: 1_000 }, payee: { sleep: async () => {} } });
    const { id, channel, voucher } = await f.open(40n);
    let { payee } = f;
    let deposit = 40n;
    let [authorized, spent, signed] = [0n, 0n, 0n];
    const sold = new Map<string, bigint>();
    /** Taken as delivered when the record was healed. */
    let healed = 0n;
    let holds: Hold[] = [];

    function sell(answer: Acceptance | Refusal): void {
      if (!answer.ok || answer.replayed || !answer.charge) return;
      expect(sold.has(answer.charge.key), `key ${answer.charge.key} sold twice`).to.equal(false);
      sold.set(answer.charge.key, answer.charge.amount);
    }

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
        case "loss":
        case "crash":
          return;
        case "wait":
          f.clock.now += step.milliseconds;
          return;
        case "reserve": {
          const answer = await payee.reserve(id, step.price, { idempotencyKey: step.key });
          if (answer.ok && answer.hold) holds.push(answer.hold);
          return;
        }
        case "commit": {
          const hold = holds[step.which % holds.length];
          if (hold) sell(await hold.commit(step.actual));
          return;
        }
        case "release":
          await holds[step.which % holds.length]?.release();
          return;
        case "meter": {
          const options = { price: step.price, idempotencyKey: step.key, patience: 0 };
          const items = Array.from({ length: step.count }, (_, index) => `${step.key}/${index}`);
          for await (const item of payee.meter(id, items, options)) {
            expect(sold.has(item), `item ${item} given twice`).to.equal(false);
            sold.set(item, step.price);
          }
          return;
        }
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
          sell(answer);
        }
      }
    }

    let crashed = false;
    for (const batch of history) {
      const kinds = new Set(batch.map(({ kind }) => kind));
      crashed = kinds.has("loss") ? false : crashed || kinds.has("crash");
      const running = Promise.all(batch.map(perform));
      if (kinds.has("crash")) await store.close();
      await running;
      if (kinds.has("restart")) await payee.stop();
      if (kinds.has("restart") || kinds.has("crash") || kinds.has("loss")) {
        await store.close();
        holds = [];
        if (kinds.has("loss")) path = join(directory.path, `after loss ${history.indexOf(batch)}.db`);
        store = sqliteStore(path, { role: "payee" });
        payee = createPayee({ ...f.settings, store });
        if (kinds.has("loss")) {
          const newest = signed > authorized ? signed : authorized;
          expect(await payee.heal(channel, await voucher(newest))).to.include({ ok: true });
          // With the store went its receipts; all that was signed counts as delivered.
          [healed, spent, authorized] = [newest, newest, newest];
          sold.clear();
        }
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
      const delivered = [...sold.values()].reduce((a, b) => a + b, healed);
      // A charge that was durable when the store ended, and never answered, was not delivered: it can only be asked for again.
      if (crashed) expect(record.spent >= delivered, "delivered and not charged").to.equal(true);
      else expect(record.spent).to.equal(delivered);
      const held = (record.reservations ?? []).filter(({ expiresAt }) => expiresAt > f.clock.now);
      const promised = held.reduce((sum, { amount }) => sum + amount, record.spent);
      expect(promised <= record.authorized, "promised above authorized").to.equal(true);
      if (record.authorized > 0n) expect(record.signature).to.equal((await voucher(record.authorized)).signature);
      [authorized, spent] = [record.authorized, record.spent];
    }
  } finally {
    await store.close();
    directory.remove();
  }
}
