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
  const shifted = dropped >= 0 && kept <= after.length && isFrontOf(after, before, dropped);
  return shifted ? { dropped, appended: after.slice(kept) } : { dropped: before.length, appended: after };
}

/** Whether `before`, from `dropped` on, is how `after` begins. By hand: what methods of frozen arrays do takes longer than a row's write. */
function isFrontOf(after: readonly Charge[], before: readonly Charge[], dropped: number): boolean {
  for (let index = dropped; index < before.length; index++) {
    if (before[index] !== after[index - dropped]) return false;
  }
  return true;
}
