import type { PoolEvent } from "./events.ts";
import { broken, type RoundLedger } from "./ledger.ts";

/** Holds an event to its time, `from <= t < until`, Unix seconds. */
export function requireTime(
  round: RoundLedger,
  event: PoolEvent,
  { from = 0n, until }: { from?: bigint; until?: bigint },
) {
  const { timestamp } = event.at;
  if (timestamp === undefined) return;
  if (timestamp < from) {
    broken(round, event, "out-of-time", `It was possible from ${from} on.`, { expected: from, actual: timestamp });
  } else if (until !== undefined && timestamp >= until) {
    broken(round, event, "out-of-time", `It was possible before ${until}.`, { expected: until, actual: timestamp });
  }
}

/** Holds an event to the status that its verb needs. */
export function requireStatus(round: RoundLedger, event: PoolEvent, ...allowed: RoundLedger["status"][]) {
  if (allowed.includes(round.status)) return;
  broken(
    round,
    event,
    "wrong-status",
    `The round was ${round.status}, and this is for one that is ${allowed.join(" or ")}.`,
  );
}

/** Holds an event to a round with a pot. */
export function requireMatching(round: RoundLedger, event: PoolEvent) {
  if (!round.rules.terms.matching) broken(round, event, "wrong-status", "The round has no pot.");
}
