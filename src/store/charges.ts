import { chargeSchema } from "./chargeSchema.ts";
import type { Charge } from "./record.ts";
import { list, type Schema } from "./schema.ts";

/** How many charges of a channel a payee keeps. */
export const keptCharges = 256;

const anyCharges = list(chargeSchema);

/** What is known of one list of charges beyond the list: looking through hundreds for each request costs as much as a signature. */
type Book = {
  byKey: Map<string, Charge>;
  /** The list once more, not frozen, and seen by nobody else: every way to copy a frozen array takes ten times as long. */
  charges: Charge[];
  /** Whether no cumulative amount is below the one before it, so that the first is the lowest. */
  isAscending: boolean;
};

/** Of lists that were made here, frozen and canonical: so a book is right for as long as its list is anywhere. Each list hands it on to the next. */
const books = new WeakMap<readonly Charge[], Book>();

/** The charge that was made under a key, if it is kept. */
export function keptUnder(key: string, charges: readonly Charge[]): Charge | undefined {
  const book = books.get(charges);
  return book ? book.byKey.get(key) : charges.find((charge) => charge.key === key);
}

/**
 * The charges with one more, frozen. Of more than {@link keptCharges} the lowest cumulative amount is dropped, not the oldest: so whatever
 * was dropped is at or below every charge that is kept.
 */
export function withCharge(given: readonly Charge[], made: Charge): readonly Charge[] {
  const charge = chargeSchema.canonical(made, "charge");
  const charges = books.has(given) ? given : anyCharges.canonical(given, "charges");
  const book = books.get(charges) ?? open(charges);
  const own = book.charges;
  if (own.length >= keptCharges) {
    const [dropped] = book.isAscending ? [own.shift()] : own.splice(lowest(own), 1);
    if (dropped) book.byKey.delete(dropped.key);
  }
  const last = own.at(-1);
  own.push(charge);
  book.byKey.set(charge.key, charge);
  if (last && charge.cumulativeAmount < last.cumulativeAmount) book.isAscending = false;
  else if (!book.isAscending) book.isAscending = isAscending(own);
  const next = Object.freeze(own.slice());
  // A list that is asked again, because its successor was not stored, gets a book of its own.
  books.delete(charges);
  books.set(next, book);
  return next;
}

function open(charges: readonly Charge[]): Book {
  const byKey = new Map(charges.map((charge) => [charge.key, charge]));
  return { byKey, charges: [...charges], isAscending: isAscending(charges) };
}

function isAscending(charges: readonly Charge[]): boolean {
  return charges.every(({ cumulativeAmount }, index) => {
    const before = charges[index - 1];
    return !before || before.cumulativeAmount <= cumulativeAmount;
  });
}

/** Where the lowest cumulative amount is, the oldest of equals. */
function lowest(charges: readonly Charge[]): number {
  let found = 0;
  for (const [index, { cumulativeAmount }] of charges.entries()) {
    if (cumulativeAmount < (charges[found] as Charge).cumulativeAmount) found = index;
  }
  return found;
}

/** Charges in a record. A list that was made here is canonical as it is, however long. */
export const chargesSchema: Schema<readonly Charge[]> = {
  ...anyCharges,
  canonical: (value, path, previous) => (books.has(value) ? value : anyCharges.canonical(value, path, previous)),
};
