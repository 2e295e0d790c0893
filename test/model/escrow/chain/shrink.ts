import type { History } from "../random/history.ts";
import { Difference, playHistory } from "./play.ts";
import type { Stage } from "./stage.ts";

/** Histories that are tried to make one shorter. */
const tries = 200;

/**
 * Leaves commands out of a history that fails, as long as it still does: halves, quarters and so on to single ones.
 * @returns the difference that is left.
 */
export async function shrink(stage: Stage, { scene, commands }: History, found: Difference): Promise<Difference> {
  let left = commands.slice(0, found.steps);
  let least = found;
  let tried = 0;
  for (let size = left.length >> 1; size >= 1; size >>= 1) {
    for (let from = 0; from < left.length && tried < tries; tried += 1) {
      const without = [...left.slice(0, from), ...left.slice(from + size)];
      const difference = await differenceOf(stage, { scene, commands: without, endsAt: without.length });
      if (difference) {
        least = difference;
        left = without.slice(0, difference.steps);
      } else {
        from += size;
      }
    }
  }
  return least;
}

/** @returns what a history fails with, or undefined. */
export async function differenceOf(stage: Stage, history: History): Promise<Difference | undefined> {
  try {
    await playHistory(stage, history);
    return undefined;
  } catch (error) {
    if (error instanceof Difference) return error;
    throw error;
  }
}
