import type { Refusal, RefusalCode } from "./types.ts";

/** A refusal; `detail` is a sentence for a person and never holds a signature. */
export function refusal(code: RefusalCode, detail: string, required?: bigint): Refusal {
  return { ok: false, code, detail, ...(required === undefined ? {} : { required }) };
}

export const unavailable = refusal(
  "unavailable",
  "The payee cannot reach its store or the chain right now. No service was given; try again with the same idempotency key.",
);

export const tooManyForgeries = refusal(
  "unavailable",
  "Too many messages for this channel were not its signer's, so it waits for a moment. No service was given; try again with the same idempotency key.",
);

export const overloaded = refusal(
  "unavailable",
  "The payee has as much to do as it can remember. No service was given; try again in a moment with the same idempotency key.",
);

export const channelNotFound = refusal(
  "channel-not-found",
  "This payee knows no such channel. Open one, or present its descriptor once the opening transaction is confirmed.",
);

export const closePending = refusal(
  "close-pending",
  "This channel is being closed and buys nothing more. Top it up to cancel a close that the payer asked for, or open another.",
);

export const channelFinalized = refusal("channel-finalized", "This channel is closed for good. Open another.");
