import { expect } from "chai";
import fc from "fast-check";
import { generatePrivateKey, privateKeyToAccount } from "viem/accounts";
import {
  type CollectorAnswer,
  DishonestCollectorError,
  GiftRefusedError,
  GiftUnresolvedError,
  parseLedger,
  type SignedGifts,
} from "../../../src/pool/index.ts";
import { type Gift, signAllocation } from "../../../src/protocol/allocation.ts";
import { channelId } from "../../../src/protocol/channel.ts";
import { gateDataHash } from "../../../src/protocol/donation.ts";
import { FarthingError } from "../../../src/protocol/errors.ts";
import { signVoucher } from "../../../src/protocol/voucher.ts";
import type { HeldAllocation } from "../../../src/protocol/wire/allocation.ts";
import { rejection } from "../payer/rejection.ts";
import { amountOf, contains } from "./collectorModel.ts";
import { escrow, pool } from "./fakeChain.ts";
import { type Answering, createWorld, type Device, donorKey, type World } from "./world.ts";
import "../../support/seed.ts";

const diverged = (held?: HeldAllocation): CollectorAnswer => ({
  type: "diverged",
  repeated: false,
  ...(held ? { held } : {}),
});
const refused: CollectorAnswer = { type: "refused", code: "gift-refused", detail: "No." };
const pairOf = ({ voucher, allocation }: SignedGifts): HeldAllocation => ({
  cumulativeAmount: voucher.cumulativeAmount,
  voucherSignature: voucher.signature,
  allocation,
});

/** One device and a collector that answers by a script, then honestly. The probe of a known channel is answered honestly. */
function scripted(script: Answering[]) {
  const seen: SignedGifts[] = [];
  let position = 0;
  const world = createWorld(1, {
    async answer(gifts, honest) {
      const isProbe = gifts.buildsOn === gifts.voucher.cumulativeAmount;
      if (isProbe) return honest(gifts);
      seen.push(gifts);
      const next = script[position++];
      return next ? next(gifts, honest) : honest(gifts);
    },
  });
  const device = world.device();
  const id = channelId(world.channel, escrow);
  return {
    world,
    device,
    id,
    seen,
    give: (projectId: bigint, amount: bigint) => world.run(device.giver.give(projectId, amount)),
    async mark() {
      return (await device.store.get(id))?.authorized ?? 0n;
    },
    async ledger() {
      return parseLedger((await device.store.get(id))?.evidence);
    },
  };
}

async function sign(
  key: `0x${string}`,
  id: `0x${string}`,
  gifts: Gift[],
  at = { escrow, pool },
): Promise<HeldAllocation> {
  const signer = privateKeyToAccount(key);
  const cumulativeAmount = gifts.reduce((sum, gift) => sum + gift.cumulativeAmount, 0n);
  const { signature: voucherSignature } = await signVoucher(signer, { channelId: id, cumulativeAmount }, at.escrow);
  const allocation = { channelId: id, cumulativeAmount, gateDataHash: gateDataHash("0x"), gifts };
  const { signature } = await signAllocation(signer, allocation, at.pool);
  return { cumulativeAmount, voucherSignature, allocation: { gateData: "0x", gifts, signature } };
}

const much: Gift[] = [{ projectId: 9n, cumulativeAmount: 5_000n }];

describe("a giver, given a hostile collector", () => {
  const lies: [condition: string, held: (id: `0x${string}`) => Promise<HeldAllocation>][] = [
    ["another signer's pair", (id) => sign(generatePrivateKey(), id, much)],
    ["the own signer's pair for another channel", () => sign(donorKey, `0x${"ab".repeat(32)}`, much)],
    [
      "the own signer's pair for another pool",
      (id) => sign(donorKey, id, much, { escrow, pool: { ...pool, address: escrow.address } }),
    ],
    [
      "the own signer's pair for another escrow",
      (id) => sign(donorKey, id, much, { escrow: { ...escrow, address: pool.address }, pool }),
    ],
    [
      "a voucher of the own signer with the allocation of another",
      async (id) => ({
        ...(await sign(donorKey, id, much)),
        allocation: (await sign(generatePrivateKey(), id, much)).allocation,
      }),
    ],
    [
      "an own pair whose list was changed",
      async (id) => {
        const pair = await sign(donorKey, id, much);
        return { ...pair, allocation: { ...pair.allocation, gifts: [{ projectId: 8n, cumulativeAmount: 5_000n }] } };
      },
    ],
    [
      "an own pair under other gate data",
      async (id) => {
        const pair = await sign(donorKey, id, much);
        return { ...pair, allocation: { ...pair.allocation, gateData: "0x01" } };
      },
    ],
  ];
  for (const [condition, held] of lies) {
    it(`that says it holds ${condition}, when given to, gets no more signed, and the gift stays pending`, async () => {
      const { give, mark, ledger, id, seen } = scripted([async () => diverged(await held(id))]);
      expect(await rejection(give(1n, 10n))).to.be.instanceOf(DishonestCollectorError);
      expect(await mark()).to.equal(10n);
      expect(seen).to.have.length(1);
      expect((await ledger()).pending?.wishes).to.have.length(1);
      expect((await ledger()).acknowledged).to.equal(undefined);
    });
  }

  it("that says it holds less than it acknowledged, when given to, is found out by the donor's own ledger", async () => {
    const first: HeldAllocation[] = [];
    const { give, mark, seen } = scripted([
      async (gifts, honest) => {
        first.push(pairOf(gifts));
        return honest(gifts);
      },
      (gifts, honest) => honest(gifts),
      async () => diverged(first[0]),
      async () => diverged(first[0]),
    ]);
    await give(1n, 10n);
    await give(2n, 10n);
    expect(await rejection(give(1n, 5n))).to.be.instanceOf(DishonestCollectorError);
    expect(await mark()).to.equal(25n);
    // It was offered the newest pair once more, which is all that it can have: nothing was signed for that.
    expect(seen.slice(2).map(({ buildsOn }) => buildsOn)).to.deep.equal([20n, 10n]);
    expect(seen[3]?.voucher).to.deep.equal(seen[2]?.voucher);
  });

  it("that took the gift and shows it as what it holds, when given to, does not get it a second time", async () => {
    const { give, mark, ledger, seen } = scripted([async (gifts) => diverged(pairOf(gifts))]);
    expect(await rejection(give(1n, 10n))).to.be.instanceOf(GiftUnresolvedError);
    expect(await mark()).to.equal(10n);
    expect(seen).to.have.length(1);
    expect(amountOf((await ledger()).acknowledged?.allocation.gifts ?? [], 1n)).to.equal(10n);
  });

  it("that took a gift, denied it and shows it at the next, when given to, has both gifts once", async () => {
    const denied: HeldAllocation[] = [];
    const { give, mark, ledger } = scripted([
      async (gifts) => {
        denied.push(pairOf(gifts));
        return refused;
      },
      async () => diverged(denied[0]),
      async (gifts) => ({
        type: "acknowledged",
        channelId: channelId(gifts.channel, escrow),
        cumulativeAmount: gifts.voucher.cumulativeAmount,
        amount: gifts.voucher.cumulativeAmount - gifts.buildsOn,
        at: 1,
      }),
    ]);
    expect(await rejection(give(1n, 10n))).to.be.instanceOf(GiftRefusedError);
    await give(2n, 4n);
    expect(await mark()).to.equal(14n);
    expect((await ledger()).acknowledged?.allocation.gifts).to.deep.equal([
      { projectId: 1n, cumulativeAmount: 10n },
      { projectId: 2n, cumulativeAmount: 4n },
    ]);
  });

  it("that took a batch, denied it and shows it when its gifts come alone, gets none of them twice", async () => {
    const denied: HeldAllocation[] = [];
    const { world, device, mark } = scripted([
      async (gifts) => {
        denied.push(pairOf(gifts));
        return refused;
      },
      async () => diverged(denied[0]),
      async () => diverged(denied[0]),
    ]);
    const both = [device.giver.give(1n, 10n), device.giver.give(2n, 4n)].map(rejection);
    const errors = await world.run(Promise.all(both));
    for (const error of errors) expect(error).to.be.instanceOf(GiftUnresolvedError);
    expect(await mark()).to.equal(14n);
  });

  it("that took a batch, denied it and shows it after the device was started again, gets none of its gifts twice", async () => {
    const taken: HeldAllocation[] = [];
    const world = createWorld(1, {
      async answer(gifts, honest) {
        const isProbe = gifts.buildsOn === gifts.voucher.cumulativeAmount;
        if (isProbe) return taken[0] ? diverged(taken[0]) : honest(gifts);
        taken.push(pairOf(gifts));
        return refused;
      },
    });
    const first = world.device();
    const id = channelId(world.channel, escrow);
    for (const gift of [first.giver.give(1n, 10n), first.giver.give(2n, 4n)]) gift.catch(() => undefined);
    const ledger = async () => parseLedger((await first.store.get(id))?.evidence);
    while (!(await ledger()).alone) {
      world.step();
      await world.settle();
    }
    first.crash();
    await world.run(world.device(first.store).giver.resume());
    expect((await first.store.get(id))?.authorized).to.equal(14n);
    expect((await ledger()).alone).to.equal(undefined);
    expect(world.givenUp.map(({ error }) => error)).to.satisfy((errors: unknown[]) =>
      errors.every((error) => error instanceof GiftUnresolvedError),
    );
    expect(world.givenUp).to.have.length(2);
    expect(taken).to.have.length(1);
  });

  it("that brings an earlier list of a batch on-chain while its gifts come alone, when given to, gets none of them twice", async () => {
    const taken: SignedGifts[] = [];
    const denies = async (gifts: SignedGifts) => {
      taken.push(gifts);
      return refused;
    };
    const { world, device, mark, id } = scripted([
      denies,
      // What it denied has the batch signed again.
      async (gifts) => {
        taken.push(gifts);
        return diverged(taken[0] && pairOf(taken[0]));
      },
      denies,
      async () => {
        world.chain.collect(id, taken[1]?.allocation.gifts ?? []);
        return diverged();
      },
    ]);
    expect(await rejection(world.run(device.giver.give(3n, 7n)))).to.be.instanceOf(GiftRefusedError);
    const both = [device.giver.give(1n, 8n), device.giver.give(2n, 5n)].map(rejection);
    for (const error of await world.run(Promise.all(both))) expect(error).to.be.instanceOf(GiftUnresolvedError);
    expect(await mark()).to.equal(20n);
  });

  it("that took a gift, brought it on-chain and denies it, when given to, does not get it a second time", async () => {
    const { world, give, mark, id } = scripted([
      async (gifts) => {
        world.chain.collect(id, gifts.allocation.gifts);
        return diverged();
      },
    ]);
    expect(await rejection(give(1n, 10n))).to.be.instanceOf(GiftUnresolvedError);
    expect(await mark()).to.equal(10n);
    await give(1n, 5n);
    expect(await mark()).to.equal(15n);
  });

  it("that says the allocation diverges and shows nothing, when given to, gets the same and no more", async () => {
    const { give, mark, seen } = scripted([async () => diverged(), async () => diverged()]);
    expect(await rejection(give(1n, 10n))).to.be.instanceOf(DishonestCollectorError);
    expect(await mark()).to.equal(10n);
    expect(seen).to.have.length(1);
  });

  const receipts: [condition: string, changes: object][] = [
    ["another key's receipt", { cumulativeAmount: 3n }],
    ["a receipt for more than was signed", { cumulativeAmount: 5_000n }],
    ["another channel's receipt", { channelId: `0x${"ab".repeat(32)}` }],
  ];
  for (const [condition, changes] of receipts) {
    it(`that hands out ${condition}, when given to, is not believed, and the gift is sent again later`, async () => {
      const { world, device, give, ledger } = scripted([
        async (gifts, honest) => ({ ...(await honest(gifts)), ...changes }) as CollectorAnswer,
      ]);
      expect(await rejection(give(1n, 10n))).to.be.instanceOf(DishonestCollectorError);
      expect((await ledger()).receipts).to.deep.equal([]);
      await world.run(device.giver.resume());
      expect((await ledger()).receipts).to.have.length(1);
      expect((await ledger()).pending).to.equal(undefined);
    });
  }

  it("that says it added less than the gift, when given to, leaves the gift unresolved and gets no more for it", async () => {
    const { give, mark, ledger } = scripted([
      async (gifts, honest) => ({ ...(await honest(gifts)), amount: 1n }) as CollectorAnswer,
    ]);
    expect(await rejection(give(1n, 10n))).to.be.instanceOf(GiftUnresolvedError);
    expect(await mark()).to.equal(10n);
    expect((await ledger()).receipts).to.deep.equal([]);
    await give(1n, 2n);
    expect(await mark()).to.equal(12n);
  });

  it("that refuses for ever, when given to again and again, is signed one gift's worth", async () => {
    const { give, mark } = scripted(Array.from({ length: 5 }, () => async () => refused));
    for (let times = 0; times < 5; times++) {
      expect(await rejection(give(1n, 10n))).to.be.instanceOf(GiftRefusedError);
    }
    expect(await mark()).to.equal(10n);
  });

  it("that says it closed the channel, when given to, is not given to on it any more than before", async () => {
    const { give, mark } = scripted([async () => ({ type: "refused", code: "channel-finalized", detail: "Closed." })]);
    const error = await rejection(give(1n, 10n));
    expect(error).to.be.instanceOf(GiftRefusedError);
    expect(error).to.have.property("reason", "channel-finalized");
    expect(await mark()).to.equal(10n);
  });

  it("that shows two devices of one donor each other's lists and denies both their own, has each gift signed once more at most", async () => {
    const shown: HeldAllocation[] = [];
    let waits = 0;
    const world = createWorld(3, {
      async answer(gifts) {
        if (gifts.voucher.cumulativeAmount === 0n) return diverged();
        const others = shown.findLast((pair) => pair.cumulativeAmount > gifts.voucher.cumulativeAmount);
        shown.push(pairOf(gifts));
        if (others) return diverged(others);
        return ++waits < 100 ? { type: "unanswered", reason: "it waits for the other device" } : refused;
      },
    });
    const id = channelId(world.channel, escrow);
    const devices = [world.device(), world.device()];
    const given = devices.map(({ giver }, index) => rejection(giver.give(1n, index === 0 ? 10n : 7n)));
    const errors = await world.run(Promise.all(given));
    for (const error of errors) expect(error).to.be.instanceOf(FarthingError);
    const marks = await Promise.all(devices.map(async ({ store }) => (await store.get(id))?.authorized ?? 0n));
    const most = marks.reduce((a, b) => (a > b ? a : b));
    expect(most > 17n && most <= 2n * 17n, `${most} signed and 17 asked for`).to.equal(true);
  });

  const gift = fc.tuple(fc.bigInt({ min: 1n, max: 3n }), fc.bigInt({ min: 1n, max: 9n }));
  const whatever = fc.record({
    seed: fc.nat(),
    gifts: fc.array(fc.array(gift, { minLength: 1, maxLength: 3 }), { minLength: 1, maxLength: 12 }),
    restarts: fc.array(fc.nat({ max: 12 }), { maxLength: 3 }),
  });
  const runs = Number(process.env.FARTHING_RUNS ?? 150);

  it("whatever it answers, to one device, gets no more signed than was asked for, and takes nothing back that it acknowledged", async function () {
    this.timeout(800 * runs);
    // A history replays in a second: told at once, it is worth more than a smaller one that never comes.
    await fc.assert(fc.asyncProperty(whatever, besiege(oneDevice)), { numRuns: runs, endOnFailure: true });
  });

  it("whatever it answers, to two tabs on one store, gets no more signed than was asked for", async function () {
    this.timeout(800 * runs);
    await fc.assert(fc.asyncProperty(whatever, besiege(twoTabs)), { numRuns: runs, endOnFailure: true });
  });

  it("whatever it answers, to two devices of one donor, has each gift signed once more at most", async function () {
    this.timeout(800 * runs);
    await fc.assert(fc.asyncProperty(whatever, besiege(twoDevices)), { numRuns: runs, endOnFailure: true });
  });
});

type History = {
  seed: number;
  /** Each list is asked for at once. */
  gifts: [projectId: bigint, amount: bigint][][];
  restarts: number[];
};

/** A collector that answers at random from all that it was ever shown. */
const oneDevice = (world: World) => [world.device()];
const twoDevices = (world: World) => [world.device(), world.device()];
const twoTabs = (world: World) => {
  const first = world.device();
  return [first, world.device(first.store)];
};

const besiege = (devicesOf: (world: World) => Device[]) => async (history: History) => {
  const { seed, gifts, restarts } = history;
  const shown: HeldAllocation[] = [];
  const world = createWorld(seed, {
    faults: 10,
    async answer(signed, honest) {
      shown.push(pairOf(signed));
      const any = shown[world.below(shown.length)];
      switch (world.below(8)) {
        case 0:
        case 1:
          return diverged(any);
        case 2:
          return diverged();
        case 3:
          return refused;
        case 4:
          // It took the gift, and what it took may come to the chain at any time.
          if (any && contains(any.allocation.gifts, world.chain.standing(id)))
            world.chain.collect(id, any.allocation.gifts);
          return world.below(2) === 0 ? refused : diverged(any);
        case 5:
          return {
            type: "acknowledged",
            channelId: id,
            cumulativeAmount: any?.cumulativeAmount ?? 0n,
            amount: signed.voucher.cumulativeAmount,
            at: 1,
          };
        default:
          return honest(signed);
      }
    },
  });
  const id = channelId(world.channel, escrow);
  const devices = devicesOf(world);
  const stores = new Set(devices.map(({ store }) => store)).size;
  let asked = 0n;
  const typed = (error: unknown) => expect(error).to.be.instanceOf(FarthingError);
  for (const [index, several] of gifts.entries()) {
    const given = Promise.all(
      several.map(([projectId, amount], nth) => {
        asked += amount;
        return devices[(index + nth) % devices.length]?.giver.give(projectId, amount).then(() => undefined, typed);
      }),
    );
    if (restarts.includes(index)) {
      await world.wait(world.below(30));
      for (const [nth, device] of devices.entries()) {
        device.crash();
        devices[nth] = world.device(device.store);
      }
    } else {
      await world.run(given);
    }
    for (const { store } of devices) {
      const mark = (await store.get(id))?.authorized ?? 0n;
      expect(mark <= BigInt(stores) * asked, `${mark} signed and ${asked} asked for`).to.equal(true);
    }
    const [first, second] = devices;
    if (!first || second) continue;
    const record = await first.store.get(id);
    const mark = record?.authorized ?? 0n;
    const { acknowledged, pending } = parseLedger(record?.evidence);
    const own = acknowledged?.allocation.gifts ?? [];
    for (const { projectId: to } of world.receipts.values()) {
      const receipts = [...world.receipts.values()].filter((receipt) => receipt.projectId === to);
      const sum = receipts.reduce((total, receipt) => total + receipt.amount, 0n);
      expect(amountOf(own, to) >= sum, `project ${to}: ${amountOf(own, to)} kept of ${sum} acknowledged`).to.equal(
        true,
      );
    }
    if (pending) expect(mark >= pending.pair.cumulativeAmount).to.equal(true);
  }
};
