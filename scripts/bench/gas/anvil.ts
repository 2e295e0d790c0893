// Foundry's anvil as the chain to measure on.
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";
import { custom, http, type Transport } from "viem";
import { settleOn } from "../../../test/support/chain.ts";
import { blockTime, type Venue } from "./venue.ts";

/** How long it may take to listen, milliseconds. */
const patience = 30_000;

/** Its version, as `1.7.1`, and the rules that its chain follows. */
export async function anvilVersions(program: string): Promise<Record<"anvil" | "anvil_hardfork", string>> {
  const { stdout } = spawnSync(program, ["--version"], { encoding: "utf8" });
  const version = /anvil Version: (\S+)/.exec(stdout ?? "")?.[1];
  if (!version) throw new Error(`${program} --version does not say what anvil would`);
  const { child, url } = await listen(program, 0n);
  const info = await http(url)({})
    .request({ method: "anvil_nodeInfo" } as never)
    .finally(() => end(child));
  return { anvil: version, anvil_hardfork: (info as { hardFork: string }).hardFork.toLowerCase() };
}

/**
 * `anvil --optimism`, a process a stage. Nothing but `eth_sendRawTransaction` makes a measured transaction: its blocks follow each
 * other by the clock that was set before, and their base fee is nothing from the start.
 */
export function anvil(program: string): Venue {
  return {
    async start(initialDate) {
      const { child, url } = await listen(program, BigInt(initialDate.getTime() / 1_000));
      const chain = await settleOn({ transport: mining(url), url, stop: () => end(child) });
      await chain.client.request({ method: "anvil_setBlockTimestampInterval", params: [Number(blockTime)] } as never);
      return chain;
    },
    async turnTo({ client }, second) {
      const { timestamp } = await client.getBlock();
      if (timestamp + blockTime === second) return;
      await client.setNextBlockTimestamp({ timestamp: second - blockTime });
      await client.mine({ blocks: 1 });
    },
  };
}

/** Answers a transaction once it is mined, as the simulated chain does; anvil answers before that. */
function mining(url: string): Transport {
  const node = http(url, { retryCount: 0 })({});
  async function request(call: { method: string; params?: unknown }) {
    const answer = await node.request(call as never);
    if (!/^eth_send(Raw)?Transaction$/.test(call.method)) return answer;
    const deadline = performance.now() + patience;
    while ((await node.request({ method: "eth_getTransactionReceipt", params: [answer] } as never)) === null) {
      if (performance.now() > deadline) throw new Error(`anvil did not mine ${answer} in ${patience / 1_000} seconds`);
      await sleep(2);
    }
    return answer;
  }
  return custom({ request }, { retryCount: 0 });
}

/** Starts it on a free port, and resolves once it listens. */
function listen(program: string, timestamp: bigint): Promise<{ child: ChildProcess; url: string }> {
  const clock = ["--timestamp", String(timestamp)];
  // So much that no block passes half of it, where the base fee would begin to rise.
  const fees = ["--block-base-fee-per-gas", "0", "--gas-limit", "1000000000"];
  const child = spawn(program, ["--optimism", "--port", "0", ...clock, ...fees], { stdio: ["ignore", "pipe", "pipe"] });
  const kill = () => child.kill("SIGTERM");
  process.once("exit", kill);
  child.once("close", () => process.off("exit", kill));
  let said = "";
  return new Promise((resolve, reject) => {
    const late = setTimeout(() => {
      kill();
      reject(new Error(`${program} does not listen after ${patience / 1_000} seconds:\n${said}`));
    }, patience);
    child.once("error", (error) => reject(new Error(`${program} could not be started: ${error.message}`)));
    child.once("close", (code) => {
      clearTimeout(late);
      reject(new Error(`${program} ended (${code}) before it listened:\n${said}`));
    });
    for (const stream of [child.stdout, child.stderr]) {
      stream.on("data", (chunk: Buffer) => {
        said = (said + chunk).slice(-2_000);
        const address = /Listening on (127\.0\.0\.1:\d+)/.exec(said)?.[1];
        if (!address) return;
        clearTimeout(late);
        stream.removeAllListeners("data").resume();
        resolve({ child, url: `http://${address}` });
      });
    }
  });
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const closed = new Promise((resolve) => child.once("close", resolve));
  child.kill("SIGTERM");
  await closed;
}
