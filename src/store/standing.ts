import type { ChannelRecord } from "./record.ts";
import type { ChannelQuery } from "./store.ts";

/** What queries ask about a channel, worked out from its record. */
export type Standing = { live: boolean; unsettled: boolean; closing: boolean; leaving: boolean };

/** Where a channel stands. A finalized one is nothing of the rest. */
export function standing(record: ChannelRecord): Standing {
  const live = !record.finalized;
  return {
    live,
    unsettled: live && record.authorized > record.settled,
    closing: live && record.closeRequestedAt > 0n,
    leaving: live && (record.closeRequest !== undefined || record.closeAuthorization !== undefined),
  };
}

/** The rarest first. */
export const standings = ["leaving", "closing", "unsettled", "live"] as const satisfies readonly (keyof Standing)[];

/** The standings that a query asks for, the rarest first. */
export function asked(query: ChannelQuery): (keyof Standing)[] {
  return standings.filter((name) => query[name]);
}

/** Records of one answer unless the query says otherwise. */
export const defaultLimit = 1_000;
