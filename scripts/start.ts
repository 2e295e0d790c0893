// `npm start`: the whole system on this machine, from deposits to an audit that balances. `--help` tells the flags.
import { randomBytes } from "node:crypto";
import { mkdirSync, mkdtempSync } from "node:fs";
import { parseArgs } from "node:util";
import { compile, contractsOf } from "./start/compile.ts";
import { playCycle } from "./start/cycle.ts";
import { type Ground, prepareGround } from "./start/ground.ts";
import type { Service } from "./start/processes.ts";
import { phase, phaseTimes } from "./start/progress.ts";
import { playSeason } from "./start/season/play.ts";
import { tampered } from "./start/season/tamper.ts";
import { summarize } from "./start/summarize.ts";
import { writeSummary } from "./start/summary.ts";
import type { Claim } from "./start/verdict.ts";
import { formatWays } from "./start/waysOnChain.ts";

const help = `Usage: npm start -- [--once] [--gifts N] [--seed TEXT] [--no-keeper] [--skew=OFFSET]
                      [--skip-season | --only-season] [--kills N] [--tamper RECORD]

  --once         end when the audit is done: 0 if everything balances, else 1
  --gifts N      least number of gifts (20000)
  --seed TEXT    replay a run's cast and keys; printed by each run
  --no-keeper    leave the keeper out, and see the run fail
  --skew=OFFSET  run the services, not the chain, under libfaketime, as +1d or -1d
  --skip-season  leave the season of giving out
  --only-season  the season alone
  --kills N      kill the season's collector or keeper at N random moments and start it again
  --tamper RECORD  alter one gift by one unit in the season's donors, collector, chain or export, and see the run fail
`;

const { values } = parse({
  once: { type: "boolean", default: false },
  gifts: { type: "string", default: "20000" },
  seed: { type: "string", default: process.env.FARTHING_SEED ?? randomBytes(4).toString("hex") },
  "no-keeper": { type: "boolean", default: false },
  skew: { type: "string" },
  "skip-season": { type: "boolean", default: false },
  "only-season": { type: "boolean", default: false },
  kills: { type: "string", default: "0" },
  tamper: { type: "string" },
  help: { type: "boolean", short: "h", default: false },
});
if (values.help) {
  process.stdout.write(help);
  process.exit(0);
}
if (!/^[1-9]\d{0,6}$/.test(values.gifts))
  refuse(`--gifts must be a whole number from 1 to 9999999, not ${values.gifts}.`);
if (!/^\d{1,3}$/.test(values.kills)) refuse(`--kills must be a whole number up to 999, not ${values.kills}.`);
const wrong = tampered.find((record) => record === values.tamper);
if (values.tamper !== undefined && !wrong)
  refuse(`--tamper must be one of ${tampered.join(", ")}, not ${values.tamper}.`);
if (values["skip-season"] && values["only-season"]) refuse("--skip-season and --only-season leave nothing to run.");

const services: Service[] = [];
let stopping: Promise<void> | undefined;
// Ctrl-C may reach this process twice.
for (const signal of ["SIGINT", "SIGTERM"] as const)
  process.on(signal, () => void stop().then(() => process.exit(130)));

let balanced = false;
const began = performance.now();
try {
  mkdirSync(".farthing", { recursive: true });
  const directory = mkdtempSync(".farthing/run-");
  console.log(`seed ${values.seed}, logs in ${directory}`);
  const { cycle: first, season: later } = contractsOf;
  await phase("Contracts compiled", () => compile(values["only-season"] ? [...first, ...later] : first));
  const { gifts, kills, skew, seed } = { ...values, gifts: Number(values.gifts), kills: Number(values.kills) };
  const ground = await prepareGround(seed, directory, services);
  const isDone = values["only-season"] || values["skip-season"];
  const compiled = isDone ? Promise.resolve() : compile(later, services);
  compiled.catch(() => {}); // It is awaited where the season begins.
  const cycle = values["only-season"]
    ? undefined
    : await playCycle(ground, { gifts, keeper: !values["no-keeper"], skew });
  if (cycle) show("The first days", cycle.claims);
  if (!isDone) await phase("The season's contracts compiled meanwhile", () => compiled);
  const season = values["skip-season"] ? undefined : await playSeason(ground, { kills, tamper: wrong, skew });
  if (season) show("The season", season);
  const claims = [...(cycle?.claims ?? []), ...(season ?? [])];
  balanced = claims.every(({ holds }) => holds);
  console.log(`\n${phaseTimes()}\n`);
  if (cycle) console.log(`  Channels of the first days\n${formatWays(cycle.ways)}\n`);
  const seconds = (performance.now() - began) / 1000;
  if (cycle) await writeSummary(await summarize(cycle, { seed, seconds, balanced }));
  if (!values.once) await untilStopped(ground, cycle?.token);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
} finally {
  await stop();
}
console.log(balanced ? "balanced" : "NOT BALANCED");
process.exit(balanced ? 0 : 1);

function show(title: string, claims: readonly Claim[]) {
  console.log(`\n${title}\n${claims.map(({ holds, sentence }) => `  ${holds ? "✔" : "✘"} ${sentence}`).join("\n")}\n`);
}

function refuse(sentence: string): never {
  console.error(sentence);
  process.exit(2);
}

/** One line for a flag that is wrong, not a stack. */
function parse<T extends NonNullable<Parameters<typeof parseArgs>[0]>["options"]>(options: T) {
  try {
    return parseArgs({ options: options as NonNullable<T> });
  } catch (error) {
    return refuse(`${(error as Error).message.split("\n")[0]} See --help.`);
  }
}

/** Last in, first out: the chain ends when nobody needs it any more. */
function stop(): Promise<void> {
  if (!stopping)
    stopping = (async () => {
      for (const service of services.reverse()) await service.stop();
    })();
  return stopping;
}

function untilStopped({ world, escrow, services: running }: Ground, token: string | undefined): Promise<void> {
  const sites = running
    .filter(({ name }) => name.startsWith("project"))
    .map(({ url }) => `\n  gifts   ${url}/gift/token, ${url}/gift/native`);
  const dollar = token ? `\n  USDD    ${token}` : "";
  console.log(
    `Still up, until Ctrl-C:\n  RPC     ${world.rpc} (chain ${escrow.chainId})\n  escrow  ${escrow.address}${dollar}${sites.join("")}`,
  );
  return new Promise(() => {});
}
