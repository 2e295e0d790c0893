import { StoreCorruptError, StoreUnavailableError } from "./errors.ts";

// https://www.postgresql.org/docs/current/errcodes-appendix.html
const advice: Record<string, string> = {
  "25006": "it takes no writes: it is a replica, or set to read only",
  "28000": "it refuses the login; check user and password",
  "28P01": "it refuses the login; check user and password",
  "3D000": "there is no such database; create it",
  "42501": "the user may not do this; grant it the schema and its tables",
  "42P01": "its tables are gone; restore the newest backup",
  "53100": "its disk is full",
  "53200": "it is out of memory",
  "53300": "it has too many connections",
  "57014": "a statement took longer than it may",
  "57P01": "it is shutting down",
  "57P02": "it crashed",
  "57P03": "it is starting or shutting down",
  ECONNREFUSED: "nothing listens at its address",
  ECONNRESET: "the connection broke",
  ENOTFOUND: "its host name leads nowhere",
  EPIPE: "the connection broke",
  ETIMEDOUT: "its host does not answer",
};

/** Its errors in this class mean that a page or an index of it is damaged. */
const corrupt = /^XX00[12]$/;

/**
 * Whether the statement lost against another transaction, did nothing and may be tried again: a serialization failure or a
 * deadlock.
 */
export function isConflict(error: unknown): boolean {
  return ["40001", "40P01"].includes(codeOf(error) ?? "");
}

/** No answer came in time: whether the statement took effect is not known. */
export class NoAnswerError extends Error {
  override readonly name = "NoAnswerError";
}

/**
 * An error of the driver as one of this library's, without a word of the driver's own: its messages and details quote rows and
 * parameters, and those hold signatures.
 */
export function explain(error: unknown, where: string): Error {
  if (error instanceof NoAnswerError) return new StoreUnavailableError(where, "it does not answer");
  const code = codeOf(error);
  if (code !== undefined && corrupt.test(code))
    return new StoreCorruptError(where, `PostgreSQL reports ${code}, a damaged page or index`);
  if (code === undefined) return new StoreUnavailableError(where, "the connection failed");
  return new StoreUnavailableError(where, `${advice[code] ?? "it reports an error"} (${code})`);
}

/** A SQLSTATE, or the code of a system call. */
function codeOf(error: unknown): string | undefined {
  if (!(error instanceof Error) || !("code" in error)) return undefined;
  return typeof error.code === "string" && /^[A-Z0-9_]{1,32}$/.test(error.code) ? error.code : undefined;
}
