import type { Hash, Hex } from "viem";
import type { PayerChannel } from "../payer/channel.ts";
import { NoChannelError, type Opening, openBy } from "../payer/opening.ts";
import type { Payer } from "../payer/payer.ts";
import { BudgetExceededError } from "../payer/policy.ts";
import { DepositExhaustedError } from "../payer/sign.ts";
import type { PaidTick } from "../payer/tick.ts";
import { FarthingError, type Receipt, type SignedVoucher } from "../protocol/index.ts";
import type { Pin } from "./pin.ts";

export type LaneOptions = {
  pin: Pin;
  budget: { perRequest: bigint; total?: bigint };
  open?: { deposit: bigint; validFor?: bigint };
  topUp?: { amount: bigint };
  /** Pays by ticks of `value` base units whatever is a multiple of it, on a server that takes them; by vouchers unless given. */
  ticks?: { value: bigint; length?: number };
};

/** The one channel that a client pays one payee through, and what was signed on it for which price. */
export function createLane(payer: Payer, options: LaneOptions) {
  const { pin, budget } = options;
  /** Signed and, as far as is known, not charged: the next price is taken from it before anything new is signed. */
  let credit = 0n;
  let signed = 0n;
  let inFlight = 0;
  /** Whether two requests were in flight at once since none was: their receipts may arrive in another order than they were made. */
  let overlapped = false;
  let stopped: FarthingError | undefined;
  let { ticks } = options;
  /** The root of which the server has taken a tick: it needs no offer any more. */
  let knownRoot: Hex | undefined;
  let current: Promise<PayerChannel> | undefined;

  function assertAllowed(price: bigint): void {
    if (stopped) throw stopped;
    if (price > budget.perRequest) throw new BudgetExceededError("perRequest", budget.perRequest, 0n, price);
  }

  /** What covers `price` beyond what is owed for the rest: the own last mark plus the price, less the credit. */
  async function sign(channel: PayerChannel, price: bigint, byVoucher: boolean): Promise<SignedVoucher | PaidTick> {
    assertAllowed(price);
    const used = credit < price ? credit : price;
    const need = price - used;
    const { total } = budget;
    if (total !== undefined && signed + need > total) throw new BudgetExceededError("total", total, signed, need);
    credit -= used;
    signed += need;
    try {
      if (need === 0n) return await (byVoucher ? channel.latest() : channel.proof());
      const count = byVoucher ? undefined : ticksOf(need);
      return await (count && ticks
        ? channel.tick(ticks.value, { ticks: count, length: ticks.length })
        : channel.pay(need));
    } catch (error) {
      credit += used;
      signed -= need;
      throw error;
    }
  }

  /** How many ticks an amount is; undefined where it is none, or more than servers hash at once. */
  function ticksOf(amount: bigint): number | undefined {
    if (!ticks || amount % ticks.value !== 0n) return undefined;
    const count = amount / ticks.value;
    return count <= mostAtOnce ? Number(count) : undefined;
  }

  /** A channel to pay `price` through: the one in use, one of the payer's store, or a new one. */
  async function enter(price: bigint, types: readonly string[]): Promise<{ channel: PayerChannel; opening?: Opening }> {
    assertAllowed(price);
    while (current) {
      const channel = await current.catch(() => undefined);
      if (channel) return { channel };
    }
    let settle: { resolve: (channel: PayerChannel) => void; reject: (error: unknown) => void } | undefined;
    const entering = new Promise<PayerChannel>((resolve, reject) => {
      settle = { resolve, reject };
    });
    entering.catch(() => undefined);
    current = entering;
    pending = { resolve: (channel) => settle?.resolve(channel), reject: (error) => settle?.reject(error) };
    try {
      const found = await find(price);
      if (found && (await found.state()).status === "open") {
        presented(found);
        return { channel: found };
      }
      return await open(types, found?.channel.salt);
    } catch (error) {
      failed(error);
      throw error;
    }
  }

  let pending: { resolve: (channel: PayerChannel) => void; reject: (error: unknown) => void } | undefined;

  /** The server knows the channel: whoever waits may pay. */
  function presented(channel: PayerChannel): void {
    pending?.resolve(channel);
    pending = undefined;
  }

  /** Opening came to nothing: the next who needs a channel tries again. */
  function failed(error: unknown): void {
    if (!pending) return;
    current = undefined;
    pending.reject(error);
    pending = undefined;
  }

  async function find(price: bigint): Promise<PayerChannel | undefined> {
    const records = await payer.list({ payee: pin.payee, token: pin.token });
    const usable = records.filter(({ status, deposit, authorized }) => {
      return (status === "open" && (deposit - authorized >= price || options.topUp)) || status === "opening";
    });
    usable.sort((a, b) => Number(a.status === "opening") - Number(b.status === "opening"));
    return usable[0] && payer.resume(usable[0].id);
  }

  /** @param salt Of an open that was journalled and perhaps never happened: repeated, it is the same channel. */
  async function open(
    types: readonly string[],
    salt: Hex | undefined,
  ): Promise<{ channel: PayerChannel; opening: Opening }> {
    if (!options.open) throw new NoChannelError();
    const { deposit, validFor } = options.open;
    const request = { payee: pin.payee, token: pin.token, deposit, validFor, ...(salt ? { salt } : {}) };
    return openBy(payer, types, request);
  }

  return {
    assertAllowed,
    enter,
    presented,
    failed,
    /**
     * Pays `price`, by a voucher where the channel is still to be opened; where the deposit does not cover it and the options allow, tops up and lets `present` tell the server.
     */
    async order(
      channel: PayerChannel,
      price: bigint,
      present: (topUp: { hash: Hash; added: bigint }) => Promise<void>,
      byVoucher = false,
    ) {
      try {
        return await sign(channel, price, byVoucher);
      } catch (error) {
        if (!(error instanceof DepositExhaustedError) || !options.topUp || !(await payer.canSend())) throw error;
        const { amount } = options.topUp;
        const added = amount > error.topUp ? amount : error.topUp;
        const { hash } = await channel.topUp(added);
        await present({ hash, added });
        return sign(channel, price, byVoucher);
      }
    },
    /** Whether the server holds the offer that a proof stands on. */
    isKnownRoot: (proof: SignedVoucher | PaidTick): boolean => "tickRoot" in proof && proof.tickRoot === knownRoot,
    /** The server has taken what was shown. */
    taken(proof: SignedVoucher | PaidTick): void {
      if ("tickRoot" in proof) knownRoot = proof.tickRoot;
    },
    /** The server takes no ticks: it is paid by vouchers from now on. */
    withoutTicks(): void {
      ticks = undefined;
    },
    began(): void {
      overlapped = inFlight > 0;
      inFlight += 1;
    },
    ended(): void {
      inFlight -= 1;
    },
    /** The server refused: what was signed buys the next request. */
    refund(price: bigint): void {
      credit += price;
    },
    /**
     * Compares a receipt with the own marks. With nothing else in flight from its beginning, what it leaves unspent is credit: a server that
     * understates it only refuses later, and is believed no further than the own mark.
     * @throws {@link DishonestServerError} after it stopped the channel: nothing more is signed on it.
     */
    async check(channel: PayerChannel, receipt: Receipt): Promise<void> {
      const mark = await channel.mark();
      const lie = lieOf(receipt, channel.id, pin.chainId, mark, mark - credit);
      if (!lie) {
        if (inFlight === 1 && !overlapped) credit = mark - receipt.spent;
        return;
      }
      stopped = new DishonestServerError(lie);
      await channel.conclude();
      if (await payer.canSend()) await channel.requestClose();
      throw stopped;
    },
    /** The channel in use, if any. */
    channel: (): Promise<PayerChannel> | undefined => current,
    forget(): void {
      current = undefined;
      credit = 0n;
    },
  };
}

/** What a payee of this library hashes for one request. */
const mostAtOnce = 1_024n;

function lieOf(receipt: Receipt, id: Hex, chainId: number, mark: bigint, agreed: bigint): string | undefined {
  if (receipt.channelId !== id) return "its receipt is for another channel";
  if (receipt.chainId !== chainId) return "its receipt is for another chain";
  if (receipt.acceptedCumulative > mark)
    return `it claims a voucher of ${receipt.acceptedCumulative} and ${mark} was signed`;
  if (receipt.spent > agreed) return `it claims that ${receipt.spent} was spent and ${agreed} was agreed`;
  return undefined;
}

/** The server's receipt contradicts what was signed. The channel was stopped, and a close requested where there was gas for it. */
export class DishonestServerError extends FarthingError {
  override readonly name = "DishonestServerError";
  constructor(lie: string) {
    super(
      "dishonest-server",
      `The server is not honest: ${lie}. Nothing more is signed on this channel; its close is under way or yours to request.`,
    );
  }
}
