// A whole season on the demonstration's chain: from applications to the last refund.
import { mkdir } from "node:fs/promises";
import { basename, join } from "node:path";
import type { Ground } from "../ground.ts";
import { phase } from "../progress.ts";
import { runAudit } from "../runAudit.ts";
import type { Claim } from "../verdict.ts";
import { lastMinute, seasonCast, suspendedBefore, waves } from "./cast.ts";
import { recordChain } from "./chainRecord.ts";
import { judgeSeason } from "./judge.ts";
import { payOut, sendHome } from "./payouts.ts";
import { files } from "./records.ts";
import { enterProjects, suspendProject } from "./registry.ts";
import { openRounds } from "./rounds.ts";
import { cancelDoomed, giveToDoomed, refundDoomed } from "./secondRound.ts";
import { setSeasonStage } from "./stage.ts";
import { standIn } from "./standIn.ts";
import { type Tampered, tamper } from "./tamper.ts";
import { givingTime, margin, rush } from "./terms.ts";

export type SeasonOptions = {
  /** How often the collector or the keeper is killed. */
  kills: number;
  /** Whose record is altered before it is judged. */
  tamper?: Tampered | undefined;
};

export async function playSeason(ground: Ground, options: SeasonOptions): Promise<Claim[]> {
  const { world, escrow, seed, directory: run } = ground;
  const directory = join(run, "season");
  await mkdir(directory, { recursive: true });
  const donors = seasonCast(seed);
  const stage = await phase("Registry, stewards, factory and a list of donors", () =>
    world.instantly(() => setSeasonStage(world, { escrow, seed, donors, name: basename(run) })),
  );
  const { matched, doomed } = await phase("Twelve projects apply, two rounds open", () =>
    world.instantly(async () => {
      await enterProjects(stage);
      return openRounds(stage);
    }),
  );
  const actor = await standIn(stage, matched, directory);
  const given = await phase("Stand-in gives", () =>
    world.instantly(async () => {
      await actor.open();
      const gifts = await giveToDoomed(stage, doomed);
      for (let wave = 0; wave < waves; wave++) {
        if (wave === suspendedBefore) {
          await suspendProject(stage);
          await cancelDoomed(stage, doomed);
        }
        await actor.give(wave);
        await world.pass(givingTime / BigInt(waves + 1));
        if (wave === 1) await actor.collect();
      }
      await world.passTo(matched.terms.end - margin - rush);
      await actor.give(lastMinute);
      await actor.collect();
      await actor.write();
      return gifts;
    }),
  );
  const at = files(directory);
  const denied = await phase("Settled, paid out, sent home", () =>
    world.instantly(async () => {
      await refundDoomed(stage, doomed, given);
      await world.passTo(matched.terms.challengeEnd);
      const payouts = await payOut(stage, matched);
      await sendHome(stage, matched, actor.channels());
      await recordChain(stage, { matched, doomed }, at.chain);
      return payouts;
    }),
  );
  if (options.tamper) await tamper(directory, options.tamper);
  const evidence = ["--factory", stage.factory, "--evidence", at.evidence, "--totals", at.totals];
  const auditCode = await phase("An audit of escrow, rounds, registry and the collector's evidence", () =>
    runAudit(ground, { json: at.audit, dollar: stage.token, gifts: 3_000, more: evidence }),
  );
  return judgeSeason(directory, {
    seed,
    pool: matched.pool,
    auditCode,
    leftAfterCollecting: 1,
    denied: { ...denied, refused: denied.refused.length > 0 },
    kills: options.kills === 0 ? undefined : { asked: options.kills, collector: 0, keeper: 0 },
  });
}
