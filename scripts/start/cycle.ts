// One whole cycle in separate processes: chain, three projects, keeper, payers, audit.
import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Address } from "viem";
import { privateKeyToAccount } from "viem/accounts";
import type { Escrow } from "../../src/protocol/index.ts";
import type { BotsConfig, Report } from "./bots.ts";
import { cast, coinUsd, key, type Member, projects } from "./cast.ts";
import { readEnd, readExit } from "./exits.ts";
import { passGrace } from "./grace.ts";
import type { Ground } from "./ground.ts";
import type { ProjectConfig } from "./payee.ts";
import { launch, type Service } from "./processes.ts";
import { phase, progress } from "./progress.ts";
import { runAudit } from "./runAudit.ts";
import { type Claim, type ClientSums, type Ended, judge, sumLog } from "./verdict.ts";
import { readWays, type WayCount, wayClaims } from "./waysOnChain.ts";
import { gracePeriod, type World } from "./world.ts";

export type CycleOptions = {
  /** Least gifts in all. */
  gifts: number;
  /** Off to see the run fail. */
  keeper: boolean;
  /** libfaketime offset for projects, keeper and audit, as `+1d`; the chain keeps its own time. */
  skew?: string | undefined;
};

export type Cycle = {
  world: World;
  escrow: Escrow;
  token: Address;
  rpc: string;
  services: Service[];
  members: Member[];
  reports: Report[];
  ended: Ended[];
  clients: ClientSums;
  givingSeconds: number;
  auditFile: string;
  /** How channels were opened, topped up and settled. */
  ways: WayCount[];
  claims: Claim[];
};

/** Hours of block time after the last grace period, for exits to be finished in. */
const margin = 12;

/** What a dollar is worth to the keeper: wei for its base units. */
const dollarPrice = `${10n ** 18n / coinUsd}/1000000`;

/** Plays the whole cycle. */
export async function playCycle(ground: Ground, options: CycleOptions): Promise<Cycle> {
  const { world, escrow, seed, directory, services } = ground;
  const { rpc } = world;
  const { skew } = options;
  await mkdir(join(directory, "stores"), { recursive: true });
  const members = cast(options.gifts);
  const start = async (request: Parameters<typeof launch>[1]) => {
    const service = await launch(directory, request);
    services.push(service);
    return service;
  };

  const token = await phase("Wallets filled", async () => {
    const dollar = await world.deploy("AuthorizationToken");
    const keys = [key(seed, "keeper", 0), ...projects.map((_, index) => key(seed, "relayer", index))];
    await world.fund(
      members,
      seed,
      dollar,
      keys.map((one) => privateKeyToAccount(one).address),
    );
    await world.startClock();
    return dollar;
  });

  const store = (index: number) => join(directory, "stores", `project-${index}.sqlite`);
  const sites = await phase("Three projects and a keeper", async () => {
    const started = await Promise.all(
      projects.map((name, index) => {
        const payeeKey = key(seed, "payee", index);
        const relayerKey = key(seed, "relayer", index);
        const config: ProjectConfig = {
          name,
          rpc,
          escrow: escrow.address,
          chainId: escrow.chainId,
          token,
          store: store(index),
          payeeKey,
          relayerKey,
        };
        const environment = { FARTHING_PROJECT: JSON.stringify(config) };
        return start({ name: `project-${index}`, script: "scripts/start/payee.ts", environment, skew });
      }),
    );
    if (options.keeper) await start({ ...keeperLaunch(), skew });
    return started.map(({ url }, index) => ({ url, payee: privateKeyToAccount(key(seed, "payee", index)).address }));
  });

  function keeperLaunch() {
    const flags = [
      ...["--rpc", rpc, "--escrow", escrow.address, "--journal", join(directory, "stores", "keeper.sqlite")],
      ...projects.flatMap((_, index) => ["--store", store(index)]),
      // Settle once worth fifty times the fee, or after half a day; exits always.
      ...["--interval", "1", "--times", "50", "--max-age", "43200", "--price", `${token}=${dollarPrice}`],
    ];
    const environment = { FARTHING_KEEPER_KEY: key(seed, "keeper", 0) };
    return { name: "keeper", script: "scripts/keeper.ts", args: flags, environment };
  }

  const log = join(directory, "acknowledged.jsonl");
  const total = members.reduce((sum, { gifts }) => sum + gifts, 0);
  const started = performance.now();
  const reports = await phase(`${members.length} payers give ${total} times over HTTP, and some leave`, async () => {
    const stores = join(directory, "stores");
    const config: BotsConfig = {
      seed,
      rpc,
      escrow: escrow.address,
      chainId: escrow.chainId,
      token,
      members,
      projects: sites,
      log,
      stores,
    };
    return give(directory, config, total);
  });
  const givingSeconds = (performance.now() - started) / 1000;

  const silent = reports.filter(({ left }) => left);
  const exits = await Promise.all(silent.map((report) => readExit(world, escrow, report)));
  await phase("48 hours of grace pass, an hour a block", async () => {
    const bar = progress(Number(gracePeriod) / 3600 + margin, "hours");
    await passGrace(world, escrow.address, exits, margin, bar);
    bar.end();
  });
  const ended = await Promise.all(exits.map(async (exit) => ({ exit, ...(await readEnd(world, escrow, exit)) })));

  const auditFile = join(directory, "audit.json");
  const clients = await sumLog(log, members);
  const code = await phase("An audit that sees nothing but an RPC and an address", () =>
    runAudit(ground, { json: auditFile, dollar: token, gifts: clients.gifts }),
  );
  const { tokens } = JSON.parse(await readFile(auditFile, "utf8")) as {
    tokens: { token: Address; settled: string; refunded: string; closed: number }[];
  };
  const totals = tokens.map((one) => ({ ...one, settled: BigInt(one.settled), refunded: BigInt(one.refunded) }));
  const claims = await judge({
    world,
    seed,
    members,
    reports,
    ended,
    clients,
    audit: { code, tokens: totals },
    leastGifts: options.gifts,
  });
  const ways = await readWays(world, escrow, privateKeyToAccount(key(seed, "keeper", 0)).address);
  claims.push(...wayClaims(ways));
  const played = { members, reports, ended, clients, givingSeconds, auditFile, ways, claims };
  return { world, escrow, token, rpc, services, ...played };
}

/** Runs the payers to their end and resolves with what each reports. */
async function give(directory: string, config: BotsConfig, total: number): Promise<Report[]> {
  const bar = progress(total, "gifts");
  let reports: Report[] | undefined;
  const bots = await launch(directory, {
    name: "payers",
    script: "scripts/start/bots.ts",
    environment: { FARTHING_BOTS: JSON.stringify(config) },
    onMessage(message) {
      bar.update(Number(message.acknowledged));
      if (message.reports) reports = message.reports as Report[];
    },
  });
  const code = await bots.ended;
  bar.end();
  if (code !== 0 || !reports) throw new Error(`the payers ended with ${code}: see ${join(directory, "payers.log")}`);
  return reports;
}
