import type { Hex } from "viem";
import { FarthingError } from "../protocol/errors.ts";
import { type SignedVoucher, signVoucher } from "../protocol/voucher.ts";
import type { PayerRecord } from "../store/payerStore.ts";
import type { PayerContext } from "./context.ts";
import { checkBudget, dayOf } from "./policy.ts";

/**
 * Signs the own last mark plus `amount` and persists it: the signature leaves only once it is durable, and a mark is
 * never raised without its signature.
 * @param refresh Reads the chain again, once, when the deposit known here does not cover the payment.
 */
export async function signNext(
  context: PayerContext,
  id: Hex,
  amount: bigint,
  refresh: () => Promise<unknown>,
): Promise<SignedVoucher> {
  if (amount < 0n) throw new InvalidPaymentError(amount);
  return context.signing(async () => {
    let fresh = false;
    for (;;) {
      const record = await payable(context, id);
      const cumulativeAmount = record.authorized + amount;
      if (cumulativeAmount > record.deposit) {
        if (fresh) throw new DepositExhaustedError(record.deposit, cumulativeAmount);
        await refresh();
        fresh = true;
        continue;
      }
      const now = context.clock();
      await checkBudget(context.policy, context.store, record, amount, now);
      const voucher = await signVoucher(context.signer, { channelId: id, cumulativeAmount }, record.escrow);
      const day = dayOf(now);
      const spentBefore = record.spentToday.day === day ? record.spentToday.amount : 0n;
      const spentToday = { day, amount: spentBefore + amount };
      if (await keep(context, record, voucher, spentToday)) return voucher;
    }
  });
}

/** The voucher over the own mark; signed now if it never was. */
export function signLatest(context: PayerContext, id: Hex): Promise<SignedVoucher> {
  return context.signing(async () => {
    for (;;) {
      const record = await context.store.get(id);
      if (!record) throw new ChannelLeavingError(id, "unknown");
      const { authorized: cumulativeAmount, signature } = record;
      if (signature) return { channelId: id, cumulativeAmount, signature };
      const voucher = await signVoucher(context.signer, { channelId: id, cumulativeAmount }, record.escrow);
      if (await keep(context, record, voucher, record.spentToday)) return voucher;
    }
  });
}

/** Writes only if nobody else (another tab or process on the same store) moved the mark meanwhile. */
async function keep(
  context: PayerContext,
  before: PayerRecord,
  voucher: SignedVoucher,
  spentToday: PayerRecord["spentToday"],
): Promise<boolean> {
  let won = false;
  await context.store.update(before.id, (record) => {
    won = record?.authorized === before.authorized && record.status === before.status;
    if (!won || !record) return record;
    return { ...record, authorized: voucher.cumulativeAmount, signature: voucher.signature, spentToday };
  });
  return won;
}

async function payable(context: PayerContext, id: Hex): Promise<PayerRecord> {
  const record = await context.store.get(id);
  if (!record || record.status === "closing" || record.status === "closed") {
    throw new ChannelLeavingError(id, record?.status ?? "unknown");
  }
  return record;
}

/** The deposit does not cover the payment. Nothing was signed. */
export class DepositExhaustedError extends FarthingError {
  override readonly name = "DepositExhaustedError";
  readonly deposit: bigint;
  /** The least that a top-up must add, base units. */
  readonly topUp: bigint;
  constructor(deposit: bigint, cumulativeAmount: bigint) {
    const topUp = cumulativeAmount - deposit;
    super(
      "deposit-exhausted",
      `The deposit of ${deposit} base units does not cover ${cumulativeAmount}; top up by at least ${topUp}. Nothing was signed.`,
    );
    this.deposit = deposit;
    this.topUp = topUp;
  }
}

/** The channel is being closed, is closed, or is not in the payer's store. Nothing was signed. */
export class ChannelLeavingError extends FarthingError {
  override readonly name = "ChannelLeavingError";
  constructor(id: Hex, status: string) {
    super("channel-leaving", `Channel ${id} is ${status}: nothing more is signed on it; open another one.`);
  }
}

/** An amount that cannot be paid. */
export class InvalidPaymentError extends FarthingError {
  override readonly name = "InvalidPaymentError";
  constructor(amount: bigint) {
    super("invalid-payment", `${amount} base units cannot be paid; give a positive amount within 104 bits.`);
  }
}
