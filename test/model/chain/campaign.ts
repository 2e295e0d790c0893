import fc from "fast-check";
import { histories, withMatching, withoutMatching } from "../cast.ts";
import type { Outcome } from "../history.ts";
import { playHistory } from "./play.ts";
import type { Round, Stage } from "./stage.ts";

export type Campaign = {
  histories: number;
  steps: number;
  /** How often each verb went through, and each reason was met. */
  seen: Map<string, number>;
  /** The shrunk history that the model and the contracts differ in, and how to replay it. */
  failure: string | undefined;
};

/** The rounds that histories are played in: one in four is without matching. */
export async function createRounds(stage: Stage): Promise<Round[]> {
  const matching = await stage.createRound(withMatching);
  return [matching, matching, matching, await stage.createRound(withoutMatching)];
}

/**
 * Plays random histories until one differs, which is then made as short as it can be.
 * @param options.seed Decides all of them.
 */
export async function runCampaign(
  stage: Stage,
  rounds: readonly Round[],
  options: { seed: number; histories: number },
): Promise<Campaign> {
  const campaign: Campaign = { histories: 0, steps: 0, seen: new Map(), failure: undefined };
  const property = fc.asyncProperty(
    fc.constantFrom(...rounds),
    histories(64),
    fc.boolean(),
    async (round, history, settles) => {
      for (const { command, outcome } of await playHistory(stage, round, history, settles)) {
        const name = nameOf(command.verb, outcome);
        campaign.seen.set(name, (campaign.seen.get(name) ?? 0) + 1);
        campaign.steps += 1;
      }
    },
  );
  const { seed, histories: numRuns } = options;
  const details = await fc.check(property, { seed, numRuns });
  campaign.histories = details.numRuns; // without those of making one shorter
  if (details.failed) {
    const message = details.errorInstance instanceof Error ? details.errorInstance.message : `${details.errorInstance}`;
    const at = `history ${details.numRuns} of seed ${seed}, made shorter ${details.numShrinks} times`;
    campaign.failure = `${message}\n(${at}; replay with FARTHING_SEED=${seed})`;
  }
  return campaign;
}

function nameOf(verb: string, outcome: Outcome): string {
  return "refused" in outcome ? outcome.refused : verb;
}
