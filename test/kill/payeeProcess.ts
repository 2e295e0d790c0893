// A payee in a process of its own, on a store that outlives it, behind a minimal JSON endpoint: it kills itself where it is told to.
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { createClient, type Hex, http } from "viem";
import { privateKeyToAccount } from "viem/accounts";
import { hardhat } from "viem/chains";
import { createObserver } from "../../src/chain/observer.ts";
import { createPayee } from "../../src/payee/index.ts";
import type { Channel, Escrow } from "../../src/protocol/channel.ts";
import { nativeCoin } from "../../src/protocol/channel.ts";
import { StoreUnavailableError } from "../../src/store/errors.ts";
import { selectVerifier } from "../../src/verifier/selectVerifier.ts";
import { answerBeforeWrite } from "./answerBeforeWrite.ts";
import { type OpenStore, openStore, type Site } from "./ground.ts";

/** Where a payee can be told to die: inside the transaction, after it and before the payee hears of it, before the answer. */
export type KillPoint = "before-commit" | "after-commit" | "before-answer";

/** `durable`: the payee as it is. `answer-before-write`: one that acknowledges what it has not written, to test the harness. */
export type KillMode = "durable" | "answer-before-write";

export type PayeeConfig = {
  site: Site;
  rpc: string;
  escrow: Escrow;
  privateKey: Hex;
  mode: KillMode;
  channels: readonly Channel[];
  /** Die at the `count`th time that this point is reached once requests are served. */
  kill?: { point: KillPoint; count: number };
};

export type PayeeReady = { port: number; durability: OpenStore["durability"] };

process.once("message", (config: PayeeConfig) => void serve(config));

async function serve({ site, rpc, escrow, privateKey, mode, channels, kill }: PayeeConfig): Promise<void> {
  let isArmed = false;
  let left = kill?.count ?? 0;
  const reach = (point: KillPoint) => {
    if (!isArmed || point !== kill?.point) return;
    left -= 1;
    if (left === 0) process.kill(process.pid, "SIGKILL");
  };

  const kept = await openStore(site, "payee", {
    beforeCommit: () => reach("before-commit"),
    afterCommit: () => reach("after-commit"),
  });
  const store = mode === "durable" ? kept.store : answerBeforeWrite(kept.store);
  const account = privateKeyToAccount(privateKey);
  const client = createClient({ chain: hardhat, transport: http(rpc) });
  const payee = createPayee({
    escrow,
    account: { address: account.address, signer: account },
    observer: createObserver({ client, escrow }),
    store,
    verifier: selectVerifier({ order: ["js"] }),
    terms: { tokens: [nativeCoin], freshness: 60_000 },
    // The channels are opened before the payee's first start: its store is empty then, and only then.
    allowEmptyStore: true,
    onFault: (fault, verb) => {
      // A server that is killed is told of by its clients' refusals; anything else is news.
      if (site.kind === "postgres" && fault instanceof StoreUnavailableError) return;
      console.error(`${verb}: ${fault instanceof Error ? fault.name : "unknown fault"}`);
    },
  });
  await payee.start();
  for (const registered of await Promise.all(channels.map((channel) => payee.register(channel)))) {
    if (!registered.ok) throw new Error(registered.detail);
  }

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { channelId, cumulativeAmount, signature, amount } = JSON.parse(await text(request));
    const voucher = { channelId, cumulativeAmount: BigInt(cumulativeAmount), signature };
    const result = await payee.accept(voucher, { charge: { amount: BigInt(amount) } });
    const { ok } = result;
    const body = ok
      ? { ok, replayed: result.replayed, spent: `${result.charge?.spent}` }
      : { ok, code: result.code, detail: result.detail };
    reach("before-answer");
    response.setHeader("content-type", "application/json").end(JSON.stringify(body));
  }

  const server = createServer((request, response) => {
    answer(request, response).catch((error: unknown) => response.destroy(error instanceof Error ? error : undefined));
  });
  server.listen(0, "127.0.0.1", () => {
    isArmed = true;
    const { port } = server.address() as AddressInfo;
    process.send?.({ port, durability: kept.durability } satisfies PayeeReady);
  });

  process.once("SIGTERM", async () => {
    server.close();
    server.closeAllConnections();
    await payee.stop();
    await store.close();
    await kept.end();
    process.disconnect();
  });
}
