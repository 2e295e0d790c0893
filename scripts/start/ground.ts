// What everything stands on: a chain of its own, and the escrow on it.
import { basename } from "node:path";
import type { Escrow } from "../../src/protocol/index.ts";
import { launch, type Service } from "./processes.ts";
import { phase } from "./progress.ts";
import { createWorld, type World } from "./world.ts";

export type Ground = {
  world: World;
  escrow: Escrow;
  /** Names every key and every choice of the run. */
  seed: string;
  /** Where logs, stores and reports go. */
  directory: string;
  /** Fills up as processes start, so that whoever calls can stop them whatever happens. */
  services: Service[];
};

export function prepareGround(seed: string, directory: string, services: Service[]): Promise<Ground> {
  return phase("A chain of its own, the escrow on it", async () => {
    const chain = await launch(directory, { name: "chain", script: "scripts/start/chain.ts" });
    services.push(chain);
    const world = await createWorld(chain.url);
    const address = await world.deployment(basename(directory));
    return { world, escrow: { address, chainId: world.client.chain.id }, seed, directory, services };
  });
}
