// `npm run mutate`: changes the contracts in every small way that the compiler's syntax tree offers, one at a time, and requires that a
// test of theirs turns red. What was judged is kept in .farthing/mutation.json, so that a run goes on where another one stopped.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { createJudge, type Verdict } from "./mutate/judge.ts";
import { type Mutant, mutantsOf } from "./mutate/mutants.ts";
import { type Accepted, describe, scoreOf, survivorLines, survivorsOf, table } from "./mutate/report.ts";
import { startRunner } from "./mutate/runner.ts";
import { digest, select } from "./mutate/select.ts";
import { filesByTargets, readSources } from "./mutate/targets.ts";

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
  await print([...chosen.map(describe), `${chosen.length} mutants of ${sources.size} files`]);
  process.exit(0);
}

const store = values.shard ? `.farthing/mutation-${values.shard.replace("/", "-")}.json` : ".farthing/mutation.json";
const known = readJson<Record<string, Verdict>>(store, {});
const accepted = readJson<Accepted[]>("test/mutation/survivors.json", []);
const runner = await startRunner();
const { judge, judgeAgain, unusable } = createJudge(runner);
const results: [Mutant, Verdict][] = [];
const trees = new Map([...sources].map(([file, { ast }]) => [file, ast]));
mkdirSync(".farthing", { recursive: true });
for (const [targets, files] of filesByTargets(sources)) {
  const open: Mutant[] = [];
  for (const mutant of chosen.filter(({ file }) => files.includes(file))) {
    const verdict = known[keyOf(mutant)];
    // What survived the tests of yesterday may not survive those of today.
    if (!verdict || (verdict.verdict === "survived" && verdict.tests !== runner.tests)) open.push(mutant);
    else results.push([mutant, verdict]);
  }
  for await (const [mutant, verdict] of judge(open, trees, targets, values.alone)) keep(mutant, verdict);
}
for (const [mutant, verdict] of results.splice(0)) {
  const open = verdict.verdict === "survived" && !accepted.some(({ id }) => id === mutant.id);
  if (open) keep(mutant, await judgeAgain(mutant, sources.get(mutant.file)?.targets ?? []));
  else results.push([mutant, verdict]);
}
process.exit(await summarize());

async function summarize(): Promise<number> {
  const unlisted = survivorsOf(results).filter(({ id }) => !accepted.some((one) => one.id === id));
  const score = scoreOf(results, accepted);
  const seconds = results.reduce((sum, [, verdict]) => sum + verdict.seconds, 0);
  await print([
    ...survivorLines(results, accepted),
    "",
    ...table(results, accepted),
    "",
    ...(unusable.size > 0 ? [`red without a mutant, and not counted: ${[...unusable].join(", ")}`] : []),
    `${results.length} mutants of ${all.length}: score ${score.toFixed(1)} %, at least ${least} is asked; ` +
      `${unlisted.length} survivors without a reason; ${(seconds / 60).toFixed(0)} minutes`,
  ]);
  return score >= least && unlisted.length === 0 ? 0 : 1;
}

function keep(mutant: Mutant, verdict: Verdict): void {
  known[keyOf(mutant)] = verdict.verdict === "survived" ? { ...verdict, tests: runner.tests } : verdict;
  results.push([mutant, verdict]);
  writeFileSync(store, JSON.stringify(known, null, 1));
  progress(
    `${results.length}/${chosen.length} ${verdict.verdict.padEnd(10)} ${verdict.seconds} s  ${describe(mutant)}`,
  );
}

/** A verdict holds for the file as it was. */
function keyOf({ file, id }: Mutant): string {
  return `${file}@${digest(readFileSync(file)).slice(0, 12)}:${id}`;
}

/** All of it, before the process ends. */
function print(lines: string[]): Promise<void> {
  return new Promise((resolve) => {
    process.stdout.write(`${lines.join("\n")}\n`, () => resolve());
  });
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
