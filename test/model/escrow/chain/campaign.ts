import type { Step } from "../command.ts";
import { randomHistory } from "../random/history.ts";
import { Difference, playHistory } from "./play.ts";
import { shrink } from "./shrink.ts";
import type { Stage } from "./stage.ts";

export type Campaign = {
  histories: number;
  steps: number;
  /** How often each verb went through, each error was met (`!`) and each event was seen (`@`). */
  seen: Map<string, number>;
  /** The shrunk history that the model and the escrow differ in, and how to replay it. */
  failure: string | undefined;
};

/** Random commands of a history, before those that end it. */
const length = 80;

/**
 * Plays random histories until one differs, which is then made as short as it can be.
 * @param options.seed The first history's; each further one's is one more.
 * @param options.steps At least so many.
 */
export async function runCampaign(
  stage: Stage,
  options: { seed: number; steps: number; onHistory?: (campaign: Campaign) => void },
): Promise<Campaign> {
  const campaign: Campaign = { histories: 0, steps: 0, seen: new Map(), failure: undefined };
  while (campaign.steps < options.steps && !campaign.failure) {
    const seed = (options.seed + campaign.histories) % 2 ** 31;
    const history = randomHistory(seed, length);
    try {
      const steps = await playHistory(stage, history);
      campaign.steps += steps.length;
      for (const step of steps) note(campaign.seen, step);
    } catch (error) {
      if (!(error instanceof Difference)) throw error;
      const { message } = await shrink(stage, history, error);
      campaign.failure = `${message}\n(made shorter from ${error.steps} steps; replay with FARTHING_SEED=${seed})`;
    }
    campaign.histories += 1;
    options.onHistory?.(campaign);
  }
  return campaign;
}

function note(seen: Map<string, number>, { command, outcome }: Step): void {
  const count = (name: string) => seen.set(name, (seen.get(name) ?? 0) + 1);
  count(outcome.refusal ? `!${outcome.refusal.error}` : command.verb);
  for (const { name } of outcome.events) count(`@${name}`);
}
