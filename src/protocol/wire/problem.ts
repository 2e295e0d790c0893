import { FarthingError } from "../errors.ts";
import { fieldsOf } from "./fields.ts";
import { canonicalJson, type Json, parseJson } from "./json.ts";

/** Why a request was not served: every problem type of the drafts, and `unavailable`, which has none. */
export type ProblemCode = keyof typeof problems;

/** An RFC 9457 problem. */
export type Problem = {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  /** What happened and what to do, for a person. Never a signature. */
  readonly detail: string;
  /** Members of its type, such as `channelId` or `requiredCumulative`. */
  readonly [extension: string]: Json;
};

/** Why a payee said no. Stable words, one for each problem type of the draft, and a few of our own for finer advice. */
export type RefusalCode =
  | "malformed"
  | "invalid-signature"
  | "signer-mismatch"
  | "amount-exceeds-deposit"
  | "delta-too-small"
  | "channel-not-found"
  | "channel-finalized"
  | "insufficient-balance"
  | "transaction-reverted"
  /** The payer asked to close, or the payee consented to: nothing more is sold on this channel. */
  | "close-pending"
  /** This cumulative amount was spent long ago and its receipt is no longer kept. */
  | "charge-forgotten"
  /** The channel owes as much unsettled value as the payee will hold; once it is settled the same voucher is good. */
  | "exposure-limit"
  /** The link is none of the chain's, or not the one that it says. */
  | "tick-mismatch"
  /** Nobody has shown an offer for this root: send it along. */
  | "tick-root-unknown"
  /** A newer voucher, or another root, owes as much as this root's offer or more: sign a fresh root above that. */
  | "tick-root-retired"
  /** More ticks at once than are hashed for one request: send a voucher over what is owed. */
  | "too-many-ticks"
  /** The allocation takes back what was given before, or adds nothing to it: build on the one in `held`. */
  | "allocation-diverges"
  /** No pool takes such an allocation. */
  | "invalid-allocation"
  /** A gift goes to a project that takes none, is too small, or the list is too long. */
  | "gift-refused"
  /** The round's gate gives this donor no weight for these data. */
  | "not-eligible"
  /** The round takes no gifts now. */
  | "round-closed"
  /** The store or the chain cannot be reached; nothing was charged; try again. */
  | "unavailable";

/** The media type of a problem's body. */
export const problemMediaType = "application/problem+json";

/**
 * The body of an error response.
 * @param extra More members; they cannot replace the four that every problem has. Amounts as decimal strings.
 * @example
 * const body = problem("insufficient-balance", "Sign a voucher of at least 300.", { requiredCumulative: "300" });
 * new Response(formatProblem(body), { status: body.status, headers: { "content-type": problemMediaType } });
 */
export function problem(code: ProblemCode, detail: string, extra: Readonly<Record<string, Json>> = {}): Problem {
  const [type, title, status] = problems[code];
  return { ...extra, type, title, status, detail };
}

/** The problem of a payee's refusal: the draft's type where it has one, else the nearest. */
export function refusalProblem(code: RefusalCode): ProblemCode {
  switch (code) {
    case "malformed":
      return "malformed-credential";
    // Nothing is sold on it any more, as on one that is closed.
    case "close-pending":
      return "channel-finalized";
    // What it paid for was delivered long ago: nothing of it is left to spend.
    case "charge-forgotten":
      return "insufficient-balance";
    // The same voucher is good once the channel was settled: later is the advice, not another voucher.
    case "exposure-limit":
      return "unavailable";
    default:
      return code;
  }
}

/** A problem as JSON. */
export function formatProblem(body: Problem): string {
  return canonicalJson(body);
}

/**
 * Reads an error response's body; of the extensions those that are a text, a safe integer or a boolean.
 * @throws {@link MalformedProblemError} unless it is an object with the members of RFC 9457, at most 16 KiB.
 */
export function parseProblem(text: string): Problem {
  if (typeof text !== "string") throw new MalformedProblemError("it is not a text");
  const value = parseJson(text);
  const fields = fieldsOf(value, "problem", (reason) => new MalformedProblemError(reason));
  const extensions = Object.entries(value as object).filter(([, member]) => isPlain(member));
  return {
    ...Object.fromEntries(extensions),
    type: fields.has("type") ? fields.text("type") : "about:blank",
    title: fields.has("title") ? fields.text("title") : "",
    status: fields.integer("status"),
    detail: fields.has("detail") ? fields.text("detail") : "",
  };
}

/** Our word for a problem's type; undefined for a type that the drafts do not define. */
export function problemCode(body: Pick<Problem, "type" | "status">): ProblemCode | undefined {
  const codes = Object.keys(problems) as ProblemCode[];
  return codes.find((code) => problems[code][0] === body.type && (code !== "unavailable" || body.status === 503));
}

/** A body is no problem. */
export class MalformedProblemError extends FarthingError {
  override readonly name = "MalformedProblemError";
  constructor(reason: string) {
    super("malformed-problem", `The server's problem could not be read: ${reason}. Go by the status alone.`);
  }
}

function isPlain(member: unknown): boolean {
  return typeof member === "string" || typeof member === "boolean" || Number.isSafeInteger(member);
}

const base = "https://paymentauth.org/problems";

/** The problem types of ticks and of a donation pool's collector, which no draft has: names that point nowhere. docs/protocol.md lists them. */
const own = "urn:farthing:problem";

/** Type, title, status. Source: draft-httpauth-payment-00, "Error Codes"; draft-evm-session-00, "Problem Type Registration". */
const problems = {
  "payment-required": [`${base}/payment-required`, "Payment Required", 402],
  "payment-insufficient": [`${base}/payment-insufficient`, "Payment Insufficient", 402],
  "payment-expired": [`${base}/payment-expired`, "Payment Expired", 402],
  "verification-failed": [`${base}/verification-failed`, "Payment Verification Failed", 402],
  "method-unsupported": [`${base}/method-unsupported`, "Payment Method Unsupported", 400],
  "malformed-credential": [`${base}/malformed-credential`, "Malformed Credential", 402],
  "invalid-challenge": [`${base}/invalid-challenge`, "Invalid Challenge", 402],
  "invalid-signature": [`${base}/session/invalid-signature`, "Invalid Signature", 402],
  "signer-mismatch": [`${base}/session/signer-mismatch`, "Signer Mismatch", 402],
  "amount-exceeds-deposit": [`${base}/session/amount-exceeds-deposit`, "Amount Exceeds Deposit", 402],
  "delta-too-small": [`${base}/session/delta-too-small`, "Delta Too Small", 402],
  "channel-not-found": [`${base}/session/channel-not-found`, "Channel Not Found", 410],
  "channel-finalized": [`${base}/session/channel-finalized`, "Channel Finalized", 410],
  "challenge-not-found": [`${base}/session/challenge-not-found`, "Challenge Not Found", 402],
  "insufficient-balance": [`${base}/session/insufficient-balance`, "Insufficient Balance", 402],
  "transaction-reverted": [`${base}/session/transaction-reverted`, "Transaction Reverted", 409],
  "tick-mismatch": [`${own}:tick-mismatch`, "Tick Mismatch", 402],
  "tick-root-unknown": [`${own}:tick-root-unknown`, "Tick Root Unknown", 402],
  "tick-root-retired": [`${own}:tick-root-retired`, "Tick Root Retired", 402],
  "too-many-ticks": [`${own}:too-many-ticks`, "Too Many Ticks", 402],
  "allocation-diverges": [`${own}:allocation-diverges`, "Allocation Diverges", 409],
  "invalid-allocation": [`${own}:invalid-allocation`, "Invalid Allocation", 422],
  "gift-refused": [`${own}:gift-refused`, "Gift Refused", 422],
  "not-eligible": [`${own}:not-eligible`, "Not Eligible", 422],
  "round-closed": [`${own}:round-closed`, "Round Closed", 403],
  unavailable: ["about:blank", "Service Unavailable", 503],
} as const satisfies Record<string, readonly [type: string, title: string, status: number]>;
