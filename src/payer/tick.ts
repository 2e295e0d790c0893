import type { Hex } from "viem";
import { FarthingError } from "../protocol/errors.ts";
import { maxTicks, owedByTicks, signTickVoucher, type TickOffer, type TickPayment } from "../protocol/tick.ts";
import { createTicks, type TickChain } from "../protocol/tickChain.ts";
import type { OfferedTicks, PayerRecord } from "../store/payerStore.ts";
import type { PayerContext } from "./context.ts";
import { checkBudget } from "./policy.ts";
import { DepositExhaustedError, InvalidPaymentError, keep, payable, type Signing, spentOn } from "./sign.ts";

/** A payment by ticks, with the offer that it stands on; whoever holds the offer already needs only the rest. */
export type PaidTick = TickPayment & {
  offer: TickOffer;
  /** All that is owed on the channel with it, base units. */
  cumulativeAmount: bigint;
};

export type TickOptions = {
  /** How many ticks to pay at once; 1 unless told. */
  ticks?: number | undefined;
  /** Ticks of a new chain: a settlement hashes those that were paid. 4,096 unless told, and no more than the deposit covers. */
  length?: number | undefined;
};

/**
 * Pays by revealing the next links of the channel's hash chain; makes a chain and signs its root where there is none, or it is
 * exhausted, retired or of another value. How far it is revealed is durable before a link leaves, and so is a new root.
 * @param tickValue Base units a tick.
 */
export function payTicks(signing: Signing, tickValue: bigint, options: TickOptions): Promise<PaidTick> {
  const { context, id, refresh } = signing;
  const { ticks = 1, length = usualLength } = options;
  if (tickValue <= 0n) throw new InvalidPaymentError(tickValue);
  for (const count of [ticks, length]) {
    if (!Number.isInteger(count) || count < 1 || count > maxTicks) throw new InvalidTickCountError(count);
  }
  const raise = BigInt(ticks) * tickValue;
  return context.signing(async () => {
    let fresh = false;
    for (;;) {
      const record = await payable(context, id);
      const authorized = record.authorized + raise;
      if (authorized > record.deposit) {
        if (fresh) throw new DepositExhaustedError(record.deposit, authorized);
        await refresh();
        fresh = true;
        continue;
      }
      const now = context.clock();
      await checkBudget(context.policy, context.store, record, raise, now);
      const { chain, offered } = resumed(context, record, tickValue, ticks) ?? (await begun(signing, record));
      const paid = { ...offered, ticks: offered.ticks + ticks };
      const { signature: _overtaken, ...rest } = record;
      const after = { ...rest, authorized, ticks: paid, spentToday: spentOn(record, raise, now) };
      if (!(await keep(context, record, after))) continue;
      context.chains.set(id, chain);
      return paymentOf(record.id, paid, chain);
    }
  });

  async function begun({ context: { signer, random } }: Signing, record: PayerRecord) {
    const covered = (record.deposit - record.authorized) / tickValue;
    const most = covered < BigInt(length) ? Number(covered) : length;
    const chain = createTicks({ length: Math.max(most, ticks), random });
    const { channelId: _, ...offer } = await signTickVoucher(
      signer,
      { channelId: id, cumulativeAmount: record.authorized, tickRoot: chain.root, tickValue },
      record.escrow,
    );
    return { chain, offered: { ...offer, secret: chain.secret, length: chain.length, ticks: 0 } };
  }
}

/** The newest tick once more, where the own mark is owed by ticks. Gives nothing new away. */
export async function lastTick(context: PayerContext, id: Hex): Promise<PaidTick | undefined> {
  const record = await context.store.get(id);
  if (!record?.ticks || owedByTicks(record.ticks, record.ticks.ticks) !== record.authorized) return undefined;
  const chain = chainOf(context, record.id, record.ticks);
  return chain && paymentOf(record.id, record.ticks, chain);
}

/** The chain in use, if it can pay these ticks and the own mark stands on it. */
function resumed(context: PayerContext, record: PayerRecord, tickValue: bigint, ticks: number) {
  const { ticks: offered, authorized } = record;
  if (!offered || offered.tickValue !== tickValue || offered.ticks + ticks > offered.length) return undefined;
  if (owedByTicks(offered, offered.ticks) !== authorized) return undefined;
  const chain = chainOf(context, record.id, offered);
  return chain && { chain, offered };
}

/** The chain of an offer, with the checkpoints of this process; undefined where the kept secret does not lead to the root. */
function chainOf(context: PayerContext, id: Hex, { secret, length, tickRoot }: OfferedTicks): TickChain | undefined {
  const known = context.chains.get(id);
  if (known?.root === tickRoot) return known;
  const chain = createTicks({ length, secret });
  if (chain.root !== tickRoot) return undefined;
  context.chains.set(id, chain);
  return chain;
}

function paymentOf(channelId: Hex, offered: OfferedTicks, chain: TickChain): PaidTick {
  const { cumulativeAmount, tickRoot, tickValue, signature, ticks } = offered;
  return {
    channelId,
    tickRoot,
    ticks,
    link: chain.link(ticks),
    offer: { cumulativeAmount, tickValue, signature },
    cumulativeAmount: owedByTicks(offered, ticks),
  };
}

/** Settling them takes 370,000 gas at most. */
const usualLength = 4_096;

/** So many ticks cannot be paid at once, or by one chain. */
export class InvalidTickCountError extends FarthingError {
  override readonly name = "InvalidTickCountError";
  constructor(count: number) {
    super("invalid-tick-count", `${count} ticks cannot be paid; give a whole number from 1 to ${maxTicks}.`);
  }
}
