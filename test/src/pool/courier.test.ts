import { expect } from "chai";
import { privateKeyToAccount } from "viem/accounts";
import { createPayer, NoChannelError } from "../../../src/payer/index.ts";
import {
  type CollectorAnswer,
  type CollectorClient,
  createGiver,
  type GiftReceipt,
  GiftUnresolvedError,
  GiverStoppedError,
  parseLedger,
  type SignedGifts,
} from "../../../src/pool/index.ts";
import { createLane } from "../../../src/pool/lane.ts";
import { channelId } from "../../../src/protocol/channel.ts";
import { memoryPayerStore } from "../../../src/store/index.ts";
import type { PayerStore } from "../../../src/store/payerStore.ts";
import { gifts } from "../../support/roundStage.ts";
import { rejection } from "../payer/rejection.ts";
import { amountOf, collectorModel } from "./collectorModel.ts";
import { escrow, fakeChain, pool } from "./fakeChain.ts";
import { type Answering, createWorld, donorKey } from "./world.ts";

const isProbe = ({ voucher, buildsOn }: SignedGifts) => voucher.cumulativeAmount === buildsOn;

describe("carrying gifts to a collector", () => {
  function watched(answer: Answering = (signed, honest) => honest(signed)) {
    const seen: SignedGifts[] = [];
    const world = createWorld(5, {
      answer(signed, honest) {
        seen.push(signed);
        return answer(signed, honest);
      },
    });
    return { seen, world, id: channelId(world.channel, escrow) };
  }

  it("given an honest collector, when gifts follow one another, each is one request that names what it builds on", async () => {
    const { seen, world } = watched();
    const { giver } = world.device();
    for (const amount of [10n, 5n, 1n]) await world.run(giver.give(1n, amount));
    expect(seen.map(isProbe)).to.deep.equal([true, false, false, false]);
    expect(seen.slice(1).map(({ voucher, buildsOn }) => [buildsOn, voucher.cumulativeAmount])).to.deep.equal([
      [0n, 10n],
      [10n, 15n],
      [15n, 16n],
    ]);
  });

  it("given gifts that are asked for while one is on its way, when it is answered, they go together", async () => {
    const { seen, world } = watched();
    const { giver } = world.device();
    const first = giver.give(1n, 10n);
    await world.settle();
    while (seen.length < 2) {
      world.step();
      await world.settle();
    }
    const more = [giver.give(2n, 3n), giver.give(1n, 4n), giver.give(2n, 1n)];
    await world.run(Promise.all([first, ...more]));
    expect(seen.slice(1).map(({ allocation }) => allocation.gifts)).to.deep.equal([
      gifts([1n, 10n]),
      gifts([1n, 14n], [2n, 4n]),
    ]);
    expect(new Set(seen.map(({ key }) => key)).size).to.equal(3);
  });

  it("given a channel that was used before, when the collector does not answer at first, nothing is signed until it says what it holds", async () => {
    let silences = 3;
    const { seen, world, id } = watched(async (signed, honest): Promise<CollectorAnswer> => {
      silences -= 1;
      return silences >= 0 ? { type: "unanswered", reason: "not yet" } : honest(signed);
    });
    const device = world.device();
    await world.run(device.giver.give(1n, 10n));
    expect(seen.map(isProbe)).to.deep.equal([true, true, true, true, false]);
    expect((await device.store.get(id))?.authorized).to.equal(10n);
  });

  it("given a line that the chain changed while no giver ran, when one starts, its first list contains it at once", async () => {
    const { seen, world, id } = watched();
    world.chain.collect(id, gifts([0n, 2n], [3n, 7n]));
    await world.run(world.device().giver.give(1n, 10n));
    const sent = seen.filter((signed) => !isProbe(signed));
    expect(sent.map(({ allocation }) => allocation.gifts)).to.deep.equal([gifts([0n, 2n], [1n, 10n], [3n, 7n])]);
  });

  it("given a lost answer, when it is sent again, it is the very same to the last byte", async () => {
    let lost = 0;
    const { seen, world } = watched(async (signed, honest): Promise<CollectorAnswer> => {
      const answer = await honest(signed);
      return isProbe(signed) || ++lost > 4 ? answer : { type: "unanswered", reason: "lost" };
    });
    const device = world.device();
    const receipt = world.run(device.giver.give(1n, 10n));
    expect((await receipt).amount).to.equal(10n);
    const sent = seen.filter((signed) => !isProbe(signed));
    expect(sent).to.have.length(5);
    for (const one of sent) expect(one).to.deep.equal(sent[0]);
  });

  it("given a batch of which one is refused, when it crashes anywhere on the way, the others are given and nothing twice", async () => {
    for (let turns = 1; turns < 60; turns++) {
      const { world, id } = watched();
      world.model.closedProjects.add(2n);
      const device = world.device();
      for (const projectId of [1n, 2n, 3n]) device.giver.give(projectId, 10n).catch(() => undefined);
      await world.settle();
      for (let turn = 0; turn < turns; turn++) {
        world.step();
        await world.settle();
      }
      const wasSigned = (await device.store.get(id))?.evidence !== undefined;
      device.crash();
      const again = world.device(device.store);
      await world.run(again.giver.resume());
      const list = world.model.held(id)?.allocation.gifts ?? [];
      // Gifts that were never signed are gone with the process; those of a signed batch are not.
      expect(list, `after ${turns} turns`).to.deep.equal(wasSigned ? gifts([1n, 10n], [3n, 10n]) : []);
      expect(world.twice).to.deep.equal([]);
      const receipts = (await world.run(again.giver.gifts()))?.receipts ?? [];
      expect(receipts.map(({ projectId }) => projectId)).to.deep.equal(wasSigned ? [1n, 3n] : []);
    }
  });

  it("given two tabs on one store, when both give at once, every gift is acknowledged and there once", async () => {
    for (let round = 0; round < 10; round++) {
      const world = createWorld(round);
      const first = world.device();
      const second = world.device(first.store);
      const asked = Array.from({ length: 6 }, (_, n) => (n % 2 ? first : second).giver.give(BigInt(1 + (n % 3)), 5n));
      await world.run(Promise.all(asked));
      const id = channelId(world.channel, escrow);
      const list = world.model.held(id)?.allocation.gifts ?? [];
      expect([1n, 2n, 3n].map((projectId) => amountOf(list, projectId))).to.deep.equal([10n, 10n, 10n]);
      expect((await first.store.get(id))?.authorized).to.equal(30n);
      expect((await world.run(first.giver.gifts()))?.receipts).to.have.length(6);
      expect(world.receipts.size).to.equal(6);
      expect(world.twice).to.deep.equal([]);
    }
  });

  it("given a giver that is stopped, when asked, it takes no gift and leaves what was signed for the next", async () => {
    const { world, id } = watched(
      async (signed, honest): Promise<CollectorAnswer> =>
        isProbe(signed) ? honest(signed) : { type: "unanswered", reason: "lost" },
    );
    const device = world.device();
    const waiting = rejection(device.giver.give(1n, 10n));
    const store: PayerStore = device.store;
    for (let turn = 0; turn < 40; turn++) {
      await world.settle();
      world.step();
    }
    device.giver.stop();
    expect(await world.run(waiting)).to.be.instanceOf(GiverStoppedError);
    expect(await rejection(device.giver.give(1n, 10n))).to.be.instanceOf(GiverStoppedError);
    expect((await store.get(id))?.authorized).to.equal(10n);
    expect((await world.run(world.device(store).giver.gifts()))?.pending).to.have.length(1);
  });

  it("given a tab whose answer another tab heard, when it looks again, its gift has that receipt", async () => {
    const chain = fakeChain();
    const account = privateKeyToAccount(donorKey);
    const id = channelId(chain.open(account.address, 1_000n), escrow);
    const model = collectorModel(chain);
    const store = memoryPayerStore();
    const payer = createPayer({ client: chain.client(donorKey) as never, signer: account, store, escrow });
    const deaf: CollectorClient["give"] = async (signed) =>
      isProbe(signed) ? model.give(signed) : { type: "unanswered", reason: "lost" };
    const common = { openings: async () => ["hash"], present: async () => undefined };
    const slept: (() => void)[] = [];
    const sleep = () => new Promise<void>((resolve) => slept.push(resolve));
    const first = createGiver(payer, pool.address, { collector: { ...common, give: deaf }, sleep });
    const second = createGiver(payer, pool.address, { collector: { ...common, give: model.give } });
    const receipt = first.give(1n, 10n);
    while (slept.length === 0) await new Promise((resolve) => setImmediate(resolve));
    await second.resume();
    for (const wake of slept) wake();
    expect(await receipt).to.include({ channelId: id, projectId: 1n, amount: 10n, cumulativeAmount: 10n });
  });

  /** Two tabs of one browser, the first of which has its request under way until it may go on, and another device. */
  function lateTab(answer: (signed: SignedGifts, honest: CollectorClient["give"]) => Promise<CollectorAnswer>) {
    const chain = fakeChain();
    const account = privateKeyToAccount(donorKey);
    const id = channelId(chain.open(account.address, 1_000n), escrow);
    const model = collectorModel(chain);
    const told: GiftReceipt[] = [];
    const onReceipt = (receipt: GiftReceipt) => {
      told.push(receipt);
    };
    let goOn = () => {};
    let isSent = false;
    const late: CollectorClient["give"] = async (signed) => {
      if (isProbe(signed)) return model.give(signed);
      isSent = true;
      await new Promise<void>((resolve) => {
        goOn = resolve;
      });
      return model.give(signed);
    };
    const giverOn = (store: PayerStore, give: CollectorClient["give"]) => {
      const payer = createPayer({ client: chain.client(donorKey) as never, signer: account, store, escrow });
      const collector = { openings: async () => ["hash"], present: async () => undefined, give };
      return createGiver(payer, pool.address, { collector, onReceipt });
    };
    const store = memoryPayerStore();
    return {
      id,
      told,
      first: giverOn(store, late),
      second: giverOn(store, (signed) => (isProbe(signed) ? model.give(signed) : answer(signed, model.give))),
      other: giverOn(memoryPayerStore(), model.give),
      async sent(): Promise<void> {
        while (!isSent) await new Promise((resolve) => setImmediate(resolve));
      },
      goOn: () => goOn(),
    };
  }

  it("given a tab whose request is late, when another tab had the gift signed again meanwhile, it has that receipt", async () => {
    const { id, told, first, second, other, sent, goOn } = lateTab((signed, honest) => honest(signed));
    const receipt = first.give(1n, 10n);
    await sent();
    await other.give(2n, 7n);
    await second.resume();
    goOn();
    expect(await receipt).to.include({ channelId: id, projectId: 1n, amount: 10n, cumulativeAmount: 17n });
    expect(told).to.have.length(2);
  });

  it("given a tab whose request is late, when another tab was refused the gift and it is taken after all, it has a receipt", async () => {
    const { id, told, first, second, sent, goOn } = lateTab(async () => ({
      type: "refused",
      code: "gift-refused",
      detail: "Not now.",
    }));
    const both = [first.give(1n, 10n), first.give(2n, 4n)];
    await sent();
    await second.resume();
    expect(told).to.deep.equal([]);
    goOn();
    const receipts = await Promise.all(both);
    expect(receipts.map(({ amount, cumulativeAmount }) => [amount, cumulativeAmount])).to.deep.equal([
      [10n, 14n],
      [4n, 14n],
    ]);
    expect(told).to.deep.equal(receipts);
    const given = await first.gifts();
    expect(given).to.deep.include({ channelId: id, pending: [], receipts });
    expect(given?.acknowledged).to.deep.equal(gifts([1n, 10n], [2n, 4n]));
  });

  /** A device whose gift of 5 the donor brought on-chain, signed again since because another device's 7 came first. */
  async function broughtAndSignedAgain(isUnderWay = false) {
    let answer: Answering | undefined;
    const { world, id } = watched(async (signed, honest): Promise<CollectorAnswer> => {
      if (signed.key !== "key-1") return honest(signed);
      const once = answer;
      answer = undefined;
      return once ? once(signed, honest) : { type: "unanswered", reason: "lost" };
    });
    const [device, other] = [world.device(), world.device()];
    const receipt = device.giver.give(1n, 5n);
    const ledger = async () => parseLedger((await device.store.get(id))?.evidence);
    const signed = async (count: number) => {
      while (((await ledger()).pending?.attempts.length ?? 0) < count) {
        world.step();
        await world.settle();
      }
    };
    await signed(1);
    await world.run(other.giver.give(2n, 7n));
    if (!isUnderWay) await device.bring();
    answer = async (gifts, honest) => {
      const heard = await honest(gifts);
      if (isUnderWay) await device.bring();
      return heard;
    };
    await signed(2);
    const hear = (next: Answering) => {
      answer = next;
      return world.run(receipt);
    };
    const mark = async () => (await device.store.get(id))?.authorized;
    return { world, id, other, ledger, mark, hear };
  }

  it("given a gift that the donor brought on-chain, when others keep coming first, it is signed for once", async () => {
    const { world, id, other, hear, mark } = await broughtAndSignedAgain();
    // It builds on what the chain has by now, the gift among it.
    await world.run(other.giver.give(1n, 1n));
    const receipt = await hear((signed, honest) => honest(signed));
    expect(receipt).to.include({ projectId: 1n, amount: 5n, cumulativeAmount: 5n });
    expect(world.model.held(id)?.allocation.gifts).to.deep.equal(gifts([1n, 6n], [2n, 7n]));
    expect(await mark()).to.equal(13n);
  });

  it("given a gift that the donor brings on-chain while it is under way, when others keep coming first, it is signed for once", async () => {
    const { world, id, other, hear, mark } = await broughtAndSignedAgain(true);
    await world.run(other.giver.give(1n, 1n));
    await hear((signed, honest) => honest(signed));
    expect(world.model.held(id)?.allocation.gifts).to.deep.equal(gifts([1n, 6n], [2n, 7n]));
    expect(await mark()).to.equal(13n);
  });

  it("given a gift that the donor brought on-chain, when a newer list of it is refused, that list is not taken for accepted", async () => {
    const { hear, ledger, mark } = await broughtAndSignedAgain();
    const receipt = await hear(async () => ({ type: "refused", code: "round-closed", detail: "Too late." }));
    expect(receipt).to.include({ projectId: 1n, amount: 5n, cumulativeAmount: 5n });
    expect((await ledger()).acknowledged?.allocation.gifts).to.deep.equal(gifts([2n, 7n]));
    expect(await mark()).to.equal(12n);
  });

  it("given a newer pair that is known by now, when an older one is to be taken over, it is not", async () => {
    const chain = fakeChain();
    const account = privateKeyToAccount(donorKey);
    const channel = chain.open(account.address, 1_000n);
    const id = channelId(channel, escrow);
    const model = collectorModel(chain);
    const store = memoryPayerStore();
    const payer = createPayer({ client: chain.client(donorKey) as never, signer: account, store, escrow });
    const collector = { openings: async () => ["hash"], present: async () => undefined, give: model.give };
    const giver = createGiver(payer, pool.address, { collector });
    await giver.give(1n, 10n);
    const older = model.held(id);
    await giver.give(1n, 5n);
    const newer = model.held(id);
    if (!older || !newer) throw new Error("nothing is held");
    const entered = { channel: await payer.resume(id), known: true };
    const lane = await createLane(entered, { payer, pool, collector, gateData: "0x" });
    await lane.adopt(older);
    expect((await lane.ledger()).acknowledged?.cumulativeAmount).to.equal(15n);
    expect((await store.get(id))?.authorized).to.equal(15n);
  });

  it("given a channel that is left while its gift has to be signed again, when it gives, it is not held up by that gift", async () => {
    const store = memoryPayerStore();
    let isLeft = false;
    const { world, id } = watched(async (signed, honest) => {
      if (signed.voucher.cumulativeAmount === 6n) {
        isLeft = true;
        await store.update(id, (record) => record && { ...record, status: "closing" });
      }
      return honest(signed);
    });
    const first = world.device(store);
    await world.run(first.giver.give(1n, 1n));
    await world.run(world.device().giver.give(2n, 7n));
    expect(await world.run(rejection(first.giver.give(1n, 5n)))).to.be.instanceOf(GiftUnresolvedError);
    expect(isLeft).to.equal(true);
    expect(await world.run(rejection(first.giver.give(1n, 3n)))).to.be.instanceOf(NoChannelError);
    expect((await world.run(first.giver.gifts()))?.pending.map(({ amount }) => amount)).to.deep.equal([5n]);
  });
});
