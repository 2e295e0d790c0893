import { join } from "node:path";
import { expect } from "chai";
import fc from "fast-check";
import type { Hex } from "viem";
import { type Acceptance, createPayee, type Refusal } from "../../../src/payee/index.ts";
import { hashTimes, type TickPayment, tickVoucherDigest } from "../../../src/protocol/tick.ts";
import { voucherDigest } from "../../../src/protocol/voucher.ts";
import type { ChannelRecord } from "../../../src/store/record.ts";
import { sqliteStore } from "../../../src/store/sqlite.ts";
import { selectVerifier } from "../../../src/verifier/selectVerifier.ts";
import { escrow, fakeChain, fixture, temporaryDirectory } from "./fixture.ts";
import { type TickedChannel, tickedChannel } from "./tickedChannel.ts";
import "../../support/seed.ts";

/** One step of a history. `old` shows again something that was shown before. */
type Step =
  | { kind: "sign"; above: bigint; value: bigint }
  | { kind: "tick"; by: number; bare: boolean; price: bigint; key: string | undefined }
  | { kind: "voucher"; above: bigint; price: bigint }
  | { kind: "old"; which: number; key: string | undefined }
  | { kind: "forge"; ticks: number }
  | { kind: "settle" }
  | { kind: "crash" }
  | { kind: "restart" };

const price = fc.bigInt({ min: 1n, max: 8n });
const key = fc.option(fc.constantFrom("a", "b", "c"), { nil: undefined });
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant("sign" as const),
      // Below what is owed too: a payer may have signed it before.
      above: fc.bigInt({ min: -4n, max: 4n }),
      value: fc.bigInt({ min: 1n, max: 3n }),
    }),
  },
  {
    weight: 8,
    arbitrary: fc.record({
      kind: fc.constant("tick" as const),
      by: fc.integer({ min: 1, max: 4 }),
      bare: fc.boolean(),
      price,
      key,
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant("voucher" as const), above: fc.bigInt({ min: -3n, max: 5n }), price }),
  },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant("old" as const), which: fc.nat(40), key }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("forge" as const), ticks: fc.integer({ min: 1, max: 30 }) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("settle" as const) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("crash" as const) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("restart" as const) }) },
);

describe("payee under any interleaving of ticks, vouchers, replays and crashes", () => {
  it("owes the maximum over what was signed and shown, never a sum; proves it; and sells each unit and each key once", async function () {
    this.timeout(120_000);
    await fc.assert(
      fc.asyncProperty(fc.array(fc.array(step, { minLength: 1, maxLength: 5 }), { maxLength: 10 }), runHistory),
      { numRuns: Number(process.env.FARTHING_RUNS ?? 40) },
    );
  });
});

type Chain = Awaited<ReturnType<TickedChannel["chain"]>>;
type Answer = Acceptance | Refusal;
/** A message, and what it is good for, cumulative. */
type Shown = { good: bigint; give: () => Promise<Answer> };
const length = 30;

/** Runs batches of steps; those of a batch at once. */
async function runHistory(history: readonly (readonly Step[])[]): Promise<void> {
  const directory = temporaryDirectory();
  const path = join(directory.path, "payee.db");
  let crashing = false;
  const hooks = {
    beforeCommit() {
      if (crashing) throw new Error("killed");
    },
  };
  let store = sqliteStore(path, { role: "payee", hooks });
  try {
    const chain = fakeChain();
    const f = await fixture({ store, chain });
    const channel = await tickedChannel(f, 120n);
    const { id } = channel;
    let { payee } = f;
    let current: Chain | undefined;
    let shown = 0;
    let [authorized, spent, proven] = [0n, 0n, 0n];
    const shownBefore: Shown[] = [];
    const sold = new Map<string, bigint>();

    /** Shows something with what it is good for; remembers it for replays. */
    async function show(shown: Shown): Promise<void> {
      const answer = await shown.give();
      // What is too little for the price is taken all the same.
      const isTaken = answer.ok || answer.code === "insufficient-balance";
      if (isTaken && shown.good > proven) proven = shown.good;
      if (!answer.ok || answer.replayed || !answer.charge) return;
      expect(sold.has(answer.charge.key), `key ${answer.charge.key} sold twice`).to.equal(false);
      sold.set(answer.charge.key, answer.charge.amount);
    }

    function showNew(good: bigint, give: () => Promise<Answer>): Promise<void> {
      shownBefore.push({ good, give });
      return show({ good, give });
    }

    const chargeOf = (amount: bigint, idempotencyKey: string | undefined) => ({
      charge: { amount, ...(idempotencyKey !== undefined && { idempotencyKey }) },
    });

    async function perform(one: Step): Promise<void> {
      switch (one.kind) {
        case "sign": {
          const base = authorized + one.above;
          current = await channel.chain({ base: base > 0n ? base : 0n, tickValue: one.value, length });
          shown = 0;
          return;
        }
        case "tick": {
          if (!current || shown + one.by > length) return;
          shown += one.by;
          const tick = current.tick(shown, one.bare);
          const { cumulativeAmount, tickValue } = current.voucher;
          const good = cumulativeAmount + BigInt(shown) * tickValue;
          return showNew(good, () => payee.acceptTick(tick, chargeOf(one.price, one.key)));
        }
        case "voucher": {
          const amount = authorized + one.above > 0n ? authorized + one.above : 0n;
          const voucher = await channel.voucher(amount);
          return showNew(amount, () => payee.accept(voucher, chargeOf(one.price, undefined)));
        }
        case "old": {
          const again = shownBefore[one.which % Math.max(shownBefore.length, 1)];
          return again && show(again);
        }
        case "forge": {
          if (!current) return;
          const forged: TickPayment = { ...current.tick(one.ticks), link: hashTimes(current.link(one.ticks), 1) };
          expect((await payee.acceptTick(forged, chargeOf(1n, "forged"))).ok).to.equal(false);
          return;
        }
        case "settle":
          chain.set(id, { settled: authorized });
      }
    }

    for (const batch of history) {
      crashing = batch.some(({ kind }) => kind === "crash");
      await Promise.all(batch.map(perform));
      const wasCrashing = crashing;
      crashing = false;
      if (wasCrashing || batch.some(({ kind }) => kind === "restart")) {
        await payee.stop();
        await store.close();
        store = sqliteStore(path, { role: "payee", hooks });
        payee = createPayee({ ...f.settings, store });
        await payee.start();
      }
      const record = await store.get(id);
      if (!record) throw new Error("the record is gone");
      expect(record.authorized >= authorized && record.spent >= spent, "a mark fell").to.equal(true);
      expect(record.spent <= record.authorized, "spent above authorized").to.equal(true);
      expect(record.authorized <= record.deposit, "authorized above the deposit").to.equal(true);
      expect(record.authorized, "not the maximum of what was shown and taken").to.equal(proven);
      expect(record.spent, "a unit was sold twice").to.equal([...sold.values()].reduce((a, b) => a + b, 0n));
      await assertProven(record, channel.payer.address);
      [authorized, spent] = [record.authorized, record.spent];
    }
  } finally {
    crashing = false;
    await store.close();
    directory.remove();
  }
}

/** One proof, and it is good for exactly what is authorized: what the keeper will show to the escrow. */
async function assertProven({ id, authorized, signature, ticks }: ChannelRecord, signer: Hex): Promise<void> {
  expect(signature !== undefined && ticks !== undefined, "two proofs").to.equal(false);
  if (authorized === 0n && !ticks) return;
  const verifier = selectVerifier({ order: ["js"] });
  if (!ticks) {
    const digest = voucherDigest({ channelId: id, cumulativeAmount: authorized }, escrow);
    expect(await verifier.recover(digest, signature ?? "0x")).to.equal(signer.toLowerCase());
    return;
  }
  const { cumulativeAmount, tickRoot, tickValue } = ticks;
  const digest = tickVoucherDigest({ channelId: id, cumulativeAmount, tickRoot, tickValue }, escrow);
  expect(await verifier.recover(digest, ticks.signature)).to.equal(signer.toLowerCase());
  expect(hashTimes(ticks.link, ticks.ticks)).to.equal(tickRoot);
  expect(cumulativeAmount + BigInt(ticks.ticks) * tickValue).to.equal(authorized);
}
