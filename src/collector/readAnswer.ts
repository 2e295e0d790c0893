import type { CollectorAnswer } from "../pool/collectorClient.ts";
import {
  canonicalJson,
  FarthingError,
  type HeldAllocation,
  type Json,
  MalformedAllocationError,
  NotCanonicalError,
  parseHeld,
} from "../protocol/index.ts";
import { fieldsOf } from "../protocol/wire/fields.ts";
import { parseJson } from "../protocol/wire/json.ts";
import { timestamp } from "../protocol/wire/timestamp.ts";

/** Reads the body of a gift that was taken: `{ channelId, cumulativeAmount, amount, at }`, and more. */
export function readAcknowledged(text: string): Extract<CollectorAnswer, { type: "acknowledged" }> {
  const fields = fieldsOf(parseJson(text), "answer", (reason) => new UnreadableAnswerError(reason));
  const at = timestamp(fields.text("at", { maxLength: 64 }));
  if (at === undefined) throw new UnreadableAnswerError("answer.at is not an RFC 3339 time");
  return {
    type: "acknowledged",
    channelId: fields.hex("channelId", 32),
    cumulativeAmount: fields.amount("cumulativeAmount"),
    amount: fields.amount("amount"),
    at,
  };
}

/** The `held` of a problem `allocation-diverges`, where it has one. */
export function readHeld(text: string): { held?: HeldAllocation } {
  const problem = parseJson(text);
  const held: unknown = typeof problem === "object" && problem !== null ? Reflect.get(problem, "held") : undefined;
  if (held === undefined) return {};
  try {
    return { held: parseHeld(canonicalJson(held as Json)) };
  } catch (error) {
    if (!(error instanceof MalformedAllocationError) && !(error instanceof NotCanonicalError)) throw error;
    // The error's own words quote nothing; the text may hold signatures.
    throw new UnreadableAnswerError(error.message);
  }
}

/** What came back is nothing that a collector says. What was sent stays pending. */
export class UnreadableAnswerError extends FarthingError {
  override readonly name = "UnreadableAnswerError";
  constructor(reason: string) {
    super(
      "unreadable-answer",
      `The collector's answer could not be read: ${reason}. What was sent is kept; check the address, or try again later.`,
    );
  }
}
