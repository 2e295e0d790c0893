// `npm run mutate`: changes the contracts in every small way that the compiler's syntax tree offers, one at a time, and requires that a
// test of theirs turns red. What was judged is kept in .farthing/mutation.json, so that a run goes on where another one stopped.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { createJudge, type Verdict } from "./mutate/judge.ts";
import { type Mutant, mutantsOf } from "./mutate/mutants.ts";
import { startRunner } from "./mutate/runner.ts";
import { digest, select } from "./mutate/select.ts";
import { readSources } from "./mutate/targets.ts";

type Accepted = { id: string; file: string; change: string; reason: string };

const least = 95;
const { values } = parseArgs({
  options: {
    sample: { type: "string" },
    seed: { type: "string", default: "1" },
    file: { type: "string", multiple: true },
    shard: { type: "string" },
    alone: { type: "boolean" },
    list: { type: "boolean" },
  },
});
const sources = readSources();
for (const file of values.file ?? []) {
  if (!sources.has(file)) refuse(`there is no source ${file}; choose of ${[...sources.keys()].join(", ")}`);
}
const all = [...sources].flatMap(([file, { ast }]) => mutantsOf(file, readFileSync(file), ast));
const chosen = select(
  all.filter(({ file }) => !values.file || values.file.includes(file)),
  values,
);
if (values.list) {
  for (const mutant of chosen) console.log(describe(mutant));
  console.log(`${chosen.length} mutants of ${sources.size} files`);
  process.exit(0);
}

const store = values.shard ? `.farthing/mutation-${values.shard.replace("/", "-")}.json` : ".farthing/mutation.json";
const known = readJson<Record<string, Verdict>>(store, {});
const accepted = readJson<Accepted[]>("test/mutation/survivors.json", []);
const judge = createJudge(await startRunner());
const results: [Mutant, Verdict][] = [];
mkdirSync(".farthing", { recursive: true });
for (const [file, { ast, targets }] of sources) {
  const own = chosen.filter((mutant) => mutant.file === file);
  for (const mutant of own) {
    const verdict = known[keyOf(mutant)];
    if (verdict) results.push([mutant, verdict]);
  }
  const open = own.filter((mutant) => !known[keyOf(mutant)]);
  for await (const [mutant, verdict] of judge(open, ast, targets, values.alone)) {
    known[keyOf(mutant)] = verdict;
    results.push([mutant, verdict]);
    writeFileSync(store, JSON.stringify(known, null, 1));
    progress(
      `${results.length}/${chosen.length} ${verdict.verdict.padEnd(10)} ${verdict.seconds} s  ${describe(mutant)}`,
    );
  }
}
process.exit(summarize());

function summarize(): number {
  const count = (kind: Verdict["verdict"]) => results.filter(([, { verdict }]) => verdict === kind).length;
  const survivors = results.filter(([, { verdict }]) => verdict === "survived").map(([mutant]) => mutant);
  const unlisted = survivors.filter(({ id }) => !accepted.some((one) => one.id === id));
  for (const mutant of survivors) {
    const reason = accepted.find(({ id }) => id === mutant.id)?.reason;
    console.log(`${reason ? "accepted" : "SURVIVED"}  ${describe(mutant)}${reason ? `\n    ${reason}` : ""}`);
  }
  const judged = count("killed") + unlisted.length;
  const score = judged === 0 ? 100 : (100 * count("killed")) / judged;
  const seconds = results.reduce((sum, [, verdict]) => sum + verdict.seconds, 0) / Math.max(1, results.length);
  console.log(
    `\n${results.length} mutants of ${all.length}: ${count("killed")} killed, ${survivors.length} survived ` +
      `(${survivors.length - unlisted.length} accepted), ${count("equivalent")} equivalent, ${count("invalid")} do not compile\n` +
      `score ${score.toFixed(1)} %, at least ${least} is asked; ${seconds.toFixed(1)} s a mutant`,
  );
  return score >= least && unlisted.length === 0 ? 0 : 1;
}

function describe({ id, file, line, rule, original, text }: Mutant): string {
  const flat = (part: string) => part.replace(/\s+/g, " ").trim();
  return `${id} ${file}:${line} ${rule}: ${flat(original)} -> ${flat(text) || "(nothing)"}`;
}

/** A verdict holds for the file as it was. */
function keyOf({ file, id }: Mutant): string {
  return `${file}@${digest(readFileSync(file)).slice(0, 12)}:${id}`;
}

function progress(line: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[2K${line.slice(0, process.stderr.columns - 1)}`);
  else console.log(line);
}

function readJson<value>(path: string, otherwise: value): value {
  return existsSync(path) ? (JSON.parse(readFileSync(path, "utf8")) as value) : otherwise;
}

function refuse(sentence: string): never {
  console.error(`mutate: ${sentence}`);
  process.exit(2);
}
