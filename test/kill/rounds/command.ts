import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { Hex } from "viem";

const script = fileURLToPath(new URL("../../../scripts/keeper.ts", import.meta.url));

export type Running = {
  /** Resolves once its loops run, or it has ended: from then on it reads, signs, journals and broadcasts. */
  ready: Promise<void>;
  /** Resolves with its first line of log: it has sent something, or found something wrong. */
  spoken: Promise<void>;
  kill(): Promise<boolean>;
  exit: Promise<{ code: number | null; signal: string | null; err: string }>;
};

/** The keeper's command in a process of its own. */
export function startKeeper(args: readonly string[], keys: { keeper: Hex; closer: Hex }): Running {
  const env = { ...process.env, FARTHING_KEEPER_KEY: keys.keeper, FARTHING_CLOSER_KEY: keys.closer };
  const child: ChildProcess = spawn(process.execPath, [script, ...args], {
    env,
    stdio: ["ignore", "pipe", "pipe", "ipc"],
  });
  let err = "";
  child.stderr?.on("data", (text) => {
    err += text;
  });
  const exit = once(child, "close").then(([code, signal]) => ({ code, signal, err }));
  const first = new Promise<void>((resolve) => child.stdout?.once("data", () => resolve()));
  child.stdout?.resume();
  return {
    exit,
    ready: Promise.race([once(child, "message"), exit]).then(() => undefined),
    spoken: Promise.race([first, exit.then(() => undefined)]),
    async kill() {
      child.kill("SIGKILL");
      return (await exit).signal === "SIGKILL";
    },
  };
}
