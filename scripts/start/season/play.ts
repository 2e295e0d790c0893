// A whole season on the demonstration's chain: from applications to the last refund.
import { mkdir } from "node:fs/promises";
import { basename, join } from "node:path";
import type { Ground } from "../ground.ts";
import { phase } from "../progress.ts";
import { runAudit } from "../runAudit.ts";
import { type Claim, dollars } from "../verdict.ts";
import { seasonCast } from "./cast.ts";
import { recordChain } from "./chainRecord.ts";
import { playGiving } from "./giving.ts";
import { judgeSeason } from "./judge.ts";
import { payOut, sendHome } from "./payouts.ts";
import { files } from "./records.ts";
import { enterProjects } from "./registry.ts";
import { openRounds } from "./rounds.ts";
import { giveToDoomed, refundDoomed } from "./secondRound.ts";
import { setSeasonStage } from "./stage.ts";
import { foretell } from "./sybil.ts";
import { type Tampered, tamper } from "./tamper.ts";

export type SeasonOptions = {
  /** How often the collector or the keeper is killed. */
  kills: number;
  /** Whose record is altered before it is judged. */
  tamper?: Tampered | undefined;
  /** libfaketime offset for collector and keeper, as `+1d`. */
  skew?: string | undefined;
};

export async function playSeason(ground: Ground, options: SeasonOptions): Promise<Claim[]> {
  const { world, escrow, seed, directory: run } = ground;
  const directory = join(run, "season");
  const at = files(directory);
  await mkdir(directory, { recursive: true });
  const donors = seasonCast(seed);
  const stage = await phase("Registry, stewards, factory and a list of donors", () =>
    world.instantly(() => setSeasonStage(world, { escrow, seed, donors, name: basename(run) })),
  );
  const { matched, doomed, toDoomed } = await phase("Twelve projects apply, two rounds open", () =>
    world.instantly(async () => {
      await enterProjects(stage);
      const rounds = await openRounds(stage);
      return { ...rounds, toDoomed: await giveToDoomed(stage, rounds.doomed) };
    }),
  );
  const { wallets, keys, bound, simulated } = foretell(donors);
  console.log(
    `  ${wallets} wallets of one person, ${keys} on the list: at most ${dollars(simulated)} of match by simulation, ${dollars(bound)} by formula`,
  );

  const giving = await playGiving(ground, stage, { matched, doomed }, { directory, ...options });

  const denied = await phase("Settled by a stranger, projects pull, what is left goes back", () =>
    world.instantly(async () => {
      await refundDoomed(stage, doomed, toDoomed);
      await world.passTo(matched.terms.challengeEnd);
      const payouts = await payOut(stage, matched);
      await sendHome(stage, matched);
      await recordChain(stage, { matched, doomed }, at.chain);
      return payouts;
    }),
  );
  if (options.tamper) await tamper(directory, options.tamper);
  const evidence = ["--factory", stage.factory, "--evidence", at.evidence, "--totals", at.totals];
  const auditCode = await phase("An audit of escrow, rounds, registry and the collector's evidence", () =>
    runAudit(ground, { json: at.audit, dollar: stage.token, gifts: giving.gifts, more: evidence }),
  );
  return judgeSeason(directory, {
    seed,
    pool: matched.pool,
    auditCode,
    leftAfterCollecting: giving.leftAfterCollecting,
    denied: { ...denied, refused: denied.refused.length > 0 },
    kills: options.kills === 0 ? undefined : giving.kills,
  });
}
