import type { Address, Hash, Hex } from "viem";
import { getRoundEscrow, getRoundTerms } from "../chain/pool/reads.ts";
import type { PayerChannel } from "../payer/channel.ts";
import { NoChannelError } from "../payer/opening.ts";
import type { Payer } from "../payer/payer.ts";
import type { Gift } from "../protocol/allocation.ts";
import { maxDeposit } from "../protocol/channel.ts";
import { FarthingError } from "../protocol/errors.ts";
import type { CollectorClient } from "./collectorClient.ts";
import { createCourier } from "./courier.ts";
import { type Entered, type EnterOptions, enter, find, findAny } from "./enter.ts";
import { type Estimate, estimate } from "./estimate.ts";
import { createLane, type Lane } from "./lane.ts";
import type { GiftReceipt, Wish } from "./ledger.ts";
import { bringOnChain, takeBack } from "./withoutCollector.ts";

export type GiverOptions = {
  /** Over HTTP, `collectorClient` of `farthing/collector/client`. */
  collector: CollectorClient;
  /** What the round's gate asks for, under which the gifts count; `0x`, unless told, gives without matching. */
  gateData?: Hex;
  /** Lets a channel be opened on the first gift, with this deposit. Base units; `validFor` in seconds. */
  open?: { deposit: bigint; validFor?: bigint };
  /** Adds so much, and at least what is missing, where the deposit does not cover a gift. Base units. */
  topUp?: { amount: bigint };
  /** The least gift that the collector takes, base units: 1 unless told. */
  leastGift?: bigint;
  /** The block of the round's making, where its events begin: 0 unless told. */
  fromBlock?: bigint;
  /**
   * Told of every gift that was acknowledged, after it was written down: keep receipts where you keep accounts. One that was written
   * just before the program ended is not told again: it is among {@link Given.receipts}.
   */
  onReceipt?: (receipt: GiftReceipt) => void | Promise<void>;
  /** Told of every gift that was signed and is not given, those of an earlier giver too, for which nobody waits any more. */
  onGivenUp?: (wish: Wish, error: unknown) => void;
  /** Told why a batch is sent again: the collector cannot be reached, or is not ready. */
  onWaiting?: (reason: string) => void;
  /** A new idempotency key; a random UUID unless told. */
  idempotencyKey?: () => string;
  sleep?: (milliseconds: number, signal: AbortSignal) => Promise<void>;
};

/** What a donor has given through this channel. Base units, cumulative. */
export type Given = {
  channelId: Hex;
  /** In the newest allocation that the collector acknowledged. */
  acknowledged: readonly Gift[];
  /** Signed, and not answered yet. */
  pending: readonly Wish[];
  /** On the chain; what was refunded is under project 0. */
  collected: readonly Gift[];
  /** The newest receipts, oldest first, at most 256. */
  receipts: readonly GiftReceipt[];
};

/** A donor's side of one round: one channel, any number of projects. */
export type Giver = {
  /**
   * Gives, and resolves with the receipt once the collector has taken it. Gifts that are asked for meanwhile go together, each
   * with its receipt. A signed gift is sent, the very same, until there is a definite answer, by the next giver on the same
   * store if need be.
   * @param amount Base units.
   * @throws {@link GiftRefusedError}, {@link GiftUnresolvedError}, {@link DishonestCollectorError}, {@link GiverStoppedError}; what
   * opening and signing throw.
   */
  give(projectId: bigint, amount: bigint): Promise<GiftReceipt>;
  /** Sends what an earlier giver on the same store left unanswered; resolves when everything is answered. */
  resume(): Promise<void>;
  /** What was given. Undefined where there is no channel. */
  gifts(): Promise<Given | undefined>;
  /** What a gift would be worth to its project. */
  estimate(projectId: bigint, amount: bigint): Promise<Estimate>;
  /** The channel, for topping up and for leaving; one that was left where there is no open one. None is opened. */
  channel(): Promise<PayerChannel | undefined>;
  /** Brings the newest own pair of signatures on-chain by the donor's own wallet, while the round takes gifts. */
  collect(): Promise<Hash>;
  /** Takes back, by the donor's own wallet, what the pool has of the channel and attributed to no project. */
  refund(): Promise<Hash>;
  /** Sends nothing more. What is signed and unanswered is kept for the next giver. */
  stop(): void;
};

/**
 * @param pool The round's donation pool.
 * @example
 * const giver = createGiver(payer, pool, { collector, gateData, open: { deposit: 5_000_000n } });
 * await giver.give(7n, 10_000n); // 0.01 of a token with 6 decimals to project 7
 */
export function createGiver(payer: Payer, pool: Address, options: GiverOptions): Giver {
  const { collector, gateData = "0x", open, topUp, leastGift = 1n, fromBlock, onReceipt } = options;
  const { idempotencyKey: newKey = () => crypto.randomUUID(), sleep = sleepFor } = options;
  const at: { address: Address; chainId: number } = {
    address: pool.toLowerCase() as Address,
    chainId: payer.escrow.chainId,
  };
  let round: Promise<EnterOptions> | undefined;

  const courier = createCourier({
    collector,
    pool: at,
    leastGift,
    newKey,
    sleep,
    onReceipt,
    onGivenUp: options.onGivenUp,
    onWaiting: options.onWaiting,
    async enter(mayOpen): Promise<Lane | undefined> {
      const entered = mayOpen ? await enter(payer, await way()) : await existing(await way());
      return entered && laneOf(entered);
    },
  });

  /** Read once: a round's terms never change. */
  function way(): Promise<EnterOptions> {
    round ??= readRound().catch((error: unknown) => {
      round = undefined;
      throw error;
    });
    return round;
  }

  async function readRound(): Promise<EnterOptions> {
    const escrow = await getRoundEscrow(payer.client, at);
    if (escrow.toLowerCase() !== payer.escrow.address) throw new ForeignRoundError(payer.escrow.address, escrow);
    const { token } = await getRoundTerms(payer.client, at);
    return { pool: at.address, token: token.toLowerCase() as Address, collector, open, fromBlock };
  }

  /** None is opened, unless one was begun and something waits on it. */
  async function existing(by: EnterOptions): Promise<Entered | undefined> {
    const found = await find(payer, by);
    if (found.open) return { channel: found.open, known: true };
    return found.unfinished?.evidence !== undefined && by.open ? enter(payer, by) : undefined;
  }

  /** The channel that gifts go through, or went through before it was left. */
  async function leavable(): Promise<Lane | undefined> {
    const lane = await courier.lane();
    if (lane) return lane;
    const channel = await findAny(payer, await way());
    return channel && laneOf({ channel, known: true });
  }

  async function channelLane(): Promise<Lane> {
    const lane = await leavable();
    if (!lane) throw new NoChannelError();
    return lane;
  }

  const laneOf = (entered: Entered) => createLane(entered, { payer, pool: at, collector, gateData, topUp, fromBlock });

  return {
    async give(projectId, amount) {
      if (projectId < 1n || amount < 1n || amount > maxDeposit) throw new InvalidGiftError(projectId, amount);
      return courier.ask({ id: newKey(), projectId, amount });
    },
    resume: () => courier.run(),
    async gifts() {
      const lane = await leavable();
      if (!lane) return undefined;
      const { acknowledged, pending, alone, receipts } = await lane.ledger();
      return {
        channelId: lane.channel.id,
        acknowledged: acknowledged?.allocation.gifts ?? [],
        pending: [...(pending?.wishes ?? []), ...(alone?.wishes ?? [])],
        collected: await lane.refreshLine(),
        receipts,
      };
    },
    async estimate(projectId, amount) {
      const lane = await courier.lane();
      const acknowledged = lane ? ((await lane.ledger()).acknowledged?.allocation.gifts ?? []) : [];
      const own = { acknowledged, collected: lane ? await lane.refreshLine() : [] };
      return estimate(payer, at, { projectId, amount, gateData, ...own });
    },
    channel: async () => (await leavable())?.channel,
    collect: async () => bringOnChain(payer, at, await channelLane()),
    refund: async () => takeBack(payer, at, await channelLane()),
    stop: () => courier.stop(),
  };
}

function sleepFor(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(done, milliseconds);
    function done(): void {
      clearTimeout(timer);
      signal.removeEventListener("abort", done);
      resolve();
    }
    signal.addEventListener("abort", done);
  });
}

/** A gift to nobody or of nothing. */
export class InvalidGiftError extends FarthingError {
  override readonly name = "InvalidGiftError";
  constructor(projectId: bigint, amount: bigint) {
    super(
      "invalid-gift",
      `${amount} base units for project ${projectId} cannot be given: projects start at 1, and a gift is above 0 and within 104 bits.`,
    );
  }
}

/** The round settles through another escrow than the payer's. */
export class ForeignRoundError extends FarthingError {
  override readonly name = "ForeignRoundError";
  constructor(own: Address, round: Address) {
    super(
      "foreign-round",
      `The round collects channels of escrow ${round}, and this payer's escrow is ${own}. Nothing was signed.`,
    );
  }
}
