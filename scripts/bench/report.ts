import { readFileSync } from "node:fs";
import { machine as architecture, cpus, release, type } from "node:os";
import type { ParseArgsOptionsConfig } from "node:util";

/** One figure of a bench. */
export type Row = {
  /** Its name in `--json` and in snapshots. */
  key: string;
  value: number;
  unit: "gas" | "bytes" | "per second" | "times" | "of 1";
  /** The figure to reach, where there is one: met when the value is not above it. */
  atMost?: number | undefined;
  /** The figure to reach where more is better: met when the value is not below it. */
  atLeast?: number | undefined;
  /** The same work's figure on a second chain, where it was measured there too. */
  anvil?: number;
};

/** What a bench found, and on what. */
export type Report = {
  bench: string;
  /** The size of the work, in words. */
  work: string;
  versions: Record<string, string>;
  rows: readonly Row[];
  /** What is wrong with the figures, in a sentence: the command prints them, and fails. */
  fault?: string | undefined;
};

/** Told of each row when it is done. */
export type OnRow = (done: number, total: number, key: string) => void;

/** A bench of `npm run bench -- NAME`. */
export type Bench = {
  /** Its own flags, beside `--json`. */
  flags: ParseArgsOptionsConfig;
  run(flags: Record<string, unknown>, onRow: OnRow): Promise<Report>;
};

/** A bench was asked for what it does not have; the message says what it has. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/** The report as one JSON object, without the figures to reach. */
export function toJson({ bench, work, versions, rows }: Report): string {
  const figures = rows.map(({ key, value, unit, ...row }) => ({ key, value, unit, ...besides({ value, ...row }) }));
  return `${JSON.stringify({ bench, machine: machine(), versions, work, rows: figures }, null, 2)}\n`;
}

/** How far the second chain's figure is from the first's, percent of that; undefined where there is none. */
export function differencePercent({ value, anvil }: Pick<Row, "value" | "anvil">): number | undefined {
  if (anvil === undefined) return undefined;
  return value === anvil ? 0 : (100 * (anvil - value)) / value;
}

function besides(row: Pick<Row, "value" | "anvil">) {
  return row.anvil === undefined ? {} : { anvil: row.anvil, difference_percent: differencePercent(row) };
}

/** The machine that runs this, in a line. */
export function machine(): string {
  const cores = cpus();
  return `${cores.length} x ${cores[0]?.model ?? "unknown processor"}, ${type()} ${release()} ${architecture()}`;
}

/** Node's version, and those of the named packages as they are installed. */
export function versionsOf(packages: readonly string[]): Record<string, string> {
  const installed = (name: string): string => {
    const manifest = new URL(`../../node_modules/${name}/package.json`, import.meta.url);
    return JSON.parse(readFileSync(manifest, "utf8")).version;
  };
  return { node: process.versions.node, ...Object.fromEntries(packages.map((name) => [name, installed(name)])) };
}
