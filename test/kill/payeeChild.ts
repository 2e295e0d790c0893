import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import type { PayeeConfig, PayeeReady } from "./payeeProcess.ts";

/** One life of the payee's process. */
export type PayeeChild = PayeeReady & {
  readonly endpoint: string;
  /** Kills it as a power cut would. */
  kill(): void;
  /** Resolves with the signal that ended it. */
  readonly ended: Promise<NodeJS.Signals | null>;
  /** Lets it end in order. */
  stop(): Promise<void>;
};

/** Starts a payee and resolves once it serves. */
export async function startPayee(config: PayeeConfig): Promise<PayeeChild> {
  const child: ChildProcess = fork(new URL("./payeeProcess.ts", import.meta.url), {
    stdio: ["ignore", "inherit", "inherit", "ipc"],
  });
  const ended = once(child, "exit").then(([, signal]) => signal as NodeJS.Signals | null);
  child.send(config);
  const ready = await Promise.race([
    once(child, "message").then(([message]) => message as PayeeReady),
    ended.then((signal) => {
      throw new Error(`the payee ended before it served (${signal ?? `exit code ${child.exitCode}`})`);
    }),
  ]);
  return {
    ...ready,
    endpoint: `http://127.0.0.1:${ready.port}/`,
    kill: () => void child.kill("SIGKILL"),
    ended,
    async stop() {
      child.kill("SIGTERM");
      await ended;
    },
  };
}
