import type { Hex } from "viem";
import { FarthingError } from "../protocol/errors.ts";
import { type SignedVoucher, signVoucher } from "../protocol/voucher.ts";
import type { PayerRecord } from "../store/payerStore.ts";
import type { PayerContext } from "./context.ts";
import { checkBudget, dayOf } from "./policy.ts";

/**
 * What is to be kept with a voucher, made when the voucher is known and before either is durable. May be asked again, for
 * another voucher, when somebody else wrote to the store meanwhile.
 * @param kept The evidence that it replaces.
 */
export type Evidence = (voucher: SignedVoucher, kept: string | undefined) => Promise<string>;

export type Signing = {
  context: PayerContext;
  id: Hex;
  /** Reads the chain again, once, when the deposit known here does not cover the voucher. */
  refresh: () => Promise<unknown>;
  evidence?: Evidence | undefined;
};

/**
 * Signs the own last mark plus `amount` and persists it: the signature leaves only once it is durable, and a mark is
 * never raised without its signature.
 */
export async function signNext(signing: Signing, amount: bigint): Promise<SignedVoucher> {
  if (amount < 0n) throw new InvalidPaymentError(amount);
  return sign(signing, ({ authorized }) => authorized + amount);
}

/** As {@link signNext}, over exactly this amount. At or below the own mark nothing new is given away, and no cap is asked. */
export async function signUpTo(signing: Signing, cumulativeAmount: bigint): Promise<SignedVoucher> {
  if (cumulativeAmount < 0n) throw new InvalidPaymentError(cumulativeAmount);
  return sign(signing, () => cumulativeAmount);
}

function sign(
  { context, id, refresh, evidence }: Signing,
  amountOf: (record: PayerRecord) => bigint,
): Promise<SignedVoucher> {
  return context.signing(async () => {
    let fresh = false;
    for (;;) {
      const record = await payable(context, id);
      const cumulativeAmount = amountOf(record);
      const raise = cumulativeAmount > record.authorized ? cumulativeAmount - record.authorized : 0n;
      if (raise > 0n && cumulativeAmount > record.deposit) {
        if (fresh) throw new DepositExhaustedError(record.deposit, cumulativeAmount);
        await refresh();
        fresh = true;
        continue;
      }
      const now = context.clock();
      if (raise > 0n) await checkBudget(context.policy, context.store, record, raise, now);
      const voucher = await signVoucher(context.signer, { channelId: id, cumulativeAmount }, record.escrow);
      const kept = evidence ? { evidence: await evidence(voucher, record.evidence) } : {};
      if (await keep(context, record, { ...marked(record, voucher, raise, now), ...kept })) return voucher;
    }
  });
}

/** The record with a voucher on it: the newest mark keeps its own signature, and a raise counts for its day. */
function marked(record: PayerRecord, voucher: SignedVoucher, raise: bigint, now: number): PayerRecord {
  const { cumulativeAmount: authorized, signature } = voucher;
  if (authorized < record.authorized) return record;
  const { ticks: _retired, ...rest } = record;
  if (raise === 0n) return { ...rest, signature };
  return { ...rest, authorized, signature, spentToday: spentOn(record, raise, now) };
}

/** What is spent on the day of `now` with `raise` more. */
export function spentOn({ spentToday }: PayerRecord, raise: bigint, now: number): PayerRecord["spentToday"] {
  const day = dayOf(now);
  return { day, amount: (spentToday.day === day ? spentToday.amount : 0n) + raise };
}

/** The voucher over the own mark; signed now if it never was. Whoever is shown it refuses the ticks below it from then on. */
export function signLatest(context: PayerContext, id: Hex): Promise<SignedVoucher> {
  return context.signing(async () => {
    for (;;) {
      const record = await context.store.get(id);
      if (!record) throw new ChannelLeavingError(id, "unknown");
      const { authorized: cumulativeAmount, signature } = record;
      if (signature) return { channelId: id, cumulativeAmount, signature };
      const voucher = await signVoucher(context.signer, { channelId: id, cumulativeAmount }, record.escrow);
      const { ticks: _retired, ...rest } = record;
      if (await keep(context, record, { ...rest, signature: voucher.signature })) return voucher;
    }
  });
}

/** Writes only if nobody else (another tab or process on the same store) moved mark or evidence meanwhile. */
export async function keep(context: PayerContext, before: PayerRecord, after: PayerRecord): Promise<boolean> {
  let won = false;
  await context.store.update(before.id, (record) => {
    won =
      record?.authorized === before.authorized &&
      record.ticks?.tickRoot === before.ticks?.tickRoot &&
      record.status === before.status &&
      record.evidence === before.evidence;
    if (!won || !record) return record;
    const { signature: _before, ticks: _were, ...rest } = record;
    const { authorized, signature, ticks, evidence, spentToday } = after;
    const proof = { ...(signature && { signature }), ...(ticks && { ticks }) };
    return { ...rest, authorized, spentToday, ...proof, ...(evidence && { evidence }) };
  });
  return won;
}

/** @throws {@link ChannelLeavingError} for a channel on which nothing more is signed. */
export async function payable(context: PayerContext, id: Hex): Promise<PayerRecord> {
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
