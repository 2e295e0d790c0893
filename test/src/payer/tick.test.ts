import { expect } from "chai";
import fc from "fast-check";
import { type Address, type Hex, numberToHex, recoverAddress } from "viem";
import { generatePrivateKey, privateKeyToAccount } from "viem/accounts";
import {
  BudgetExceededError,
  ChannelLeavingError,
  createPayer,
  DepositExhaustedError,
  InvalidPaymentError,
  InvalidTickCountError,
  type PaidTick,
  type PayerParameters,
} from "../../../src/payer/index.ts";
import { hashTimes, tickVoucherDigest } from "../../../src/protocol/tick.ts";
import { recoverVoucher, signVoucher } from "../../../src/protocol/voucher.ts";
import { memoryPayerStore, type PayerStore } from "../../../src/store/index.ts";
import "../../support/seed.ts";
import { escrow, fakeEscrow } from "./fakeEscrow.ts";
import { rejection } from "./rejection.ts";

const payee = numberToHex(0xbeef, { size: 20 });

async function setUp(options: Partial<PayerParameters> & { deposit?: bigint } = {}) {
  const { deposit = 1_000n, ...overrides } = options;
  const chain = fakeEscrow();
  const account = privateKeyToAccount(generatePrivateKey());
  let signatures = 0;
  const signer = {
    ...account,
    sign: (request: { hash: Hex }) => {
      signatures += 1;
      return account.sign(request);
    },
  };
  const store = memoryPayerStore();
  const parameters: PayerParameters = { client: chain.client, signer, store, escrow, ...overrides };
  const { id } = await chain.open(store, account.address, payee, deposit);
  const resume = (changes: Partial<PayerParameters> = {}) => createPayer({ ...parameters, ...changes }).resume(id);
  const channel = await resume();
  const record = async () => {
    const kept = await store.get(id);
    if (!kept) throw new Error("no record");
    return kept;
  };
  return { chain, account, store, id, channel, resume, record, signatures: () => signatures };
}

/** What anyone can check of a payment: the signer's offer, and so many hashes from its root. */
async function assertGood(tick: PaidTick, id: Hex, signer: Address) {
  const { channelId, tickRoot, ticks, link, offer, cumulativeAmount } = tick;
  expect(channelId).to.equal(id);
  expect(hashTimes(link, ticks)).to.equal(tickRoot);
  expect(cumulativeAmount).to.equal(offer.cumulativeAmount + BigInt(ticks) * offer.tickValue);
  const hash = tickVoucherDigest({ channelId, tickRoot, ...offer }, escrow);
  expect(await recoverAddress({ hash, signature: offer.signature })).to.equal(signer);
}

describe("channel.tick", () => {
  it("given a fresh channel, when it ticks, the first should sign a root on top of the own mark, and the rest sign nothing", async () => {
    const { channel, account, id, record, signatures } = await setUp();
    await channel.pay(10n);
    const ticks = [await channel.tick(3n), await channel.tick(3n), await channel.tick(3n, { ticks: 5 })];
    for (const tick of ticks) await assertGood(tick, id, account.address);
    expect(new Set(ticks.map(({ tickRoot }) => tickRoot)).size).to.equal(1);
    expect(ticks.map(({ ticks: count, cumulativeAmount }) => [count, cumulativeAmount])).to.deep.equal([
      [1, 13n],
      [2, 16n],
      [7, 31n],
    ]);
    expect(signatures()).to.equal(2);
    const { authorized, signature, ticks: kept, spentToday } = await record();
    expect([authorized, signature, kept?.ticks, spentToday.amount]).to.deep.equal([31n, undefined, 7, 31n]);
  });

  it("given calls in parallel, when they tick, each should reveal another link, and the marks rise one by one", async () => {
    const { channel } = await setUp();
    const ticks = await Promise.all(Array.from({ length: 20 }, () => channel.tick(2n)));
    expect(ticks.map((tick) => tick.ticks)).to.deep.equal(Array.from({ length: 20 }, (_, n) => n + 1));
    expect(new Set(ticks.map(({ link }) => link)).size).to.equal(20);
    expect(ticks.at(-1)?.cumulativeAmount).to.equal(40n);
  });

  it("given a chain that is exhausted, of another value, or too short for the wish, when it ticks, a fresh root should be signed on top", async () => {
    const { channel, signatures } = await setUp();
    const first = await channel.tick(2n, { ticks: 2, length: 3 });
    const second = await channel.tick(2n, { ticks: 2 });
    expect(second.offer.cumulativeAmount).to.equal(first.cumulativeAmount);
    const third = await channel.tick(5n);
    expect([third.ticks, third.offer.cumulativeAmount]).to.deep.equal([1, second.cumulativeAmount]);
    expect(new Set([first, second, third].map(({ tickRoot }) => tickRoot)).size).to.equal(3);
    expect(signatures()).to.equal(3);
  });

  it("given a voucher in between, by pay, latest, conclude's or an adopted one, when it ticks again, the old root should be done with", async () => {
    const ways: ((f: Awaited<ReturnType<typeof setUp>>) => Promise<unknown>)[] = [
      ({ channel }) => channel.pay(1n),
      ({ channel }) => channel.latest(),
      ({ channel }) => channel.payUpTo(2n),
      async ({ channel, account, id }) => {
        await channel.adopt(await signVoucher(account, { channelId: id, cumulativeAmount: 50n }, escrow));
      },
    ];
    for (const [index, voucher] of ways.entries()) {
      const f = await setUp();
      const before = await f.channel.tick(2n);
      await voucher(f);
      expect((await f.record()).ticks, `way ${index}`).to.equal(undefined);
      const after = await f.channel.tick(2n);
      expect(after.tickRoot, `way ${index}`).to.not.equal(before.tickRoot);
      expect(after.offer.cumulativeAmount, `way ${index}`).to.equal((await f.record()).authorized - 2n);
    }
  });

  it("given a voucher below the own mark, when it was signed, the chain should go on: it owes more", async () => {
    const { channel } = await setUp();
    const before = await channel.tick(2n, { ticks: 3 });
    await channel.payUpTo(4n);
    const after = await channel.tick(2n);
    expect([after.tickRoot, after.ticks]).to.deep.equal([before.tickRoot, 4]);
  });

  it("given a chain that shows more settled than the own mark, when it ticks, the chain of the old store should not be used", async () => {
    const { chain, channel, id, record } = await setUp();
    const before = await channel.tick(2n);
    chain.set(id, { settled: 100n });
    await channel.state();
    expect((await record()).ticks).to.equal(undefined);
    const after = await channel.tick(2n);
    expect(after.tickRoot).to.not.equal(before.tickRoot);
    expect(after.offer.cumulativeAmount).to.equal(100n);
  });

  it("given the newest payment by ticks, when its proof is asked for, it should be that very tick, and after a voucher the voucher", async () => {
    const { channel, signatures, account } = await setUp();
    const tick = await channel.tick(2n, { ticks: 4 });
    expect(await channel.proof()).to.deep.equal(tick);
    expect([await channel.mark(), signatures()]).to.deep.equal([8n, 1]);
    const voucher = await channel.latest();
    expect(await channel.proof()).to.deep.equal(voucher);
    expect(await recoverVoucher(voucher, escrow)).to.equal(account.address.toLowerCase());
    expect(voucher.cumulativeAmount).to.equal(8n);
  });

  it("given a restart, when it ticks again, the chain should go on from where it was, without a signature", async () => {
    const { channel, resume, signatures, id, account } = await setUp();
    const before = await channel.tick(2n, { ticks: 9 });
    const after = await (await resume()).tick(2n);
    await assertGood(after, id, account.address);
    expect([after.tickRoot, after.ticks, signatures()]).to.deep.equal([before.tickRoot, 10, 1]);
  });

  it("given two processes on one store, when both tick at once, no link should be revealed for two payments", async () => {
    const { channel, resume } = await setUp();
    await channel.tick(2n);
    const other = await resume();
    const ticks = await Promise.all(Array.from({ length: 10 }, (_, n) => (n % 2 === 0 ? channel : other).tick(2n)));
    expect(new Set(ticks.map(({ cumulativeAmount }) => cumulativeAmount)).size).to.equal(10);
    expect(await channel.mark()).to.equal(22n);
  });

  it("given a secret that does not lead to its root, when it ticks, a fresh chain should be begun instead of revealing nonsense", async () => {
    const { channel, store, id, resume, account } = await setUp();
    const before = await channel.tick(2n);
    const secret = numberToHex(1, { size: 32 });
    await store.update(id, (kept) => kept?.ticks && { ...kept, ticks: { ...kept.ticks, secret } });
    const after = await (await resume()).tick(2n);
    await assertGood(after, id, account.address);
    expect(after.tickRoot).to.not.equal(before.tickRoot);
  });

  describe("within the payer's own limits", () => {
    it("beyond the deposit it should reveal nothing, look at the chain once, and go on after a top-up", async () => {
      const { chain, channel, id, record } = await setUp({ deposit: 10n });
      await channel.tick(3n, { ticks: 3 });
      const before = await record();
      const error = await rejection(channel.tick(3n));
      expect(error).to.be.instanceOf(DepositExhaustedError).with.property("topUp", 2n);
      expect(await record()).to.deep.equal(before);
      chain.set(id, { deposit: 12n });
      expect((await channel.tick(3n)).cumulativeAmount).to.equal(12n);
    });

    it("a chain should be no longer than the deposit covers, nor than was asked for", async () => {
      const { channel, record } = await setUp({ deposit: 100n });
      await channel.tick(3n);
      expect((await record()).ticks?.length).to.equal(33);
      await channel.pay(1n);
      await channel.tick(3n, { length: 7 });
      expect((await record()).ticks?.length).to.equal(7);
    });

    it("every budget should hold as for vouchers, and nothing be revealed beyond it", async () => {
      const perRequest = await setUp({ policy: { perRequest: 5n } });
      await perRequest.channel.tick(5n);
      for (const excess of [perRequest.channel.tick(6n), perRequest.channel.tick(3n, { ticks: 2 })])
        expect(await rejection(excess))
          .to.be.instanceOf(BudgetExceededError)
          .with.property("limit", "perRequest");
      const perDay = await setUp({ policy: { perDay: 10n } });
      await perDay.channel.pay(4n);
      await perDay.channel.tick(3n, { ticks: 2 });
      expect(await rejection(perDay.channel.tick(1n))).to.have.property("limit", "perDay");
      const perPayee = await setUp({ policy: { perPayee: 4n } });
      await perPayee.channel.tick(2n, { ticks: 2 });
      expect(await rejection(perPayee.channel.tick(1n))).to.have.property("limit", "perPayee");
      expect((await perPayee.record()).authorized).to.equal(4n);
    });

    it("a channel that is being left should reveal nothing more", async () => {
      const { channel } = await setUp();
      await channel.tick(2n);
      await channel.conclude();
      expect(await rejection(channel.tick(2n))).to.be.instanceOf(ChannelLeavingError);
    });

    it("a value or a count that cannot be paid should be refused", async () => {
      const { channel, record } = await setUp();
      for (const value of [0n, -1n]) expect(await rejection(channel.tick(value))).to.be.instanceOf(InvalidPaymentError);
      for (const ticks of [0, -1, 1.5, 65_536, Number.NaN]) {
        expect(await rejection(channel.tick(1n, { ticks }))).to.be.instanceOf(InvalidTickCountError);
        expect(await rejection(channel.tick(1n, { length: ticks }))).to.be.instanceOf(InvalidTickCountError);
      }
      expect((await record()).authorized).to.equal(0n);
    });
  });
});

/** A store that dies at its n-th call: before the call does anything, or after it did. */
function dying(store: PayerStore, at: number, after: boolean): PayerStore {
  let calls = 0;
  const die = async <T>(work: () => Promise<T>): Promise<T> => {
    calls += 1;
    if (calls > at) throw new Error("dead");
    if (calls === at && !after) throw new Error("killed");
    const result = await work();
    if (calls === at) throw new Error("killed");
    return result;
  };
  return {
    get: (id) => die(() => store.get(id)),
    update: (id, change) => die(() => store.update(id, change)),
    list: (query) => die(() => store.list(query)),
    close: () => store.close(),
  };
}

describe("channel.tick under crashes", () => {
  it("killed at any call of its store or signer, it should never reveal a link that is not counted, nor one twice", async () => {
    for (const begins of [true, false]) {
      for (const after of [false, true]) {
        for (let at = 1; at <= 6; at++) {
          const f = await setUp({ policy: { perDay: 500n } });
          if (!begins) await f.channel.tick(2n);
          // The chain is read by `resume`, so the calls are counted from there.
          let deadStore: PayerStore = f.store;
          const store: PayerStore = {
            get: (id) => deadStore.get(id),
            update: (id, change) => deadStore.update(id, change),
            list: (query) => deadStore.list(query),
            close: () => f.store.close(),
          };
          const channel = await f.resume({ store });
          deadStore = dying(f.store, at, after);
          const left = await channel.tick(2n).catch(() => undefined);
          const revealed = [...(begins ? [] : [1]), ...(left ? [left.ticks] : [])];
          const { authorized } = await f.record();
          if (left) expect(authorized, "what left is counted").to.equal(left.cumulativeAmount);
          const next = await (await f.resume()).tick(2n);
          await assertGood(next, f.id, f.account.address);
          expect(next.cumulativeAmount).to.equal(authorized + 2n);
          if (left && next.tickRoot === left.tickRoot) expect(revealed).to.not.include(next.ticks);
        }
        const f = await setUp();
        const failing = { ...f.account, sign: () => Promise.reject(new Error("killed")) };
        await rejection((await f.resume({ signer: failing })).tick(2n));
        const { authorized, ticks } = await f.record();
        expect([authorized, ticks]).to.deep.equal([0n, undefined]);
      }
    }
  });

  it("whatever is asked of it, with crashes in between, its mark should be the maximum of all it gave away, within deposit and budget", async function () {
    this.timeout(60_000);
    const step = fc.oneof(
      {
        weight: 6,
        arbitrary: fc.record({
          kind: fc.constant("tick" as const),
          value: fc.bigInt(1n, 3n),
          ticks: fc.integer({ min: 1, max: 4 }),
        }),
      },
      { weight: 2, arbitrary: fc.record({ kind: fc.constant("pay" as const), amount: fc.bigInt(0n, 6n) }) },
      { weight: 1, arbitrary: fc.record({ kind: fc.constant("latest" as const) }) },
      { weight: 1, arbitrary: fc.record({ kind: fc.constant("proof" as const) }) },
      {
        weight: 2,
        arbitrary: fc.record({
          kind: fc.constant("crash" as const),
          at: fc.integer({ min: 1, max: 4 }),
          after: fc.boolean(),
        }),
      },
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (steps) => {
        const f = await setUp({ deposit: 60n, policy: { perPayee: 50n } });
        let { channel } = f;
        let most = 0n;
        const perRoot = new Map<Hex, number>();
        for (const one of steps) {
          let made: { cumulativeAmount: bigint } | undefined;
          if (one.kind === "crash") {
            channel = await f.resume();
            const killed = await f.resume({ store: lateDying(f.store, one.at, one.after) }).catch(() => undefined);
            made = await killed?.tick(2n).catch(() => undefined);
          } else if (one.kind === "tick") {
            made = await channel.tick(one.value, { ticks: one.ticks, length: 6 }).catch(ignoreRefusals);
          } else if (one.kind === "pay") {
            made = await channel.pay(one.amount).catch(ignoreRefusals);
          } else made = await channel[one.kind]();
          if (made && "tickRoot" in made) {
            const tick = made as PaidTick;
            await assertGood(tick, f.id, f.account.address);
            const before = perRoot.get(tick.tickRoot) ?? 0;
            if (one.kind !== "proof") expect(tick.ticks > before, "a link for two payments").to.equal(true);
            perRoot.set(tick.tickRoot, Math.max(before, tick.ticks));
          }
          if (made && made.cumulativeAmount > most) most = made.cumulativeAmount;
          const { authorized, deposit } = await f.record();
          expect(authorized >= most, "more was given away than is counted").to.equal(true);
          expect(authorized <= deposit && authorized <= 50n, "beyond deposit or budget").to.equal(true);
          most = authorized;
        }
      }),
      { numRuns: Number(process.env.FARTHING_RUNS ?? 100) },
    );
  });
});

/** Dies only once the channel is resumed: `resume` reads once and writes once. */
function lateDying(store: PayerStore, at: number, after: boolean): PayerStore {
  return dying(store, at + 2, after);
}

function ignoreRefusals(error: unknown): undefined {
  if (error instanceof DepositExhaustedError || error instanceof BudgetExceededError) return undefined;
  throw error;
}
