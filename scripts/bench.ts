// `npm run bench -- NAME`: measures, and shows each figure beside the one to reach; `--json` prints one object instead.
import { parseArgs } from "node:util";
import { SingleBar } from "cli-progress";
import { formatTable } from "./bench/formatTable.ts";
import { type Bench, type OnRow, toJson, UsageError } from "./bench/report.ts";

const benches: Record<string, () => Promise<Bench>> = {
  gas: async () => (await import("./bench/gas/index.ts")).gas,
  payee: async () => (await import("./bench/payee.ts")).payee,
  pool: async () => (await import("./bench/pool.ts")).pool,
  ticks: async () => (await import("./bench/ticks.ts")).ticks,
};

const [name = "", ...args] = process.argv.slice(2);
const load = Object.hasOwn(benches, name) ? benches[name] : undefined;
if (!load) {
  const names = Object.keys(benches).join(", ");
  refuse(`there is no bench ${JSON.stringify(name)}; choose one of ${names}: npm run bench -- NAME [--json]`);
}
const bench = await load();
const flags = parse();
const progress = show();
const report = await bench
  .run(flags, progress.update)
  .finally(progress.end)
  .catch((error: unknown) => {
    if (error instanceof UsageError) return refuse(error.message);
    throw error;
  });
process.stdout.write(flags.json ? toJson(report) : formatTable(report));
if (report.fault) {
  process.stderr.write(`bench: ${report.fault}\n`);
  process.exitCode = 1;
}

function parse() {
  try {
    return parseArgs({ args, options: { ...bench.flags, json: { type: "boolean" } } }).values;
  } catch (error) {
    const own = Object.entries(bench.flags).map(
      ([flag, { type }]) => ` [--${flag}${type === "string" ? " NAME" : ""}]`,
    );
    const what = (error as Error).message.split(/\. |\n/)[0];
    return refuse(`${what}; use npm run bench -- ${name} [--json]${own.join("")}`);
  }
}

function refuse(sentence: string): never {
  process.stderr.write(`bench: ${sentence}\n`);
  process.exit(2);
}

/** A bar on a terminal, nothing elsewhere; on standard error, so that the figures can be piped. */
function show(): { update: OnRow; end: () => void } {
  if (!process.stderr.isTTY) return { update() {}, end() {} };
  const format = "{bar} {value}/{total} rows, {key}";
  const bar = new SingleBar({ format, barsize: 30, hideCursor: true, clearOnComplete: true, stream: process.stderr });
  return {
    update(done, total, key) {
      if (!bar.isActive) bar.start(total, 0, { key });
      bar.update(done, { key });
    },
    end: () => bar.stop(),
  };
}
