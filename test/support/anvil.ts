// Foundry's anvil, a process of its own, as the chain.
import { type ChildProcess, spawn } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";
import { custom, http, type Transport } from "viem";
import type { Connection } from "./chain.ts";

/** How long it may take to listen, milliseconds; and a tenth of what it may take to answer on a busy machine. */
const patience = 30_000;

/**
 * Starts `anvil --optimism` on a free port; gas is free, and a transaction is answered once it is mined. Resolves once it listens.
 * @param program Where it is.
 * @param options.timestamp When the chain starts, Unix seconds; now unless told.
 * @param options.gasLimit Of a block; so much unless told that no block passes half of it, where the base fee would begin to rise.
 */
export async function startAnvil(
  program: string,
  options: { timestamp?: bigint; gasLimit?: bigint } = {},
): Promise<Connection & { url: string }> {
  const { timestamp, gasLimit = 1_000_000_000n } = options;
  const clock = timestamp === undefined ? [] : ["--timestamp", String(timestamp)];
  const fees = ["--block-base-fee-per-gas", "0", "--gas-limit", String(gasLimit)];
  const child = spawn(program, ["--optimism", "--port", "0", ...clock, ...fees], { stdio: ["ignore", "pipe", "pipe"] });
  const url = await listening(child, program);
  return { transport: mining(url), url, stop: () => end(child) };
}

/** Answers a transaction once it is mined, as the simulated chain does; anvil answers before that. */
function mining(url: string): Transport {
  const node = http(url, { retryCount: 0, timeout: 10 * patience })({});
  async function request(call: { method: string; params?: unknown }) {
    const answer = await node.request(call as never);
    if (!/^eth_send(Raw)?Transaction$/.test(call.method)) return answer;
    const deadline = performance.now() + 10 * patience;
    while ((await node.request({ method: "eth_getTransactionReceipt", params: [answer] } as never)) === null) {
      if (performance.now() > deadline) throw new Error(`anvil did not mine ${answer} in ${patience / 100} seconds`);
      await sleep(1);
    }
    return answer;
  }
  return custom({ request }, { retryCount: 0 });
}

function listening(child: ChildProcess, program: string): Promise<string> {
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
      stream?.on("data", (chunk: Buffer) => {
        said = (said + chunk).slice(-2_000);
        const address = /Listening on (127\.0\.0\.1:\d+)/.exec(said)?.[1];
        if (!address) return;
        clearTimeout(late);
        stream.removeAllListeners("data").resume();
        resolve(`http://${address}`);
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
