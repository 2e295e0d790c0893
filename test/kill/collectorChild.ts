import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";

/** One life of the collector's command. */
export type CollectorChild = {
  readonly url: string;
  readonly log: () => string;
  /** Kills it as a power cut would. */
  kill(): void;
  /** Resolves with the signal or exit code that ended it. */
  readonly ended: Promise<NodeJS.Signals | number | null>;
  /** Lets it end in order. */
  stop(): Promise<void>;
};

/** Starts `scripts/collector.ts` and resolves once it serves. */
export async function startCollector(
  args: readonly string[],
  env: Record<string, string> = {},
): Promise<CollectorChild> {
  const child: ChildProcess = fork(new URL("../../scripts/collector.ts", import.meta.url), [...args], {
    stdio: ["ignore", "pipe", "pipe", "ipc"],
    env: { ...process.env, ...env },
  });
  let log = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on("data", (chunk) => {
      log += chunk;
    });
  }
  const ended = once(child, "exit").then(([code, signal]) => (signal ?? code) as NodeJS.Signals | number | null);
  const ready = await Promise.race([
    once(child, "message").then(([message]) => message as { url: string }),
    ended.then((how) => {
      throw new Error(`the collector ended before it served (${how}): ${log}`);
    }),
  ]);
  return {
    url: ready.url,
    log: () => log,
    kill: () => void child.kill("SIGKILL"),
    ended,
    async stop() {
      child.kill("SIGTERM");
      await ended;
    },
  };
}
