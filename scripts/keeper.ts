// The keeper's command: reads its configuration, opens stores, runs, and turns what came of it into an exit code.
import { pino } from "pino";
import { createClient, http } from "viem";
import { privateKeyToAccount } from "viem/accounts";
import { getChainId } from "viem/actions";
import { any, createKeeper, type Keeper, maxAge, profitable } from "../src/keeper/index.ts";
import { help, type KeeperConfig, readConfig } from "../src/keeper/readConfig.ts";
import { serveKeeper } from "../src/keeper/serve.ts";
import { FarthingError } from "../src/protocol/errors.ts";
import { sqliteStore } from "../src/store/sqlite.ts";
import type { ChannelStore } from "../src/store/store.ts";

/** A run of `--once` follows its own exits: settle, then submit the request, then look once more. */
const maxPasses = 4;

try {
  const config = readConfig(process.argv.slice(2), process.env);
  if (config) process.exitCode = await main(config);
  else process.stdout.write(help);
} catch (error) {
  // viem's errors quote the whole request, and a request may carry vouchers: the first line does not.
  const message = error instanceof Error ? (error.message.split("\n")[0] ?? error.name) : String(error);
  process.stderr.write(`keeper: ${message}\n`);
  process.exitCode = 2;
}

async function main(config: KeeperConfig): Promise<number> {
  const client = createClient({ transport: http(config.rpc) });
  const escrow = { address: config.escrow, chainId: await getChainId(client) };
  const byPath = new Map(config.stores.map((path) => [path, sqliteStore(path, { role: "keeper" })]));
  const stores = [...byPath.values()];
  const journal = config.journal === undefined ? undefined : sqliteStore(config.journal, { role: "keeper" });
  const keeper = createKeeper({
    stores,
    journal,
    client,
    secondary: config.rpc2 === undefined ? undefined : createClient({ transport: http(config.rpc2) }),
    escrow,
    account: privateKeyToAccount(config.key),
    policy: any(profitable({ times: config.times }), maxAge({ seconds: config.maxAge })),
    prices: config.prices,
    rounds: config.rounds.map(({ store, closer, ...round }) => ({
      ...round,
      store: byPath.get(store) as ChannelStore,
      closer: closer && privateKeyToAccount(closer),
    })),
    logger: pino({ base: null }),
    confirmations: config.confirmations,
    leaseTtl: config.leaseTtl,
    intervals: { deadline: config.interval, exits: 2 * config.interval, economy: 10 * config.interval },
  });
  const server = config.port === undefined ? undefined : await serveKeeper(keeper, { port: config.port });
  // Ctrl-C may reach the process twice; stopping is the same thing both times.
  const stop = () => void keeper.stop();
  process.on("SIGINT", stop).on("SIGTERM", stop);
  try {
    if (config.dryRun) return await show(keeper);
    return config.once ? await runOnce(keeper) : await runUntilStopped(keeper);
  } finally {
    await keeper.stop();
    await server?.stop();
    for (const store of [...stores, ...(journal ? [journal] : [])]) await store.close();
  }
}

async function show(keeper: Keeper): Promise<number> {
  for (const { channel, decision } of await keeper.plan()) {
    process.stdout.write(`${channel.record.id} ${decision.action} (${decision.loop}): ${decision.reason}\n`);
  }
  for (const { pool, decided, jobs } of await keeper.planRounds()) {
    for (const { channel, decision } of decided) {
      process.stdout.write(`${channel.record.id} ${decision.action} (${decision.loop}): ${decision.reason}\n`);
    }
    for (const { purpose, reason } of jobs) process.stdout.write(`${pool} ${purpose} (round): ${reason}\n`);
  }
  return 0;
}

async function runOnce(keeper: Keeper): Promise<number> {
  let report = await keeper.pass();
  for (let passes = 1; report.sent > 0 && passes < maxPasses; passes++) report = await keeper.pass();
  return report.quarantined.length > 0 || report.overdue.length > 0 ? 1 : 0;
}

async function runUntilStopped(keeper: Keeper): Promise<number> {
  await keeper.start();
  process.send?.({ ready: true });
  const reason = await keeper.ended;
  if (reason instanceof FarthingError) throw reason;
  return 0;
}
