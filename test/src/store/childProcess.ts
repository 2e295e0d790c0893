import { type ChildProcessByStdio, spawn } from "node:child_process";
import { once } from "node:events";
import type { Readable } from "node:stream";
import { fileURLToPath } from "node:url";

const program = fileURLToPath(new URL("./child.ts", import.meta.url));

/** `child.ts` in a process of its own, with the lines that it has said. */
export function startChild(...parameters: string[]) {
  const child: ChildProcessByStdio<null, Readable, null> = spawn(process.execPath, [program, ...parameters], {
    stdio: ["ignore", "pipe", "inherit"],
    env: { ...process.env, NODE_NO_WARNINGS: "1" },
  });
  let said = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    said += text;
  });
  const ended = once(child, "close") as Promise<[number | null, NodeJS.Signals | null]>;
  return {
    /** Whole lines. */
    lines: () => said.split("\n").slice(0, -1),
    /** Resolves once it has said so many lines; rejects if it ends before. */
    async spoken(count: number) {
      while (said.split("\n").length <= count) {
        if (child.exitCode !== null || child.signalCode !== null) throw new Error("the child ended too soon");
        await Promise.race([once(child.stdout, "data"), ended]);
      }
    },
    /** `kill -9`, and waits for its end. */
    async kill() {
      child.kill("SIGKILL");
      await ended;
    },
    /** Its exit code. */
    ended: async () => (await ended)[0],
  };
}

/** The highest amount said for each caller. */
export function acknowledged(lines: readonly string[]): Map<number, bigint> {
  const highest = new Map<number, bigint>();
  for (const line of lines) {
    const [n, amount] = line.split(" ");
    highest.set(Number(n), BigInt(amount ?? ""));
  }
  return highest;
}
