// The weeks in which gifts are taken: waves days apart, what stewards do meanwhile, and a last minute.
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { seededDice } from "../../simulate/seededDice.ts";
import type { Ground } from "../ground.ts";
import { phase, progress } from "../progress.ts";
import { lastMinute, leavingIn, special, suspendedBefore, waves } from "./cast.ts";
import { gatherCrowd } from "./crowd.ts";
import { amidKills, type Kills } from "./kills.ts";
import { files } from "./records.ts";
import { suspendProject } from "./registry.ts";
import type { Round } from "./rounds.ts";
import { cancelDoomed } from "./secondRound.ts";
import { startServices } from "./services.ts";
import type { SeasonStage } from "./stage.ts";
import { givingTime, margin, rush } from "./terms.ts";

export type Giving = {
  gifts: number;
  /** Block time left before the end when everything was collected, seconds; undefined if it never was. */
  leftAfterCollecting: number | undefined;
  kills: Kills;
};

/** Plays it all, and leaves the collector's export and totals in their files. */
export async function playGiving(
  ground: Ground,
  stage: SeasonStage,
  { matched, doomed }: { matched: Round; doomed: Round },
  { directory, kills: asked, skew }: { directory: string; kills: number; skew?: string | undefined },
): Promise<Giving> {
  const { world } = ground;
  const at = files(directory);
  const services = await phase("The season's collector, its keeper, and 300 donors", () =>
    startServices(ground, stage, matched, { directory, skew }),
  );
  const { url, ...victims } = services;
  const people = { collector: url, logs: at.donors, stores: join(directory, "stores") };
  const crowd = await gatherCrowd(ground, stage, matched, people);
  const kills: Kills = { asked, collector: 0, keeper: 0 };
  const dice = seededDice(asked);
  const ofWave = (wave: number) =>
    Math.floor((asked * (wave + 1)) / (waves + 1)) - Math.floor((asked * wave) / (waves + 1));
  const total = stage.donors.reduce((sum, { taps }) => sum + taps.length, 0);

  await phase(`${stage.donors.length} donors give through four weeks, by HTTP`, async () => {
    const bar = progress(total, "gifts");
    for (let wave = 0; wave < waves; wave++) {
      if (wave === suspendedBefore) {
        await suspendProject(stage);
        await cancelDoomed(stage, doomed);
      }
      await amidKills(ofWave(wave), { victims, dice, kills }, crowd.order({ wave }, bar));
      if (wave === leavingIn) await crowd.order({ leave: true }, bar);
      else await world.pass(givingTime / BigInt(waves + 1));
    }
    bar.end();
  });

  const { terms } = matched;
  const { gifts, left } = await phase("The last minute: everybody taps at once, and the keeper collects", async () => {
    await world.passTo(terms.end - margin - rush);
    const bar = progress(total, "gifts");
    const { given } = await amidKills(
      ofWave(lastMinute),
      { victims, dice, kills },
      crowd.order({ wave: lastMinute }, bar),
    );
    bar.end();
    await crowd.stop();
    await world.passTo(terms.end - margin);
    return { gifts: given, left: await allCollected(stage, matched, `${url}/totals`) };
  });
  await writeFile(at.totals, await textOf(`${url}/totals`));
  await writeFile(at.evidence, await textOf(`${url}/evidence`));
  await world.passTo(terms.end);
  await victims.keeper.stop();
  await victims.collector.stop();
  return { gifts, leftAfterCollecting: left, kills };
}

/** Waits until what the collector publishes is on the chain but for a project that takes none, or the round is over. */
async function allCollected(stage: SeasonStage, { pool, terms }: Round, totals: string): Promise<number | undefined> {
  const act = stage.onPool(stage.organiser, pool);
  for (;;) {
    const now = await stage.world.now();
    if (now >= terms.end) return undefined;
    const { projects } = JSON.parse(await textOf(totals)) as { projects: { projectId: string; gifts: string }[] };
    const apart = await Promise.all(
      projects.map(async ({ projectId, gifts }) => {
        const state = await act.getProjectState({ projectId: BigInt(projectId) });
        return projectId !== `${special.suspended}` && `${state.gifts}` !== gifts;
      }),
    );
    if (!apart.some(Boolean)) return Number(terms.end - now);
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
}

async function textOf(url: string): Promise<string> {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${url} answered ${response.status}`);
  return response.text();
}
