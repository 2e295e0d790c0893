// What one run of the demonstration found, as plain JSON: the picture is drawn from it, and a program may read it.
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname } from "node:path";

export const summaryFile = new URL("../../.farthing/last-run.json", import.meta.url);

/** Amounts are decimal strings of base units. */
export type RunSummary = {
  seed: string;
  payers: number;
  gifts: number;
  giftsPerSecond: number;
  /** Seconds of real time, all phases together. */
  seconds: number;
  tokens: { symbol: string; decimals: number; opened: string; settled: string; refunded: string; locked: string }[];
  projects: { name: string; gifts: number; settled: Record<string, string> }[];
  /** The payers who asked to leave and fell silent: what was owed then, and the seconds of grace left when it was paid. */
  exits: { project: string; symbol: string; owed: string; graceLeft: number }[];
  transactions: number;
  gas: { total: string; perGift: string };
  cost: { perGiftUsd: string; assumption: string };
  balanced: boolean;
};

export async function writeSummary(summary: RunSummary): Promise<void> {
  await mkdir(dirname(summaryFile.pathname), { recursive: true });
  await writeFile(summaryFile, `${JSON.stringify(summary, null, 2)}\n`);
}

/** The last run's summary; undefined before the first run. */
export async function readSummary(): Promise<RunSummary | undefined> {
  const text = await readFile(summaryFile, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return undefined;
    throw error;
  });
  return text === undefined ? undefined : (JSON.parse(text) as RunSummary);
}
