import { readFile, writeFile } from "node:fs/promises";
import type { Row } from "../report.ts";

/** The accepted figures by row. */
export type Snapshot = Record<string, number>;

const file = new URL("../../../test/snapshots/gas.json", import.meta.url);

export async function readSnapshot(): Promise<Snapshot> {
  return JSON.parse(await readFile(file, "utf8"));
}

export async function writeSnapshot(rows: readonly Pick<Row, "key" | "value">[]): Promise<void> {
  const snapshot: Snapshot = Object.fromEntries(rows.map(({ key, value }) => [key, value]));
  await writeFile(file, `${JSON.stringify(snapshot, null, 2)}\n`);
}

/** One line for each row whose figure is not the accepted one, for better or worse; none when all are. */
export function compareWithSnapshot(rows: readonly Pick<Row, "key" | "value">[], snapshot: Snapshot): string[] {
  const measured = new Map(rows.map(({ key, value }) => [key, value]));
  return [...new Set([...Object.keys(snapshot), ...measured.keys()])].flatMap((key) => {
    const [accepted, value] = [snapshot[key], measured.get(key)];
    if (accepted === value) return [];
    if (accepted === undefined) return [`${key} is new: ${value}`];
    if (value === undefined) return [`${key} is gone: it was ${accepted}`];
    const difference = value - accepted;
    return [`${key} was ${accepted} and is ${value} (${difference > 0 ? "+" : ""}${difference})`];
  });
}
