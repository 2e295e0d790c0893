// Devices of one donor, a network that loses, and crashes, in an order that a number decides: the same number, the same history.
import { type Hex, numberToHex } from "viem";
import { privateKeyToAccount } from "viem/accounts";
import { createPayer } from "../../../src/payer/index.ts";
import type { GiftReceipt, Wish } from "../../../src/pool/index.ts";
import {
  type CollectorAnswer,
  type CollectorClient,
  createGiver,
  formatLedger,
  type Giver,
  parseLedger,
} from "../../../src/pool/index.ts";
import { broughtByDonor } from "../../../src/pool/ledger.ts";
import { channelId } from "../../../src/protocol/channel.ts";
import { memoryPayerStore } from "../../../src/store/index.ts";
import type { PayerStore } from "../../../src/store/payerStore.ts";
import { collectorModel, contains } from "./collectorModel.ts";
import { escrow, fakeChain, pool } from "./fakeChain.ts";

export const donorKey: Hex = numberToHex(7, { size: 32 });
export const deposit = 10_000n;

export type Device = {
  store: PayerStore;
  giver: Giver;
  /** Brings the newest pair that it signed on-chain by the donor's own wallet, as `Giver.collect` does, where the pool takes it. */
  bring(): Promise<void>;
  /** Takes the device's power away: nothing that it does has any effect any more. It starts again on its store. */
  crash(): void;
};

export type World = ReturnType<typeof createWorld>;

/** @param options.faults In percent, of requests lost and as many answers. */
export function createWorld(
  seed: number,
  options: { faults?: number; answer?: Answering; ignoresBase?: boolean } = {},
) {
  const dice = mulberry32(seed);
  const below = (count: number) => Math.floor(dice() * count);
  const chain = fakeChain();
  const account = privateKeyToAccount(donorKey);
  const channel = chain.open(account.address, deposit);
  const model = collectorModel(chain, options);
  const receipts = new Map<string, GiftReceipt>();
  const twice: string[] = [];
  const givenUp: { wish: Wish; error: unknown }[] = [];
  const events: (() => void)[] = [];
  let faults = options.faults ?? 0;
  let keys = 0;

  const keep = (receipt: GiftReceipt) => {
    if (receipts.has(receipt.id)) twice.push(receipt.id);
    receipts.set(receipt.id, receipt);
  };

  function device(store = memoryPayerStore()): Device {
    let isAlive = true;
    /** Waits for its turn; for ever once the power is gone. */
    const turn = () =>
      new Promise<void>((resolve) => {
        events.push(() => {
          if (isAlive) resolve();
        });
      });
    const guarded: PayerStore = {
      get: (id) => store.get(id),
      list: (query) => store.list(query),
      close: () => store.close(),
      async update(id, change) {
        await turn();
        const record = await store.update(id, change);
        await turn();
        return record;
      },
    };
    const collector: CollectorClient = {
      openings: async () => ["hash"],
      present: async () => undefined,
      async give(gifts): Promise<CollectorAnswer> {
        await turn();
        if (below(100) < faults) return { type: "unanswered", reason: "the request was lost" };
        const answer = await (options.answer ?? model.give)(gifts, model.give);
        await turn();
        return below(100) < faults ? { type: "unanswered", reason: "the answer was lost" } : answer;
      },
    };
    const payer = createPayer({ client: chain.client(donorKey) as never, signer: account, store: guarded, escrow });
    const giver = createGiver(payer, pool.address, {
      collector,
      idempotencyKey: () => `key-${++keys}`,
      sleep: turn,
      onReceipt: keep,
      onGivenUp: (wish, error) => givenUp.push({ wish, error }),
    });
    return {
      store,
      giver,
      async bring() {
        const id = channelId(channel, escrow);
        const { pending, acknowledged } = parseLedger((await store.get(id))?.evidence);
        const gifts = (pending?.pair ?? acknowledged)?.allocation.gifts;
        if (!gifts || !contains(gifts, chain.standing(id))) return;
        chain.collect(id, gifts);
        await store.update(id, (record) => {
          const after = record && pending && broughtByDonor(parseLedger(record.evidence), pending);
          return after && { ...record, evidence: formatLedger(after) };
        });
      },
      crash() {
        isAlive = false;
      },
    };
  }

  /** Lets everything run that waits for nothing but itself. */
  async function settle(): Promise<void> {
    for (let idle = 0; idle < 3; ) {
      const count = events.length;
      await new Promise((resolve) => setImmediate(resolve));
      idle = events.length === count ? idle + 1 : 0;
    }
  }

  return {
    chain,
    channel,
    model,
    receipts,
    twice,
    givenUp,
    below,
    device,
    settle,
    /** Everything goes on for so many turns, or until nothing waits for one. */
    async wait(turns: number): Promise<void> {
      await settle();
      for (let turn = 0; turn < turns && events.length > 0; turn++) {
        this.step();
        await settle();
      }
    },
    /** Lets one of those that wait go on. */
    step(): void {
      events.splice(below(events.length), 1)[0]?.();
    },
    /** Runs until a promise is done. */
    async run<result>(promise: Promise<result>): Promise<result> {
      let isDone = false;
      const done = () => {
        isDone = true;
      };
      promise.then(done, done);
      for (let steps = 0; !isDone; steps++) {
        await new Promise((resolve) => setImmediate(resolve));
        if (events.length > 0) this.step();
        else await settle();
        if (steps > 20_000) throw new Error("it does not end");
      }
      return promise;
    },
    repair(): void {
      faults = 0;
    },
  };
}

/** What a collector answers that is not the model; it may ask the model. */
export type Answering = (
  gifts: Parameters<CollectorClient["give"]>[0],
  honest: CollectorClient["give"],
) => Promise<CollectorAnswer>;

/** Numbers in [0, 1). Source: Tommy Ettinger's mulberry32, public domain. */
function mulberry32(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}
