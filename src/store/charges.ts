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

/** Whose constructor gives back what it is given: so a subclass puts its private fields on that. */
class Given {
  constructor(list: readonly Charge[]) {
    // biome-ignore lint/correctness/noConstructorReturn: it is what the class is for.
    return list;
  }
}

/**
 * A list that was made or read here, canonical, and frozen as soon as it is marked: so its book is right for as long as the list is
 * anywhere. Each list hands it on to the next, and has none until it is asked for. A private field does what a `WeakMap` would,
 * which takes a microsecond more for each voucher.
 */
class Kept extends Given {
  #book: Book | undefined;

  private constructor(list: readonly Charge[], book: Book | undefined) {
    super(list);
    this.#book = book;
  }

  static mark(list: Charge[], book?: Book): readonly Charge[] {
    new Kept(list, book);
    return Object.freeze(list);
  }

  static isMarked(list: readonly Charge[]): boolean {
    return Array.isArray(list) && #book in list;
  }

  static bookOf(list: readonly Charge[]): Book | undefined {
    return #book in list ? list.#book : undefined;
  }

  /** The book of a list, for its successor: a list that is asked again, because its successor was not stored, gets another. */
  static take(list: readonly Charge[]): Book {
    if (!(#book in list)) return open(list);
    const book = list.#book ?? open(list);
    list.#book = undefined;
    return book;
  }
}

/** The charge that was made under a key, if it is kept. */
export function keptUnder(key: string, charges: readonly Charge[]): Charge | undefined {
  const book = Kept.bookOf(charges);
  return book ? book.byKey.get(key) : charges.find((charge) => charge.key === key);
}

/**
 * The charges with one more, frozen. Of more than {@link keptCharges} the lowest cumulative amount is dropped, not the oldest: so whatever
 * was dropped is at or below every charge that is kept.
 */
export function withCharge(given: readonly Charge[], made: Charge): readonly Charge[] {
  const charge = chargeSchema.canonical(made, "charge");
  const book = Kept.take(Kept.isMarked(given) ? given : anyCharges.canonical(given, "charges"));
  const own = book.charges;
  if (own.length >= keptCharges) {
    const dropped = book.isAscending ? own.shift() : own.splice(lowest(own), 1)[0];
    if (dropped) book.byKey.delete(dropped.key);
  }
  add(book, charge);
  return close(book);
}

/** The charges as they were read, without the first `dropped` of those that were known, and with what else was read. */
export function withRead(known: readonly Charge[], dropped: number, read: readonly Charge[]): readonly Charge[] {
  if (!Kept.bookOf(known)) return Kept.mark([...known.slice(dropped), ...read]);
  const book = Kept.take(known);
  for (const { key } of book.charges.splice(0, dropped)) book.byKey.delete(key);
  for (const charge of read) add(book, charge);
  return close(book);
}

function add(book: Book, charge: Charge): void {
  const last = book.charges.at(-1);
  book.charges.push(charge);
  book.byKey.set(charge.key, charge);
  if (last && charge.cumulativeAmount < last.cumulativeAmount) book.isAscending = false;
  else if (!book.isAscending) book.isAscending = isAscending(book.charges);
}

function close(book: Book): readonly Charge[] {
  return Kept.mark(book.charges.slice(), book);
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
    return Kept.mark([...anyCharges.decode(value, path, fail)]);
  },
  canonical: (value, path, previous) => (Kept.isMarked(value) ? value : anyCharges.canonical(value, path, previous)),
};
