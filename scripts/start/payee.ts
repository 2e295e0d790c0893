// One public-goods project of the demonstration: takes gifts over HTTP, keeps them in SQLite, opens channels for those without gas.
import { randomBytes } from "node:crypto";
import { Hono } from "hono";
import pino from "pino";
import { type Address, createClient, type Hex, http, publicActions } from "viem";
import { privateKeyToAccount } from "viem/accounts";
import { createObserver, createSender } from "../../src/chain/index.ts";
import { closeRequests, createRelay, paywall } from "../../src/http/index.ts";
import { serve } from "../../src/http/node.ts";
import { createPayee } from "../../src/payee/index.ts";
import { nativeCoin } from "../../src/protocol/index.ts";
import { sqliteStore } from "../../src/store/sqlite.ts";
import { selectVerifier } from "../../src/verifier/index.ts";
import { nativeVerifier } from "../../src/verifier/native.ts";
import { wasmVerifier } from "../../src/verifier/wasm.ts";
import { deposit, leastDeposit, price } from "./cast.ts";

/** What the parent tells a project, as JSON in FARTHING_PROJECT. */
export type ProjectConfig = {
  name: string;
  rpc: string;
  escrow: Address;
  chainId: number;
  token: Address;
  store: string;
  payeeKey: Hex;
  relayerKey: Hex;
};

const config = JSON.parse(process.env.FARTHING_PROJECT ?? "{}") as ProjectConfig;
const logger = pino({ base: { project: config.name } });
const client = createClient({ transport: http(config.rpc), pollingInterval: 250 }).extend(publicActions);
const escrow = { address: config.escrow, chainId: config.chainId };
const account = privateKeyToAccount(config.payeeKey);
const store = sqliteStore(config.store, { role: "payee" });
const observer = createObserver({ client, escrow });
const verifier = selectVerifier({
  order: ["native", "wasm", "js"],
  offers: [await nativeVerifier(), await wasmVerifier()],
});
logger.info({ verifier: verifier.name, skipped: verifier.skipped }, "verifying signatures");
const payee = createPayee({
  escrow,
  account: { address: account.address, signer: account },
  observer,
  store,
  verifier,
  terms: { tokens: [config.token, nativeCoin], freshness: 5_000 },
  onFault: (fault, verb) => logger.error({ verb, code: (fault as { code?: string }).code }, "unavailable"),
});
await payee.start();
const stopWatching = observer.watch(store, {
  onError: (error) => logger.warn({ name: (error as Error).name }, "chain"),
});

const relay = createRelay({
  sender: createSender({
    client,
    account: privateKeyToAccount(config.relayerKey),
    journal: store.journal,
    clock: Date.now,
  }),
  client,
  escrow,
  policy: { minDeposit: { [config.token]: leastDeposit.token }, concurrency: 32 },
  onFault: (fault) => logger.error(fault, "relay"),
});

const secret = new Uint8Array(randomBytes(32));
const thanks = (currency: "token" | "native") =>
  paywall(
    payee,
    {
      price: price[currency],
      realm: config.name,
      description: `A gift to ${config.name}`,
      secret,
      escrow,
      client,
      token: currency === "token" ? config.token : nativeCoin,
      suggestedDeposit: deposit[currency],
      ...(currency === "token" ? { relay } : {}),
      onFault: (error) => logger.error({ name: (error as Error).name }, "request"),
    },
    (_request, { amount }) => Response.json({ thanks: `${config.name} received ${amount}` }),
  );

const walls = { token: thanks("token"), native: thanks("native") };
const leave = closeRequests(payee);
const app = new Hono()
  .all("/gift/token", (context) => walls.token(context.req.raw))
  .all("/gift/native", (context) => walls.native(context.req.raw))
  .all("/close-requests", (context) => leave(context.req.raw));

const server = await serve(app.fetch);
process.send?.({ ready: true, url: server.url });

let stopping: Promise<void> | undefined;
for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, stop);
process.on("disconnect", stop);

function stop() {
  if (!stopping) stopping = end();
}

async function end() {
  await server.stop();
  await stopWatching();
  await payee.stop();
  await store.close();
  process.exit(0);
}
