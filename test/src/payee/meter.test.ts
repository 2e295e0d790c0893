import { expect } from "chai";
import type { Refusal } from "../../../src/payee/index.ts";
import { codeOf, type Fixture, fixture } from "./fixture.ts";

describe("payee meter", () => {
  let f: Fixture;
  /** Sleeps that nobody has ended yet. */
  let sleeps: { milliseconds: number; end: () => void }[];
  beforeEach(async () => {
    sleeps = [];
    const sleep = (milliseconds: number, signal: AbortSignal) =>
      new Promise<void>((resolve) => {
        sleeps.push({ milliseconds, end: resolve });
        signal.addEventListener("abort", () => resolve());
      });
    f = await fixture({ payee: { sleep } });
  });

  /** Counts what was made, and whether it was told to end. */
  function source(length: number) {
    const state = { made: 0, isEnded: false };
    async function* items() {
      try {
        for (; state.made < length; ) yield state.made++;
      } finally {
        state.isEnded = true;
      }
    }
    return { state, items: items() };
  }

  const options = { price: 10n, idempotencyKey: "stream" };
  const turns = async () => {
    for (let turn = 0; turn < 50; turn++) await new Promise(setImmediate);
  };

  it("given credit, charges each item before it is given, and makes none ahead", async () => {
    const { id, voucher } = await f.open();
    await f.payee.accept(await voucher(100n));
    const { state, items } = source(3);
    const spent: (bigint | undefined)[] = [];
    const given: number[] = [];
    for await (const item of f.payee.meter(id, items, options)) {
      given.push(item);
      spent.push((await f.store.get(id))?.spent);
      expect(state.made).to.equal(item + 1);
    }
    expect(given).to.deep.equal([0, 1, 2]);
    expect(spent).to.deep.equal([10n, 20n, 30n]);
    expect((await f.store.get(id))?.charges.map(({ key }) => key)).to.deep.equal(["stream/0", "stream/1", "stream/2"]);
  });

  it("given a price that depends on the item, charges that", async () => {
    const { id, voucher } = await f.open();
    await f.payee.accept(await voucher(100n));
    for await (const _ of f.payee.meter(id, [1, 2, 3], { ...options, price: (item) => BigInt(item) })) {
    }
    expect((await f.store.get(id))?.spent).to.equal(6n);
  });

  it("given credit that runs out, pauses, says what would do, and goes on with the next voucher", async () => {
    const { id, voucher } = await f.open();
    await f.payee.accept(await voucher(15n));
    const needs: Refusal[] = [];
    const stream = f.payee.meter(id, source(3).items, { ...options, onNeed: (need) => needs.push(need) });
    expect(await stream.next()).to.deep.equal({ value: 0, done: false });
    let given: unknown;
    const next = stream.next().then((result) => {
      given = result;
    });
    await turns();
    expect(given).to.equal(undefined);
    expect(needs.map(({ code, required }) => [code, required])).to.deep.equal([["insufficient-balance", 20n]]);
    // Not enough yet: it looks, and waits on, and asks for nothing new.
    await f.payee.accept(await voucher(19n));
    await turns();
    expect([given, needs.length]).to.deep.equal([undefined, 1]);
    await f.payee.accept(await voucher(25n));
    await next;
    expect(given).to.deep.equal({ value: 1, done: false });
    expect((await f.store.get(id))?.spent).to.equal(20n);
    await stream.return(undefined);
  });

  it("given a voucher that another process took, finds it when it looks again", async () => {
    const { id, voucher } = await f.open();
    const stream = f.payee.meter(id, source(1).items, options);
    const next = stream.next();
    await turns();
    const { signature } = await voucher(10n);
    await f.store.update(id, (record) => record && { ...record, authorized: 10n, signature });
    expect(sleeps.map(({ milliseconds }) => milliseconds)).to.deep.equal([1_000]);
    sleeps[0]?.end();
    expect(await next).to.deep.equal({ value: 0, done: false });
  });

  it("given no voucher for as long as it is patient, ends with the refusal, gives nothing and ends its source", async () => {
    const { id } = await f.open();
    const { state, items } = source(5);
    const next = f.payee.meter(id, items, { ...options, patience: 1_500 }).next();
    await turns();
    f.clock.now += 1_000;
    sleeps[0]?.end();
    await turns();
    expect(sleeps.map(({ milliseconds }) => milliseconds)).to.deep.equal([1_000, 500]);
    f.clock.now += 500;
    sleeps[1]?.end();
    const { value, done } = await next;
    expect(done).to.equal(true);
    expect(value).to.include({ code: "insufficient-balance" });
    expect(state).to.deep.equal({ made: 1, isEnded: true });
  });

  it("given an abort or a stop while it waits, ends at once", async () => {
    const { id } = await f.open();
    const abort = new AbortController();
    const aborted = f.payee.meter(id, source(5).items, { ...options, signal: abort.signal }).next();
    const stopped = f.payee.meter(id, source(5).items, options).next();
    await turns();
    abort.abort();
    expect((await aborted).value).to.include({ code: "insufficient-balance" });
    await f.payee.stop();
    expect((await stopped).value).to.include({ code: "unavailable" });
  });

  it("given a close, ends with that, and gives nothing more", async () => {
    const { id, voucher } = await f.open();
    await f.payee.accept(await voucher(100n));
    const { state, items } = source(5);
    const stream = f.payee.meter(id, items, options);
    await stream.next();
    f.chain.set(id, { closeRequestedAt: 5n });
    await f.payee.refresh(id);
    const { value, done } = await stream.next();
    expect(done && codeOf(value as Refusal)).to.equal("close-pending");
    expect(state.isEnded).to.equal(true);
    expect((await f.store.get(id))?.spent).to.equal(10n);
  });

  it("given a stream of the same key again, leaves out what was paid for, and charges it no second time", async () => {
    const { id, voucher } = await f.open();
    await f.payee.accept(await voucher(100n));
    const first = f.payee.meter(id, source(5).items, options);
    await first.next();
    await first.next();
    await first.return(undefined);
    const given: number[] = [];
    for await (const item of f.payee.meter(id, source(5).items, options)) given.push(item);
    expect(given).to.deep.equal([2, 3, 4]);
    expect((await f.store.get(id))?.spent).to.equal(50n);
  });

  it("given two streams on one channel, charges each its own, and neither on the other's credit", async () => {
    const { id, voucher } = await f.open();
    await f.payee.accept(await voucher(50n));
    const drain = async (idempotencyKey: string) => {
      let given = 0;
      for await (const _ of f.payee.meter(id, source(9).items, { ...options, idempotencyKey, patience: 0 })) given += 1;
      return given;
    };
    const [one, other] = await Promise.all([drain("a"), drain("b")]);
    expect((one ?? 0) + (other ?? 0)).to.equal(5);
    expect((await f.store.get(id))?.spent).to.equal(50n);
  });

  it("given a channel that is none, or unknown, ends with that", async () => {
    const { value } = await f.payee.meter("0x12", source(1).items, options).next();
    expect(value).to.include({ code: "channel-not-found" });
    const unknown = await f.payee.meter(`0x${"00".repeat(32)}`, source(1).items, options).next();
    expect(unknown.value).to.include({ code: "channel-not-found" });
  });
});
