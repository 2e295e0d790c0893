// The collector's command: reads its configuration, opens its store, serves until it is stopped, and exits 0; 2 when it could not start.
import { pino } from "pino";
import { type Client, createClient, http } from "viem";
import { privateKeyToAccount } from "viem/accounts";
import { getChainId } from "viem/actions";
import { createSender, getRoundEscrow } from "../src/chain/index.ts";
import { type CollectorRelay, createCollector } from "../src/collector/index.ts";
import { type CollectorConfig, help, type RelayConfig, readConfig } from "../src/collector/readConfig.ts";
import { serve } from "../src/http/node.ts";
import { type SqliteStore, sqliteStore } from "../src/store/sqlite.ts";
import { selectVerifier } from "../src/verifier/index.ts";
import { nativeVerifier } from "../src/verifier/native.ts";
import { wasmVerifier } from "../src/verifier/wasm.ts";

const logger = pino({ base: null });

try {
  const config = readConfig(process.argv.slice(2), process.env);
  if (config) await main(config);
  else process.stdout.write(help);
} catch (error) {
  // viem's errors quote the whole request, and a request may carry vouchers: the first line does not.
  const message = error instanceof Error ? (error.message.split("\n")[0] ?? error.name) : String(error);
  process.stderr.write(`collector: ${message}\n`);
  process.exitCode = 2;
}

async function main(config: CollectorConfig): Promise<void> {
  const client = createClient({ transport: http(config.rpc) });
  const { pool, terms, confirmations, fromBlock, interval, realm, origin, allowEmptyStore } = config;
  const [chainId, address] = await Promise.all([getChainId(client), getRoundEscrow(client, { address: pool })]);
  const offers = [await nativeVerifier(), await wasmVerifier()];
  const verifier = selectVerifier({ order: ["native", "wasm", "js"], offers });
  logger.info({ verifier: verifier.name, skipped: verifier.skipped }, "verifying signatures");
  const store = sqliteStore(config.store, { role: "payee" });
  // Ctrl-C may reach the process twice; stopping is the same thing both times.
  const stopped = new Promise<void>((resolve) => {
    process.on("SIGINT", () => resolve()).on("SIGTERM", () => resolve());
  });
  try {
    const collector = createCollector({
      client,
      pool,
      escrow: { address, chainId },
      store,
      verifier,
      terms,
      secret: config.secret ?? crypto.getRandomValues(new Uint8Array(32)),
      confirmations,
      fromBlock,
      interval,
      realm,
      origin,
      allowEmptyStore,
      logger,
      ...(config.relay ? { relay: relayOf(config.relay, client, store, confirmations) } : {}),
    });
    await collector.start();
    const server = await serve(collector.handler, { port: config.port, hostname: config.host });
    logger.info({ url: server.url }, "serving");
    process.send?.({ ready: true, url: server.url, port: server.port });
    await stopped;
    await collector.stop();
    await server.stop();
  } finally {
    await store.close();
  }
}

function relayOf(relay: RelayConfig, client: Client, store: SqliteStore, confirmations: number): CollectorRelay {
  const { key, ...policy } = relay;
  const sender = createSender({
    client,
    account: privateKeyToAccount(key),
    journal: store.journal,
    clock: Date.now,
    confirmations,
    onFault: ({ entry, reason }) => logger.warn({ nonce: entry?.nonce, reason }, "the relayer goes on"),
  });
  return { sender, policy };
}
