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

/**
 * Of lists that were made or read here, frozen and canonical: so a book is right for as long as its list is anywhere. Each list hands
 * it on to the next, and has none until it is asked for.
 */
const books = new WeakMap<readonly Charge[], Book | undefined>();

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
  const book = take(charges);
  const own = book.charges;
  if (own.length >= keptCharges) {
    const [dropped] = book.isAscending ? [own.shift()] : own.splice(lowest(own), 1);
    if (dropped) book.byKey.delete(dropped.key);
  }
  add(book, charge);
  return close(book);
}

/** The charges as they were read, without the first `dropped` of those that were known, and with what else was read. */
export function withRead(known: readonly Charge[], dropped: number, read: readonly Charge[]): readonly Charge[] {
  if (!books.get(known)) {
    const list = Object.freeze([...known.slice(dropped), ...read]);
    books.set(list, undefined);
    return list;
  }
  const book = take(known);
  for (const { key } of book.charges.splice(0, dropped)) book.byKey.delete(key);
  for (const charge of read) add(book, charge);
  return close(book);
}

/** The book of a list, for its successor: a list that is asked again, because its successor was not stored, gets another. */
function take(charges: readonly Charge[]): Book {
  const book = books.get(charges) ?? open(charges);
  books.set(charges, undefined);
  return book;
}

function add(book: Book, charge: Charge): void {
  const last = book.charges.at(-1);
  book.charges.push(charge);
  book.byKey.set(charge.key, charge);
  if (last && charge.cumulativeAmount < last.cumulativeAmount) book.isAscending = false;
  else if (!book.isAscending) book.isAscending = isAscending(book.charges);
}

function close(book: Book): readonly Charge[] {
  const list = Object.freeze(book.charges.slice());
  books.set(list, book);
  return list;
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

/** Charges in a record. A list that was made or read here is canonical as it is, however long. */
export const chargesSchema: Schema<readonly Charge[]> = {
  ...anyCharges,
  decode(value, path, fail) {
    const list = anyCharges.decode(value, path, fail);
    books.set(list, undefined);
    return list;
  },
  canonical: (value, path, previous) => (books.has(value) ? value : anyCharges.canonical(value, path, previous)),
};
