import { StoreCorruptError, StoreUnavailableError } from "./errors.ts";

// Primary result codes, https://sqlite.org/rescode.html
const busy = 5;
const locked = 6;
const corrupt = 11;
const notADatabase = 26;
const advice: Record<number, string> = {
  [busy]: "another process keeps it locked",
  [locked]: "another process keeps it locked",
  8: "it cannot be written; check the permissions of the file and its directory",
  10: "the disk failed to read or write it",
  13: "the disk is full",
  14: "it cannot be opened; check that its directory exists and may be written",
};

/** Whether an error came out of SQLite. */
export function isSqliteError(error: unknown): error is Error & { errcode: number } {
  return error instanceof Error && "errcode" in error && typeof error.errcode === "number";
}

/** Whether trying again later may help: another connection holds the lock. */
export function isBusy(error: unknown): boolean {
  return isSqliteError(error) && [busy, locked].includes(primary(error));
}

/** An error of SQLite as one of this library's; any other as it is. */
export function explain(error: unknown, where: string): unknown {
  if (!isSqliteError(error)) return error;
  const code = primary(error);
  if (code === corrupt || code === notADatabase) return new StoreCorruptError(where, error.message, { cause: error });
  return new StoreUnavailableError(where, advice[code] ?? error.message, { cause: error });
}

function primary(error: { errcode: number }): number {
  return error.errcode & 0xff;
}
