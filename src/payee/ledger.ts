import type { Hex } from "viem";
import { isSameOffer, owedByTicks } from "../protocol/tick.ts";
import { keptCharges, keptUnder, withCharge } from "../store/charges.ts";
import type { ChannelRecord, Charge, Reservation, RevealedTicks } from "../store/record.ts";
import { channelFinalized, closePending, refusal } from "./refusal.ts";
import type { FullTerms } from "./terms.ts";
import type { Acceptance, EvidenceRule, Refusal } from "./types.ts";

/** What one request wants written: a voucher or a tick, a charge, or both. Signatures and hashes were verified before. */
export type Entry = {
  ticks?: RevealedTicks;
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
  const { voucher, ticks, charge } = entry;
  const offered = offeredBy(entry);
  const kept = charge && keptUnder(charge.key, record.charges);
  const raises = offered !== undefined && offered > record.authorized;
  // A key with evidence names one whole wish: asked again, whatever else has changed in it, it is a question for the receipt.
  if (kept && (!raises || voucher?.evidence !== undefined))
    return { record, result: { ok: true, record, charge: kept, replayed: true } };

  const closed = closeFault(record);
  if (closed) return { record, result: closed };

  const fault =
    evidenceFault(record, entry, rules.evidence) ??
    (ticks && ticksFault(record, ticks)) ??
    (raises ? voucherFault(record, offered, terms) : charge && exposureFault(record, record.authorized, terms));
  if (fault) return { record, result: fault };
  const raised = raises || isAnchor(record, voucher) ? raise(record, entry, offered ?? record.authorized) : record;

  if (kept) return { record: raised, result: { ok: true, record: raised, charge: kept, replayed: true } };
  if (!charge) return { record: raised, result: { ok: true, record: raised, replayed: false } };

  if (offered !== undefined && !raises && isForgotten(record, offered)) return { record, result: forgotten };
  const { key, at } = charge;
  const taken = raised.spent + heldBy(raised, at, key);
  const left = raised.authorized - taken;
  const amount = charge.amount === "all" ? left : charge.amount;
  const least = amount > 0n ? amount : 1n;
  if (least > left) return { record: raised, result: insufficient(raised, taken, taken + least) };

  const spent = raised.spent + amount;
  const made: Charge = { key, cumulativeAmount: offered ?? raised.authorized, amount, spent, at };
  const charged = { ...withoutHold(raised, key), spent, charges: withCharge(raised.charges, made) };
  return { record: charged, result: { ok: true, record: charged, charge: made, replayed: false } };
}

/** The receipt that answers an entry whatever else has changed meanwhile, or undefined: what {@link post} would say, at a glance. */
export function keptReceipt(record: ChannelRecord, entry: Entry): Acceptance | undefined {
  const kept = entry.charge && keptUnder(entry.charge.key, record.charges);
  if (!kept) return undefined;
  const raises = entry.voucher?.evidence === undefined && (offeredBy(entry) ?? 0n) > record.authorized;
  return raises ? undefined : { ok: true, record, charge: kept, replayed: true };
}

/** What live reservations of a channel hold, base units, but for the one under `except`. A lapsed one holds nothing. */
export function heldBy({ reservations }: ChannelRecord, now: number, except?: string): bigint {
  let held = 0n;
  for (const { key, amount, expiresAt } of reservations ?? none) {
    if (expiresAt > now && key !== except) held += amount;
  }
  return held;
}

/** The record with nothing held under a key. */
export function withoutHold(record: ChannelRecord, key: string): ChannelRecord {
  const { reservations } = record;
  if (!reservations?.some((held) => held.key === key)) return record;
  return withHolds(
    record,
    reservations.filter((held) => held.key !== key),
  );
}

/** The record with these reservations, which are left out where there are none. */
export function withHolds(record: ChannelRecord, reservations: readonly Reservation[]): ChannelRecord {
  const { reservations: _before, ...rest } = record;
  return reservations.length > 0 ? { ...rest, reservations } : rest;
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
  const authorized = max(record.authorized, offeredBy(entry) ?? 0n);
  return authorized > record.deposit || exposureFault(record, authorized, terms) !== undefined;
}

/** The most that an entry's message is good for; undefined for a charge alone. */
export function offeredBy({ voucher, ticks }: Entry): bigint | undefined {
  return ticks ? owedByTicks(ticks, ticks.ticks) : voucher?.cumulativeAmount;
}

/** A root that a newer message has overtaken is done with: its ticks would be paid twice, or not at all. */
function ticksFault({ authorized, ticks: kept }: ChannelRecord, ticks: RevealedTicks): Refusal | undefined {
  if (kept && isSameOffer(kept, ticks)) return undefined;
  return ticks.cumulativeAmount < authorized ? rootRetired : undefined;
}

/** Whether a voucher owes what ticks owe already, and so takes their place: it retires their root. */
function isAnchor({ authorized, ticks, signature }: ChannelRecord, voucher: Entry["voucher"]): boolean {
  return voucher?.cumulativeAmount === authorized && ticks !== undefined && signature === undefined;
}

function evidenceFault(
  record: ChannelRecord,
  { voucher, ticks }: Entry,
  rule: EvidenceRule | undefined,
): Refusal | undefined {
  if (rule && ticks) return withoutEvidence;
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

/** Whether a channel that owes `authorized` owes more than the terms allow. */
export function exposureFault(record: ChannelRecord, authorized: bigint, terms: FullTerms): Refusal | undefined {
  const limit = terms.maxUnsettledPerChannel;
  if (limit === undefined || authorized - record.settled <= limit) return undefined;
  return refusal(
    "exposure-limit",
    `The channel would owe ${authorized - record.settled} unsettled; this payee holds at most ${limit}. Try again once it has settled.`,
  );
}

/** One proof takes the other's place: the voucher's signature, or the ticks. */
function raise(record: ChannelRecord, { voucher, ticks }: Entry, authorized: bigint): ChannelRecord {
  if (!voucher) {
    const { signature: _overtaken, ticks: _retired, ...rest } = record;
    return { ...rest, authorized, ...(ticks && { ticks }) };
  }
  const { signature, evidence } = voucher;
  const raised = { ...record, authorized, signature, ...(evidence === undefined ? {} : { evidence }) };
  if (raised.ticks) delete raised.ticks;
  return raised;
}

/** Once charges have been dropped, one at or below the lowest kept may have been among them. */
function isForgotten(record: ChannelRecord, cumulativeAmount: bigint): boolean {
  return (
    record.charges.length >= keptCharges && record.charges.every((kept) => cumulativeAmount <= kept.cumulativeAmount)
  );
}

/** @param taken What is spent and held. */
export function insufficient(record: ChannelRecord, taken: bigint, required: bigint): Refusal {
  return refusal(
    "insufficient-balance",
    `This costs more than the ${record.authorized - taken} that is left of ${record.authorized} authorized: sign a voucher for ${required} or more.`,
    required,
  );
}

function max(a: bigint, b: bigint): bigint {
  return a > b ? a : b;
}

const none: readonly Reservation[] = [];

const rootRetired = refusal(
  "tick-root-retired",
  "A newer message owes more than this root was signed on top of. Sign a fresh root on top of what is owed now.",
);

const withoutEvidence = refusal("malformed", "This payee takes no voucher without the evidence that belongs to it.");

const forgotten = refusal(
  "charge-forgotten",
  "This cumulative amount was paid long ago and its receipt is no longer kept. Sign a higher voucher for a new request.",
);
