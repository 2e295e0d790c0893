// The season's collector and keeper, each by its own command and in its own process, killed and started again at will.
import { type AddressInfo, createServer } from "node:net";
import { join } from "node:path";
import { coinUsd, key } from "../cast.ts";
import type { Ground } from "../ground.ts";
import { type Launch, launch, type Service } from "../processes.ts";
import { deposit } from "./cast.ts";
import type { Round } from "./rounds.ts";
import type { SeasonStage } from "./stage.ts";
import { margin } from "./terms.ts";

/** A process that can be killed, and comes back. */
export type Restartable = {
  /** Ends it without a word, and starts it again; resolves when it is ready. */
  kill(): Promise<void>;
  stop(): Promise<void>;
};

/** Starts both. The keeper opens the store that the collector made. */
export async function startServices(
  ground: Ground,
  stage: SeasonStage,
  round: Round,
  { directory, skew }: { directory: string; skew?: string | undefined },
) {
  const { world, escrow, seed } = ground;
  const store = join(directory, "collector.sqlite");
  const port = await freePort();
  const common = ["--rpc", world.rpc, "--from-block", `${round.block}`];
  const collector = await restartable(ground, {
    name: "season-collector",
    script: "scripts/collector.ts",
    args: [
      ...common,
      ...["--pool", round.pool, "--store", store, "--port", `${port}`, "--margin", `${margin}`, "--interval", "1"],
      ...["--relay-min-deposit", `${deposit}`, "--suggested-deposit", `${deposit}`],
    ],
    skew,
    environment: { FARTHING_RELAY_KEY: key(seed, "season relayer", 0) },
  });
  const price = `${stage.token}=${10n ** 18n / coinUsd}/1000000`;
  const keeper = await restartable(ground, {
    name: "season-keeper",
    script: "scripts/keeper.ts",
    args: [
      ...common,
      ...["--escrow", escrow.address, "--pool", `${round.pool}=${store}`, "--margin", `${margin}`],
      ...["--journal", join(directory, "keeper.sqlite"), "--interval", "1", "--lease", "3"],
      ...["--price", price, "--times", "20", "--max-age", "432000", "--refunds", "never"],
    ],
    skew,
    environment: {
      FARTHING_KEEPER_KEY: key(seed, "season keeper", 0),
      FARTHING_CLOSER_KEY: key(seed, "season closer", 0),
    },
  });
  return { collector, keeper, url: `http://127.0.0.1:${port}` };
}

async function restartable({ directory, services }: Ground, request: Launch): Promise<Restartable> {
  let service = await start();

  async function start(): Promise<Service> {
    const started = await launch(directory, request);
    services.push(started);
    return started;
  }

  /** As whatever supervises services does: a keeper whose predecessor died has to wait for the lease to run out. */
  async function again(): Promise<Service> {
    for (let tries = 1; ; tries += 1) {
      try {
        return await start();
      } catch (error) {
        if (tries === 10) throw error;
        await new Promise((resolve) => setTimeout(resolve, 1_000));
      }
    }
  }

  return {
    async kill() {
      service.process.kill("SIGKILL");
      await service.ended;
      service = await again();
    },
    async stop() {
      const code = await service.stop();
      if (code !== 0)
        throw new Error(`${request.name} ended with ${code}: see ${join(directory, `${request.name}.log`)}`);
    },
  };
}

/** The collector keeps its address when it is started again. */
function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
}
