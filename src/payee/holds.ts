import { keptUnder, withCharge } from "../store/charges.ts";
import type { ChannelRecord, Charge, Reservation } from "../store/record.ts";
import {
  closeFault,
  exposureFault,
  heldBy,
  insufficient,
  type Posting,
  type Rules,
  withHolds,
  withoutHold,
} from "./ledger.ts";
import { refusal } from "./refusal.ts";

/** Most reservations of one channel at once: a payer with more requests than that under way waits. */
export const mostHolds = 256;

/** Holds value for a key: pure, as every posting. A key that was charged is answered with its receipt, one that is held with its hold. */
export function reserved(record: ChannelRecord, wanted: Reservation, now: number, rules: Rules): Posting {
  const charge = keptUnder(wanted.key, record.charges);
  if (charge) return { record, result: { ok: true, record, charge, replayed: true } };
  const live = (record.reservations ?? []).filter(({ expiresAt }) => expiresAt > now);
  if (live.some(({ key }) => key === wanted.key)) return { record, result: { ok: true, record, replayed: true } };

  const fault = closeFault(record) ?? exposureFault(record, record.authorized, rules.terms);
  if (fault) return { record, result: fault };
  if (live.length >= mostHolds) return { record, result: tooManyHolds };
  const taken = record.spent + heldBy(record, now);
  if (taken + wanted.amount > record.authorized)
    return { record, result: insufficient(record, taken, taken + wanted.amount) };
  const next = withHolds(record, [...live, wanted]);
  return { record: next, result: { ok: true, record: next, replayed: false } };
}

/**
 * Turns what was held into a charge of `actual`, and gives the rest back. Asked of a channel that is closing too: the value was promised
 * while it was open. Where the reservation has lapsed, the charge is made if the credit still covers it.
 */
export function committed(
  record: ChannelRecord,
  held: Reservation,
  { actual, now }: { actual: bigint; now: number },
): Posting {
  const kept = keptUnder(held.key, record.charges);
  if (kept) return { record, result: { ok: true, record, charge: kept, replayed: true } };
  const taken = record.spent + heldBy(record, now, held.key);
  if (taken + actual > record.authorized) return { record, result: insufficient(record, taken, taken + actual) };
  const freed = withoutHold(record, held.key);
  const spent = record.spent + actual;
  const { key, cumulativeAmount } = held;
  const made: Charge = { key, cumulativeAmount, amount: actual, spent, at: now };
  const charged = { ...freed, spent, charges: withCharge(record.charges, made) };
  return { record: charged, result: { ok: true, record: charged, charge: made, replayed: false } };
}

/** Gives all of it back. One that is not there any more is given back already. */
export function released(record: ChannelRecord, key: string): Posting {
  const freed = withoutHold(record, key);
  return { record: freed, result: { ok: true, record: freed, replayed: freed === record } };
}

const tooManyHolds = refusal(
  "unavailable",
  `This channel has ${mostHolds} requests under way. Wait for one of them to end, and try again with the same idempotency key.`,
);
