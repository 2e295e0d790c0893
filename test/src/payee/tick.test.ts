import { expect } from "chai";
import type { Hex } from "viem";
import { createPayee, type Refusal } from "../../../src/payee/index.ts";
import { signTickVoucher, type TickPayment } from "../../../src/protocol/tick.ts";
import { createTicks } from "../../../src/protocol/tickChain.ts";
import type { ChannelStore } from "../../../src/store/store.ts";
import { codeOf, escrow, type Fixture, fixture, newAccount, stores, voucherOf } from "./fixture.ts";
import { type TickedChannel, tickedChannel } from "./tickedChannel.ts";

for (const { name, make } of stores) {
  describe(`payee.acceptTick on a ${name} store`, () => {
    let store: ChannelStore;
    let drop: () => Promise<void>;
    let f: Fixture;
    let channel: TickedChannel;
    beforeEach(async () => {
      ({ store, drop } = make());
      f = await fixture({ store });
      channel = await tickedChannel(f);
    });
    afterEach(() => drop());

    const stored = async () => {
      const record = await store.get(channel.id);
      if (!record) throw new Error("no record");
      return record;
    };
    const charge = { amount: 3n };

    it("given the first tick of a chain, when it comes with its offer, it should verify one signature, keep both and charge", async () => {
      const chain = await channel.chain({ base: 10n });
      const before = f.verifier.calls;
      const answer = await f.payee.acceptTick(chain.tick(1), { charge });
      expect(answer).to.deep.include({ ok: true, replayed: false });
      const record = await stored();
      expect([record.authorized, record.spent, record.signature]).to.deep.equal([13n, 3n, undefined]);
      const { channelId: _, ...voucher } = chain.voucher;
      expect(record.ticks).to.deep.equal({ ...voucher, ticks: 1, link: chain.link(1) });
      expect(record.charges[0]).to.deep.include({ key: "13", cumulativeAmount: 13n, amount: 3n, spent: 3n });
      expect(f.verifier.calls - before).to.equal(1);
    });

    it("given an offer that is kept, when more ticks come, with it or without, no signature should be looked at again", async () => {
      const chain = await channel.chain();
      await f.payee.acceptTick(chain.tick(1));
      const before = f.verifier.calls;
      expect(codeOf(await f.payee.acceptTick(chain.tick(2, true)))).to.equal("ok");
      expect(codeOf(await f.payee.acceptTick(chain.tick(3)))).to.equal("ok");
      const offer = { ...chain.tick(4), offer: { ...chain.voucher, signature: `0x${"12".repeat(64)}1b` as Hex } };
      expect(codeOf(await f.payee.acceptTick(offer))).to.equal("ok");
      expect(f.verifier.calls).to.equal(before);
      expect((await stored()).authorized).to.equal(12n);
    });

    it("given several ticks at once, when they come, they should all be owed", async () => {
      const chain = await channel.chain();
      await f.payee.acceptTick(chain.tick(7));
      await f.payee.acceptTick(chain.tick(60, true));
      expect((await stored()).authorized).to.equal(180n);
    });

    it("given more ticks at once than a request is worth, when they come, they should be refused, either way, and a voucher heal it", async () => {
      const rich = await tickedChannel(f, 100_000n);
      const chain = await rich.chain({ tickValue: 1n, length: 4_000 });
      expect(codeOf(await f.payee.acceptTick(chain.tick(1_025)))).to.equal("too-many-ticks");
      expect(codeOf(await f.payee.acceptTick(chain.tick(1_024)))).to.equal("ok");
      expect(codeOf(await f.payee.acceptTick(chain.tick(2_048)))).to.equal("ok");
      expect(codeOf(await f.payee.acceptTick(chain.tick(1_023)))).to.equal("too-many-ticks");
      expect(codeOf(await f.payee.acceptTick(chain.tick(1_024)))).to.equal("ok");
      expect(codeOf(await f.payee.accept(await rich.voucher(4_000n)))).to.equal("ok");
    });

    it("given the same tick again, when its key is the same, it should get its receipt and buy nothing", async () => {
      const chain = await channel.chain();
      const first = await f.payee.acceptTick(chain.tick(1), { charge });
      const again = await f.payee.acceptTick(chain.tick(1), { charge });
      expect(again).to.deep.include({ ok: true, replayed: true });
      expect(again.ok && again.charge).to.deep.equal(first.ok && first.charge);
      const fresh = await f.payee.acceptTick(chain.tick(1), { charge: { amount: 3n, idempotencyKey: "another" } });
      expect(codeOf(fresh)).to.equal("insufficient-balance");
      const record = await stored();
      expect([record.authorized, record.spent]).to.deep.equal([3n, 3n]);
    });

    it("given ticks that arrive in another order, when each has its own key, each should be sold once, on the credit of the newest", async () => {
      const chain = await channel.chain();
      for (const ticks of [3, 1, 2])
        expect(codeOf(await f.payee.acceptTick(chain.tick(ticks), { charge }))).to.equal("ok");
      const { authorized, spent, ticks } = await stored();
      expect([authorized, spent, ticks?.ticks]).to.deep.equal([9n, 9n, 3]);
    });

    it("given fifty copies of one tick at once, when they are accepted, one should be new", async () => {
      const chain = await channel.chain();
      const answers = await Promise.all(
        Array.from({ length: 50 }, () => f.payee.acceptTick(chain.tick(1), { charge })),
      );
      expect(answers.filter((answer) => answer.ok && !answer.replayed).length).to.equal(1);
      expect((await stored()).spent).to.equal(3n);
    });

    it("given a newer voucher, when a tick of the chain before it comes, it should be refused with its offer and without, and buy nothing", async () => {
      const chain = await channel.chain();
      await f.payee.acceptTick(chain.tick(2));
      await f.payee.accept(await channel.voucher(20n));
      const anchored = await stored();
      expect([anchored.ticks, anchored.signature]).to.deep.equal([undefined, (await channel.voucher(20n)).signature]);
      expect(codeOf(await f.payee.acceptTick(chain.tick(3, true), { charge }))).to.equal("tick-root-unknown");
      expect(codeOf(await f.payee.acceptTick(chain.tick(3), { charge }))).to.equal("tick-root-retired");
      expect(codeOf(await f.payee.acceptTick(chain.tick(60), { charge }))).to.equal("tick-root-retired");
      expect(await stored()).to.deep.equal(anchored);
    });

    it("given a voucher over exactly what ticks owe, when it comes, it should take their place; a lower one should not", async () => {
      const chain = await channel.chain();
      await f.payee.acceptTick(chain.tick(2));
      await f.payee.accept(await channel.voucher(5n));
      expect((await stored()).ticks?.ticks).to.equal(2);
      await f.payee.accept(await channel.voucher(6n));
      const record = await stored();
      expect([record.authorized, record.ticks, record.signature]).to.deep.equal([
        6n,
        undefined,
        (await channel.voucher(6n)).signature,
      ]);
      expect(codeOf(await f.payee.acceptTick(chain.tick(3)))).to.equal("tick-root-retired");
    });

    it("given a voucher that was accepted, when its copy comes after a chain was signed on top of it, the chain should stay", async () => {
      await f.payee.accept(await channel.voucher(20n));
      const chain = await channel.chain({ base: 20n });
      await f.payee.acceptTick(chain.tick(1));
      expect((await stored()).signature, "a signature over less than is owed").to.equal(undefined);
      await f.payee.accept(await channel.voucher(20n));
      expect(codeOf(await f.payee.acceptTick(chain.tick(2, true)))).to.equal("ok");
      expect((await stored()).authorized).to.equal(26n);
    });

    it("given a second chain, when it is signed on top of what is owed, it should replace the first, which is then refused", async () => {
      const [first, second] = [await channel.chain(), await channel.chain({ base: 6n, tickValue: 5n })];
      await f.payee.acceptTick(first.tick(2));
      expect(codeOf(await f.payee.acceptTick(second.tick(1)))).to.equal("ok");
      expect((await stored()).authorized).to.equal(11n);
      expect(codeOf(await f.payee.acceptTick(first.tick(3)))).to.equal("tick-root-retired");
      expect(codeOf(await f.payee.acceptTick(first.tick(3, true)))).to.equal("tick-root-unknown");
    });

    it("given one root signed twice, when the second offer is below what is owed, it should be refused: the maximum counts, never a sum", async () => {
      const chain = await channel.chain();
      await f.payee.acceptTick(chain.tick(2));
      const dearer = { channelId: channel.id, cumulativeAmount: 5n, tickRoot: chain.root, tickValue: 50n };
      const { signature } = await signTickVoucher(channel.payer, dearer, escrow);
      const offer = { cumulativeAmount: 5n, tickValue: 50n, signature };
      expect(codeOf(await f.payee.acceptTick({ ...chain.tick(3), offer }))).to.equal("tick-root-retired");
      expect((await stored()).authorized).to.equal(6n);
    });

    describe("from a hostile payer", () => {
      async function refused(
        tick: (chain: Awaited<ReturnType<TickedChannel["chain"]>>) => TickPayment | Promise<TickPayment>,
      ) {
        const chain = await channel.chain();
        await f.payee.acceptTick(chain.tick(2), { charge });
        const before = await stored();
        const answer = await f.payee.acceptTick(await tick(chain), { charge: { ...charge, idempotencyKey: "theft" } });
        expect(await stored()).to.deep.equal(before);
        expect(answer.ok).to.equal(false);
        return codeOf(answer);
      }

      it("a wrong link should be refused, whatever place it claims", async () => {
        const wrong = createTicks({ length: 1 }).root;
        for (const ticks of [1, 2, 3, 100])
          expect(await refused((chain) => ({ ...chain.tick(ticks), link: wrong }))).to.equal("tick-mismatch");
      });

      it("a right link that claims to be more ticks, or fewer, should be refused", async () => {
        expect(await refused((chain) => ({ ...chain.tick(3), ticks: 4 }))).to.equal("tick-mismatch");
        expect(await refused((chain) => ({ ...chain.tick(3), ticks: 2 }))).to.equal("tick-mismatch");
        expect(await refused((chain) => ({ ...chain.tick(1), ticks: 3 }))).to.equal("tick-mismatch");
      });

      it("the root itself should be no tick", async () => {
        expect(await refused((chain) => ({ ...chain.tick(1), ticks: 1, link: chain.root }))).to.equal("tick-mismatch");
        expect(await refused((chain) => ({ ...chain.tick(1), ticks: 0, link: chain.root }))).to.equal("malformed");
      });

      it("a tick of another channel's chain should be refused, with that channel's offer and without", async () => {
        const other = await tickedChannel(f);
        const theirs = await other.chain();
        await f.payee.acceptTick(theirs.tick(5));
        const moved = (bare: boolean) => ({ ...theirs.tick(5, bare), channelId: channel.id });
        expect(await refused(() => moved(false))).to.equal("signer-mismatch");
        expect(await refused(() => moved(true))).to.equal("tick-root-unknown");
        expect(await refused((chain) => ({ ...chain.tick(3), link: theirs.link(3) }))).to.equal("tick-mismatch");
      });

      it("an offer that another key, domain or value signed should be refused before its hashes", async () => {
        const chain = await channel.chain();
        const offer = { channelId: channel.id, cumulativeAmount: 6n, tickRoot: chain.root, tickValue: 3n };
        const foreign = await signTickVoucher(newAccount(), offer, escrow);
        expect(await refused(() => ({ ...chain.tick(1), offer: foreign }))).to.equal("signer-mismatch");
        const elsewhere = await signTickVoucher(channel.payer, offer, { ...escrow, chainId: 1 });
        expect(await refused(() => ({ ...chain.tick(1), offer: elsewhere }))).to.equal("signer-mismatch");
        const own = await signTickVoucher(channel.payer, offer, escrow);
        const dearer = { ...own, tickValue: 4n };
        expect(await refused(() => ({ ...chain.tick(1), offer: dearer }))).to.equal("signer-mismatch");
        const voucher = await voucherOf(channel.id, channel.payer).voucher(6n);
        const mixed = { ...own, signature: voucher.signature };
        expect(await refused(() => ({ ...chain.tick(1), offer: mixed }))).to.equal("signer-mismatch");
      });

      it("a tick beyond the 65,535th should be refused, and one that claims the chain is longer than it is", async () => {
        expect(await refused((chain) => ({ ...chain.tick(3), ticks: 65_536 }))).to.equal("tick-mismatch");
        expect(await refused((chain) => ({ ...chain.tick(100), ticks: 101 }))).to.equal("tick-mismatch");
      });

      it("malformed ticks should be refused without a look-up", async () => {
        const bad: Partial<Record<keyof TickPayment, unknown>>[] = [
          { ticks: 1.5 },
          { ticks: -1 },
          { ticks: "3" },
          { ticks: Number.NaN },
          { link: "0x12" },
          { link: undefined },
          { tickRoot: `0x${"zz".repeat(32)}` },
          { channelId: 7 },
          { offer: null },
          { offer: { cumulativeAmount: 6n, tickValue: 0n, signature: `0x${"12".repeat(64)}1b` } },
          { offer: { cumulativeAmount: -1n, tickValue: 1n, signature: `0x${"12".repeat(64)}1b` } },
          { offer: { cumulativeAmount: 6n, tickValue: 1n, signature: "0x12" } },
        ];
        for (const change of bad)
          expect(await refused((chain) => ({ ...chain.tick(3), ...change }) as TickPayment)).to.equal("malformed");
        expect(codeOf(await f.payee.acceptTick(undefined as never))).to.equal("malformed");
        const chain = await channel.chain();
        const wrong = await f.payee.acceptTick(chain.tick(1), { charge: { amount: 0n } });
        expect(codeOf(wrong)).to.equal("malformed");
      });

      it("a tick whose sum no deposit can hold should be refused before its signature is looked at", async () => {
        const before = f.verifier.calls;
        const chain = await channel.chain({ base: 2n ** 104n - 1n, tickValue: 1n });
        expect(codeOf(await f.payee.acceptTick(chain.tick(1)))).to.equal("amount-exceeds-deposit");
        const wide = await channel.chain({ base: 0n, tickValue: 2n ** 128n - 1n });
        expect(codeOf(await f.payee.acceptTick(wide.tick(1)))).to.equal("amount-exceeds-deposit");
        expect(f.verifier.calls).to.equal(before);
      });

      it("a tick on a channel that is not known should be refused", async () => {
        const stranger = { ...(await channel.chain()).tick(1), channelId: `0x${"ab".repeat(32)}` as Hex };
        expect(codeOf(await f.payee.acceptTick(stranger))).to.equal("channel-not-found");
      });
    });

    it("given a deposit that covers ten ticks, when the eleventh comes, it should be refused until a top-up is confirmed", async () => {
      const small = await tickedChannel(f, 30n);
      const chain = await small.chain();
      expect(codeOf(await f.payee.acceptTick(chain.tick(10)))).to.equal("ok");
      expect(codeOf(await f.payee.acceptTick(chain.tick(11)))).to.equal("amount-exceeds-deposit");
      f.chain.set(small.id, { deposit: 33n });
      expect(codeOf(await f.payee.acceptTick(chain.tick(11)))).to.equal("ok");
    });

    it("given a close request, when a tick comes, it should be refused", async () => {
      const chain = await channel.chain();
      await f.payee.acceptTick(chain.tick(1));
      f.chain.set(channel.id, { closeRequestedAt: f.chain.timestamp });
      f.clock.now += 60_000;
      expect(codeOf(await f.payee.acceptTick(chain.tick(2)))).to.equal("close-pending");
    });

    it("given ticks that owe the most, when a consent to close is asked for, it should want a voucher; with one it should be over it", async () => {
      const chain = await channel.chain();
      await f.payee.acceptTick(chain.tick(4));
      const without = await f.payee.authorizeClose(channel.id);
      expect(codeOf(without)).to.equal("unavailable");
      expect((without as Refusal).detail).to.include("settle the ticks first");
      f.chain.set(channel.id, { settled: 12n });
      const settled = await f.payee.authorizeClose(channel.id);
      expect(settled.ok && settled.record.closeAuthorization).to.deep.include({
        cumulativeAmount: 12n,
        voucherSignature: "0x",
      });
    });

    it("given a store that is down, when a tick comes, nothing should be sold, and the same tick be good once it is back", async () => {
      const chain = await channel.chain();
      await f.payee.acceptTick(chain.tick(1), { charge });
      const update = store.update.bind(store);
      store.update = () => Promise.reject(new Error("disk full"));
      expect(codeOf(await f.payee.acceptTick(chain.tick(2), { charge }))).to.equal("unavailable");
      store.update = update;
      const answer = await f.payee.acceptTick(chain.tick(2), { charge });
      expect(answer).to.deep.include({ ok: true, replayed: false });
      expect((await stored()).spent).to.equal(6n);
    });
  });
}

describe("payee.acceptTick under terms", () => {
  it("given a limit to what a channel may owe, when a tick would break it, it should be refused until the channel was settled", async () => {
    const f = await fixture({ terms: { maxUnsettledPerChannel: 9n } });
    const channel = await tickedChannel(f);
    const chain = await channel.chain();
    expect(codeOf(await f.payee.acceptTick(chain.tick(3)))).to.equal("ok");
    expect(codeOf(await f.payee.acceptTick(chain.tick(4)))).to.equal("exposure-limit");
    f.chain.set(channel.id, { settled: 9n });
    expect(codeOf(await f.payee.acceptTick(chain.tick(4)))).to.equal("ok");
  });

  it("given a least step, when a tick is smaller, it should be refused, and enough of them at once be taken", async () => {
    const f = await fixture({ terms: { minVoucherDelta: 6n } });
    const chain = await (await tickedChannel(f)).chain();
    expect(codeOf(await f.payee.acceptTick(chain.tick(1)))).to.equal("delta-too-small");
    expect(codeOf(await f.payee.acceptTick(chain.tick(2)))).to.equal("ok");
  });

  it("given a payee that keeps evidence, when a tick comes, it should be refused: nothing says what it is for", async () => {
    const f = await fixture({ payee: { evidence: () => undefined } });
    const chain = await (await tickedChannel(f)).chain();
    expect(codeOf(await f.payee.acceptTick(chain.tick(1)))).to.equal("malformed");
  });

  it("given an old store of which the chain is ahead, when that is accepted, its chain should be retired", async () => {
    const f = await fixture();
    const channel = await tickedChannel(f);
    const chain = await channel.chain();
    await f.payee.acceptTick(chain.tick(2));
    f.chain.set(channel.id, { settled: 30n });
    const payee = createPayee({ ...f.settings, acceptChainFor: [channel.id] });
    await payee.start();
    const record = await f.store.get(channel.id);
    expect([record?.authorized, record?.ticks]).to.deep.equal([30n, undefined]);
    expect(codeOf(await payee.acceptTick(chain.tick(3)))).to.equal("tick-root-retired");
  });
});

describe("payee.openTicks", () => {
  async function streaming(terms: Parameters<typeof fixture>[0] = {}, deposit = 1_000n) {
    const f = await fixture(terms);
    const channel = await tickedChannel(f, deposit);
    const chain = await channel.chain();
    await f.payee.acceptTick(chain.tick(1));
    const stream = await f.payee.openTicks(channel.id);
    if (!("accept" in stream)) throw new Error(stream.detail);
    const bytes = (ticks: number) => Uint8Array.from(Buffer.from(chain.link(ticks).slice(2), "hex"));
    return { f, channel, chain, stream, bytes };
  }

  it("given links in order, when they stream in, each should be taken once, and nothing be written before it is kept", async () => {
    const { f, channel, stream, bytes } = await streaming();
    const buffer = bytes(2);
    expect(stream.accept(buffer)).to.equal(undefined);
    buffer.fill(0);
    expect(stream.accept(bytes(3))).to.equal(undefined);
    expect([stream.ticks(), (await f.store.get(channel.id))?.authorized]).to.deep.equal([3, 3n]);
    const kept = await stream.keep({ charge: { amount: 6n, idempotencyKey: "chunk 1" } });
    expect(kept).to.deep.include({ ok: true, replayed: false });
    const record = await f.store.get(channel.id);
    expect([record?.authorized, record?.spent, record?.ticks?.ticks]).to.deep.equal([9n, 6n, 3]);
  });

  it("given a link that is not the next, when it streams in, it should be refused and change nothing", async () => {
    const { stream, bytes } = await streaming();
    for (const wrong of [bytes(1), bytes(3), new Uint8Array(32), new Uint8Array(31), bytes(2).subarray(0, 31)])
      expect(stream.accept(wrong)).to.have.property("code", "tick-mismatch");
    expect(stream.accept(bytes(2))).to.equal(undefined);
  });

  it("given a deposit or a limit, when ticks reach it, the next should be refused until it grew", async () => {
    const { f, channel, stream, bytes } = await streaming({}, 9n);
    expect([stream.accept(bytes(2)), stream.accept(bytes(3))]).to.deep.equal([undefined, undefined]);
    expect(stream.accept(bytes(4))).to.have.property("code", "amount-exceeds-deposit");
    f.chain.set(channel.id, { deposit: 12n });
    f.clock.now += 60_000;
    expect(codeOf(await stream.keep())).to.equal("ok");
    expect(stream.accept(bytes(4))).to.equal(undefined);

    const limited = await streaming({ terms: { maxUnsettledPerChannel: 6n } });
    expect(limited.stream.accept(limited.bytes(2))).to.equal(undefined);
    expect(limited.stream.accept(limited.bytes(3))).to.have.property("code", "amount-exceeds-deposit");
  });

  it("given a voucher that retires the chain, when the stream is kept, it should be refused and buy nothing", async () => {
    const { f, channel, stream, bytes } = await streaming();
    stream.accept(bytes(2));
    await f.payee.accept(await channel.voucher(20n));
    expect(codeOf(await stream.keep({ charge: { amount: 3n } }))).to.equal("tick-root-retired");
    expect((await f.store.get(channel.id))?.spent).to.equal(0n);
  });

  it("given a channel without an offer, or none at all, when a stream is opened, it should be refused", async () => {
    const f = await fixture();
    const { id } = await f.open();
    expect(await f.payee.openTicks(id)).to.have.property("code", "tick-root-unknown");
    expect(await f.payee.openTicks(`0x${"ab".repeat(32)}`)).to.have.property("code", "channel-not-found");
    expect(await f.payee.openTicks("0x12" as Hex)).to.have.property("code", "channel-not-found");
  });
});
