// `npm run bench -- NAME`: measures, and shows each figure beside the one to reach; `--json` prints one object instead.
import { parseArgs } from "node:util";
import { SingleBar } from "cli-progress";
import { formatTable } from "./bench/formatTable.ts";
import { type Bench, type OnRow, toJson } from "./bench/report.ts";

const benches: Record<string, () => Promise<Bench>> = {
  gas: async () => (await import("./bench/gas/index.ts")).gas,
};

const [name = "", ...args] = process.argv.slice(2);
if (!Object.hasOwn(benches, name)) refuse(`there is no bench ${JSON.stringify(name)}`);
const bench = (await benches[name]?.()) as Bench;
const flags = parse();
const progress = show();
const report = await bench.run(flags, progress.update).finally(progress.end);
process.stdout.write(flags.json ? toJson(report) : formatTable(report));

function parse() {
  try {
    return parseArgs({ args, options: { ...bench.flags, json: { type: "boolean" } } }).values;
  } catch (error) {
    return refuse((error as Error).message.split(/\. |\n/)[0] ?? "the flags cannot be read");
  }
}

function refuse(what: string): never {
  const flagsOf = bench ? Object.keys(bench.flags).map((flag) => ` [--${flag}]`) : [];
  const usage = bench
    ? `use npm run bench -- ${name} [--json]${flagsOf.join("")}`
    : `choose one of ${Object.keys(benches).join(", ")}: npm run bench -- NAME [--json]`;
  process.stderr.write(`bench: ${what}; ${usage}\n`);
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
