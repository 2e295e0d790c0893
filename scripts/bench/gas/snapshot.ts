import { readFile, writeFile } from "node:fs/promises";
import type { Row } from "../report.ts";

/** The accepted figures by row. */
export type Snapshot = Record<string, number>;

/** A figure, whatever else is known of it. */
type Figure = Pick<Row, "key" | "value">;

/** Where the accepted figures are committed. */
export const snapshotFile = new URL("../../../test/snapshots/gas.json", import.meta.url);

/** What to run so that the present figures become the accepted ones. */
export const howToAccept = "npm run bench -- gas --update";

export async function readSnapshot(): Promise<Snapshot> {
  return JSON.parse(await readFile(snapshotFile, "utf8"));
}

export async function writeSnapshot(rows: readonly Figure[]): Promise<void> {
  await writeFile(snapshotFile, formatSnapshot(rows));
}

/** The file's whole text. */
export function formatSnapshot(rows: readonly Figure[]): string {
  const snapshot: Snapshot = Object.fromEntries(rows.map(({ key, value }) => [key, value]));
  return `${JSON.stringify(snapshot, null, 2)}\n`;
}

/** One line for each row whose figure is not the accepted one, for better or worse; none when all are. */
export function compareWithSnapshot(rows: readonly Figure[], snapshot: Snapshot): string[] {
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
