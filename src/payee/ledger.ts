import type { Hex } from "viem";
import { keptCharges, keptUnder, withCharge } from "../store/charges.ts";
import type { ChannelRecord, Charge } from "../store/record.ts";
import { channelFinalized, closePending, refusal } from "./refusal.ts";
import type { FullTerms } from "./terms.ts";
import type { Acceptance, EvidenceRule, Refusal } from "./types.ts";

/** What one request wants written. Signatures were verified before. */
export type Entry = {
  voucher?: { cumulativeAmount: bigint; signature: Hex; evidence?: string };
  charge?: {
    key: string;
    /** The price, base units; `all` for what is left of what is authorized. */
    amount: bigint | "all";
    /** Unix milliseconds. */
    at: number;
  };
};

export type Posting = {
  /** What to store: the very same object when nothing changes. */
  record: ChannelRecord;
  result: Acceptance | Refusal;
};

/** What entries are held to. */
export type Rules = { terms: FullTerms; evidence?: EvidenceRule };

/**
 * Decides on one entry: pure, so that a store may run it again on whatever another request has written meanwhile. Keeps
 * `spent <= authorized <= deposit`, never lowers `authorized` or `spent`, and charges one key once.
 */
export function post(record: ChannelRecord, entry: Entry, rules: Rules): Posting {
  const { terms } = rules;
  const { voucher, charge } = entry;
  const kept = charge && keptUnder(charge.key, record.charges);
  const raises = voucher !== undefined && voucher.cumulativeAmount > record.authorized;
  // A key with evidence names one whole wish: asked again, whatever else has changed in it, it is a question for the receipt.
  if (kept && (!raises || voucher.evidence !== undefined))
    return { record, result: { ok: true, record, charge: kept, replayed: true } };

  const closed = closeFault(record);
  if (closed) return { record, result: closed };

  const fault =
    evidenceFault(record, voucher, rules.evidence) ??
    (raises
      ? voucherFault(record, voucher.cumulativeAmount, terms)
      : charge && exposureFault(record, record.authorized, terms));
  if (fault) return { record, result: fault };
  const raised = raises ? raise(record, voucher) : record;

  if (kept) return { record: raised, result: { ok: true, record: raised, charge: kept, replayed: true } };
  if (!charge) return { record: raised, result: { ok: true, record: raised, replayed: false } };

  if (voucher && !raises && isForgotten(record, voucher.cumulativeAmount)) return { record, result: forgotten };
  const left = raised.authorized - raised.spent;
  const { key, at } = charge;
  const amount = charge.amount === "all" ? left : charge.amount;
  const least = amount > 0n ? amount : 1n;
  if (least > left) return { record: raised, result: insufficient(raised, raised.spent + least) };

  const spent = raised.spent + amount;
  const made: Charge = { key, cumulativeAmount: voucher?.cumulativeAmount ?? raised.authorized, amount, spent, at };
  const charged = { ...raised, spent, charges: withCharge(raised.charges, made) };
  return { record: charged, result: { ok: true, record: charged, charge: made, replayed: false } };
}

/** The receipt that answers an entry whatever else has changed meanwhile, or undefined: what {@link post} would say, at a glance. */
export function keptReceipt(record: ChannelRecord, { voucher, charge }: Entry): Acceptance | undefined {
  const kept = charge && keptUnder(charge.key, record.charges);
  const raises =
    voucher !== undefined && voucher.evidence === undefined && voucher.cumulativeAmount > record.authorized;
  return kept && !raises ? { ok: true, record, charge: kept, replayed: true } : undefined;
}

/** Why nothing more is sold on this channel, or undefined. */
export function closeFault(record: ChannelRecord): Refusal | undefined {
  if (record.finalized) return channelFinalized;
  if (record.closeRequestedAt !== 0n || record.closeAuthorization) return closePending;
  // A request names its deposit: a top-up has voided one that names another.
  return record.closeRequest?.deposit === record.deposit ? closePending : undefined;
}

/** Whether a newer reading of the chain, a top-up or a settlement, could change the answer. */
export function dependsOnChain(record: ChannelRecord, entry: Entry, terms: FullTerms): boolean {
  const authorized = max(record.authorized, entry.voucher?.cumulativeAmount ?? 0n);
  return authorized > record.deposit || exposureFault(record, authorized, terms) !== undefined;
}

function evidenceFault(
  record: ChannelRecord,
  voucher: Entry["voucher"],
  rule: EvidenceRule | undefined,
): Refusal | undefined {
  if (!voucher || !rule) return undefined;
  const { cumulativeAmount, evidence } = voucher;
  if (evidence !== undefined) return rule(record, { cumulativeAmount, evidence });
  return cumulativeAmount > record.authorized ? withoutEvidence : undefined;
}

function voucherFault(record: ChannelRecord, cumulativeAmount: bigint, terms: FullTerms): Refusal | undefined {
  if (cumulativeAmount > record.deposit) {
    return refusal(
      "amount-exceeds-deposit",
      `The voucher is for ${cumulativeAmount}, the channel holds ${record.deposit} at the confirmation depth. Top it up, or wait for the top-up to be confirmed.`,
    );
  }
  const delta = cumulativeAmount - record.authorized;
  if (delta < terms.minVoucherDelta) {
    return refusal(
      "delta-too-small",
      `The voucher adds ${delta} to ${record.authorized}; this payee takes steps of ${terms.minVoucherDelta} or more.`,
      record.authorized + terms.minVoucherDelta,
    );
  }
  return exposureFault(record, cumulativeAmount, terms);
}

function exposureFault(record: ChannelRecord, authorized: bigint, terms: FullTerms): Refusal | undefined {
  const limit = terms.maxUnsettledPerChannel;
  if (limit === undefined || authorized - record.settled <= limit) return undefined;
  return refusal(
    "exposure-limit",
    `The channel would owe ${authorized - record.settled} unsettled; this payee holds at most ${limit}. Try again once it has settled.`,
  );
}

function raise(record: ChannelRecord, voucher: NonNullable<Entry["voucher"]>): ChannelRecord {
  const { cumulativeAmount: authorized, signature, evidence } = voucher;
  return { ...record, authorized, signature, ...(evidence === undefined ? {} : { evidence }) };
}

/** Once charges have been dropped, one at or below the lowest kept may have been among them. */
function isForgotten(record: ChannelRecord, cumulativeAmount: bigint): boolean {
  return (
    record.charges.length >= keptCharges && record.charges.every((kept) => cumulativeAmount <= kept.cumulativeAmount)
  );
}

function insufficient(record: ChannelRecord, required: bigint): Refusal {
  return refusal(
    "insufficient-balance",
    `This costs more than the ${record.authorized - record.spent} that is left of ${record.authorized} authorized: sign a voucher for ${required} or more.`,
    required,
  );
}

function max(a: bigint, b: bigint): bigint {
  return a > b ? a : b;
}

const withoutEvidence = refusal("malformed", "This payee takes no voucher without the evidence that belongs to it.");

const forgotten = refusal(
  "charge-forgotten",
  "This cumulative amount was paid long ago and its receipt is no longer kept. Sign a higher voucher for a new request.",
);
