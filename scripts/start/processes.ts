// Child processes of the demonstration: each is a real process with its own log file, and ends with its parent.
import { type ChildProcess, spawn } from "node:child_process";
import { createWriteStream, existsSync } from "node:fs";
import { join } from "node:path";

export type Service = {
  name: string;
  url: string;
  process: ChildProcess;
  /** Ends it politely, then by force; resolves with its exit code. */
  stop(): Promise<number | null>;
  /** Resolves when it ends by itself. */
  ended: Promise<number | null>;
};

export type Launch = {
  name: string;
  /** Script and arguments, run by this process's own Node. */
  script: string;
  args?: string[];
  environment?: Record<string, string>;
  /** Run under libfaketime with this offset, such as `+1d`. */
  skew?: string | undefined;
  /** Called for each message that the child sends over IPC after `ready`. */
  onMessage?: (message: Record<string, unknown>) => void;
};

/** Starts a child and resolves once it says that it is ready; rejects with the end of its log when it dies before. */
export function launch(directory: string, request: Launch): Promise<Service> {
  const { name, script, args = [], environment = {}, skew } = request;
  const child = spawn(process.execPath, [script, ...args], {
    stdio: ["ignore", "pipe", "pipe", "ipc"],
    env: { ...process.env, ...(skew ? faketime(skew) : {}), ...environment },
  });
  const log = createWriteStream(join(directory, `${name}.log`), { flags: "a" });
  let tail = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on("data", (chunk: Buffer) => {
      log.write(chunk);
      tail = (tail + chunk).slice(-2_000);
    });
  }
  const ended = new Promise<number | null>((resolve) => child.once("close", (code) => resolve(code)));
  const service = (url: string): Service => ({ name, url, process: child, ended, stop: () => stop(child, ended) });

  return new Promise((resolve, reject) => {
    child.once("error", (error) => reject(new Error(`${name} could not be started: ${error.message}`)));
    child.once("close", (code) => reject(new Error(`${name} ended (${code}) before it was ready:\n${tail}`)));
    child.on("message", (message: Record<string, unknown>) => {
      if (message.ready) resolve(service(String(message.url ?? "")));
      else request.onMessage?.(message);
    });
  });
}

/** The environment that shifts a process's clock. Preloaded, not wrapped, so that signals reach the process itself. */
function faketime(offset: string): Record<string, string> {
  const library = ["x86_64-linux-gnu", "aarch64-linux-gnu"]
    .map((triple) => `/usr/lib/${triple}/faketime/libfaketime.so.1`)
    .find((path) => existsSync(path));
  if (!library) throw new Error("--skew needs libfaketime (Debian's package faketime), and it is not here.");
  return { LD_PRELOAD: library, FAKETIME: offset, FAKETIME_DONT_FAKE_MONOTONIC: "1" };
}

async function stop(child: ChildProcess, ended: Promise<number | null>): Promise<number | null> {
  if (child.exitCode !== null || child.signalCode !== null) return child.exitCode;
  child.kill("SIGTERM");
  const force = setTimeout(() => child.kill("SIGKILL"), 10_000);
  const code = await ended;
  clearTimeout(force);
  return code;
}
