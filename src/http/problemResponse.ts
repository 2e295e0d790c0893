import type { Refusal } from "../payee/types.ts";
import {
  FarthingError,
  formatProblem,
  type Json,
  type Problem,
  problem,
  problemMediaType,
  refusalProblem,
} from "../protocol/index.ts";

/**
 * A problem on its way out; how many seconds to wait before asking again, where waiting helps; whether the connection ends.
 */
export type Denial = { readonly problem: Problem; readonly retryAfter?: number; readonly close?: true };

/** An RFC 9457 response. Never cached, never with a receipt. */
export function problemResponse(
  { problem: body, retryAfter, close }: Denial,
  headers: Record<string, string> = {},
): Response {
  return new Response(formatProblem(body), {
    status: body.status,
    headers: {
      "content-type": problemMediaType,
      "cache-control": "no-store",
      ...(retryAfter === undefined ? {} : { "retry-after": String(retryAfter) }),
      ...(close ? { connection: "close" } : {}),
      ...headers,
    },
  });
}

/** A payee's refusal as a problem. */
export function refused(refusal: Refusal, extra: Readonly<Record<string, Json>> = {}): Denial {
  const { code, detail, required } = refusal;
  const members = required === undefined ? extra : { ...extra, requiredCumulative: required.toString() };
  // The draft has no type for a payee that must settle first: try again once it has.
  if (code === "exposure-limit") return { problem: problem("unavailable", detail, members), retryAfter: 30 };
  const body = problem(refusalProblem(code), detail, members);
  return code === "unavailable" ? { problem: body, retryAfter: 1 } : { problem: body };
}

/** A problem whose type says no more than its status. */
export function plainProblem(status: number, title: string, detail: string): Problem {
  return { type: "about:blank", title, status, detail };
}

/** What a fault of our own is to the client: 503 where waiting helps, else 500. Its message stays here. */
export function faultDenial(error: unknown): Denial {
  if (error instanceof FarthingError && error.code === "chain-unavailable") {
    const detail = "The chain cannot be reached. Nothing was charged; try again with the same idempotency key.";
    return { problem: problem("unavailable", detail), retryAfter: 1 };
  }
  const detail = "The server failed. Try again with the same idempotency key: it is charged once at most.";
  return { problem: plainProblem(500, "Internal Server Error", detail) };
}

/** What is wrong with a credential that could not be read; undefined for a fault of ours. */
export function credentialDenial(error: unknown): Denial | undefined {
  if (!(error instanceof FarthingError)) return undefined;
  if (error.code === "malformed-credential") return { problem: problem("malformed-credential", error.message) };
  if (error.code === "unsupported-credential") return { problem: problem("method-unsupported", error.message) };
  return undefined;
}
