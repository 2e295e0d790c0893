import { FarthingError } from "../protocol/errors.ts";

/** Something that cannot be stored: a field is missing, malformed or out of range, or a record was put under another's id. */
export class InvalidRecordError extends FarthingError {
  override readonly name = "InvalidRecordError";
  /** @param field Where in the record, never what: a value may be a signature. */
  constructor(field: string, expected: string) {
    super("invalid-record", `The record cannot be stored: ${field} must be ${expected}. Nothing was written.`);
  }
}

/** What was read back is not what any version of this library writes. */
export class StoreCorruptError extends FarthingError {
  override readonly name = "StoreCorruptError";
  constructor(where: string, what: string, options?: ErrorOptions) {
    super(
      "store-corrupt",
      `The store ${where} is damaged: ${what}. Stop every process that uses it, keep the damaged file, and restore the newest backup.`,
      options,
    );
  }
}

/** The file belongs to another program, or to another version of this one. */
export class StoreVersionError extends FarthingError {
  override readonly name = "StoreVersionError";
  constructor(where: string, found: string, expected: string) {
    super(
      "store-version",
      `The store ${where} is ${found}, and this program reads ${expected}. Run the version that wrote it, or give another path.`,
    );
  }
}

/** An update would let a payer owe more over all of its channels than the update's `payerLimit` allows. */
export class PayerLimitError extends FarthingError {
  override readonly name = "PayerLimitError";
  /** What it would owe, base units. */
  readonly owed: bigint;
  constructor(owed: bigint, limit: bigint) {
    super(
      "payer-limit",
      `The payer would owe ${owed} unsettled over all of its channels, and ${limit} is the limit. Nothing was written; settle some of it first.`,
    );
    this.owed = owed;
  }
}

/** Another process, or another store of this one, holds the file for itself. */
export class StoreLockedError extends FarthingError {
  override readonly name = "StoreLockedError";
  constructor(where: string, owner: string, options?: ErrorOptions) {
    super(
      "store-locked",
      `Another ${owner} is using the store ${where}. Only one may: stop it first, or give this one a path of its own.`,
      options,
    );
  }
}

/** The store cannot be read or written now; nothing that it had not acknowledged counts. Trying again is safe. */
export class StoreUnavailableError extends FarthingError {
  override readonly name = "StoreUnavailableError";
  constructor(where: string, what: string, options?: ErrorOptions) {
    super(
      "store-unavailable",
      `The store ${where} is unavailable: ${what}. Nothing was acknowledged; try again.`,
      options,
    );
  }
}

/** The database would forget what it has acknowledged, or write down what is secret, as it is set. */
export class StoreSettingError extends FarthingError {
  override readonly name = "StoreSettingError";
  constructor(where: string, fact: string, remedy: string) {
    super("store-setting", `The store ${where} cannot be trusted with money: ${fact}. ${remedy}`);
  }
}

/** Another database, or an older copy, took the place of the one that this store was opened on. */
export class StoreReplacedError extends FarthingError {
  override readonly name = "StoreReplacedError";
  constructor(where: string, fact: string) {
    super(
      "store-replaced",
      `The store ${where} was replaced while it was in use: ${fact}. What it had acknowledged may be missing. ` +
        "End this process, make sure that the newest copy is in place, and start again: starting compares it with the chain.",
    );
  }
}

/** The store was closed before this call. */
export class StoreClosedError extends FarthingError {
  override readonly name = "StoreClosedError";
  constructor() {
    super("store-closed", "The store is closed: open it again, and close it only after its last use.");
  }
}
