import type { Charge } from "./record.ts";

/** Charges that are no longer kept are deleted this many positions at a time: most writes touch the newest page alone. */
export const sweep = 64;

/** How many charges left at the front, and which came at the end; all of them when it is not that simple. */
export function difference(
  before: readonly Charge[],
  after: readonly Charge[],
): { dropped: number; appended: readonly Charge[] } {
  const [oldest] = after;
  const dropped = oldest === undefined ? -1 : before.indexOf(oldest);
  const kept = before.length - dropped;
  const shifted =
    dropped >= 0 && kept <= after.length && before.slice(dropped).every((charge, i) => charge === after[i]);
  return shifted ? { dropped, appended: after.slice(kept) } : { dropped: before.length, appended: after };
}
