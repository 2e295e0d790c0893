// The donors' process as the season sees it: told what to do, one order at a time.
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Ground } from "../ground.ts";
import { launch } from "../processes.ts";
import type { Progress } from "../progress.ts";
import { donorWallet } from "./cast.ts";
import type { DonorsConfig } from "./donor.ts";
import type { Heard, Order } from "./donors.ts";
import type { Round } from "./rounds.ts";
import type { SeasonStage } from "./stage.ts";

export type Crowd = Awaited<ReturnType<typeof gatherCrowd>>;

/** @param collector Its URL. */
export async function gatherCrowd(
  { world, escrow, seed, directory, services }: Ground,
  stage: SeasonStage,
  round: Round,
  { collector, logs, stores }: { collector: string; logs: string; stores: string },
) {
  const config: DonorsConfig = {
    seed,
    rpc: world.rpc,
    escrow,
    pool: round.pool,
    token: stage.token,
    fromBlock: `${round.block}`,
    collector,
    gateData: stage.donors.map(({ index }) => stage.tree.gateData(donorWallet(seed, index).address) ?? "0x"),
    logs,
    stores,
  };
  // As a file: a proof for each of 300 is more than an environment holds.
  const file = join(directory, "season-donors.json");
  await writeFile(file, JSON.stringify(config));
  let heard: (message: Heard) => void = () => {};
  const service = await launch(directory, {
    name: "season-donors",
    script: "scripts/start/season/donors.ts",
    args: [file],
    onMessage: (message) => heard(message as Heard),
  });
  services.push(service);
  const ended = service.ended.then((code) => {
    throw new Error(`the donors ended with ${code}: see ${join(directory, "season-donors.log")}`);
  });
  ended.catch(() => {}); // Whoever waits for an order hears it.

  return {
    /** Resolves when everybody has done it. */
    order(order: Order, progress?: Progress): Promise<Heard> {
      const done = new Promise<Heard>((resolve) => {
        heard = (message) => {
          progress?.update(message.given);
          if (message.done) resolve(message);
        };
      });
      service.process.send(order);
      return Promise.race([done, ended]);
    },
    stop: () => service.stop(),
  };
}
