// Death at random moments: the collector or the keeper, without a word, while gifts are on their way.
import type { quadratic } from "../../../src/protocol/index.ts";
import type { Restartable } from "./services.ts";

export type Kills = { asked: number; collector: number; keeper: number };

/** Kills one of the two so often while work goes on, and then as long as some are left; resolves with the work's result. */
export async function amidKills<T>(
  count: number,
  {
    victims,
    dice,
    kills,
  }: { victims: Record<"collector" | "keeper", Restartable>; dice: quadratic.Dice; kills: Kills },
  work: Promise<T>,
): Promise<T> {
  work.catch(() => {}); // It is awaited at the end; until then its failure is nobody's surprise.
  for (let left = count; left > 0; left -= 1) {
    await new Promise((resolve) => setTimeout(resolve, 50 + dice(1_500)));
    const victim = dice(2) === 0 ? "collector" : "keeper";
    await victims[victim].kill();
    kills[victim] += 1;
  }
  return work;
}
