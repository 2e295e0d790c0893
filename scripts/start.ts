// `npm start`: the whole system on this machine, from deposits to an audit that balances. `--help` tells the flags.
import { spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdirSync, mkdtempSync } from "node:fs";
import { parseArgs } from "node:util";
import { playCycle } from "./start/cycle.ts";
import type { Service } from "./start/processes.ts";
import { phase, phaseTimes } from "./start/progress.ts";
import { summarize } from "./start/summarize.ts";
import { writeSummary } from "./start/summary.ts";

const help = `Usage: npm start -- [--once] [--gifts N] [--seed TEXT] [--no-keeper] [--skew=OFFSET]

  --once         end when the audit is done: 0 if everything balances, else 1
  --gifts N      least number of gifts (20000)
  --seed TEXT    replay a run's cast and keys; printed by each run
  --no-keeper    leave the keeper out, and see the run fail
  --skew=OFFSET  run the services, not the chain, under libfaketime, as +1d or -1d
`;

const { values } = parse({
  once: { type: "boolean", default: false },
  gifts: { type: "string", default: "20000" },
  seed: { type: "string", default: process.env.FARTHING_SEED ?? randomBytes(4).toString("hex") },
  "no-keeper": { type: "boolean", default: false },
  skew: { type: "string" },
  help: { type: "boolean", short: "h", default: false },
});
if (values.help) {
  process.stdout.write(help);
  process.exit(0);
}
if (!/^[1-9]\d{0,6}$/.test(values.gifts)) {
  console.error(`--gifts must be a whole number from 1 to 9999999, not ${values.gifts}.`);
  process.exit(2);
}

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
  await phase("Contracts compiled", async () => compile());
  const { gifts, skew, seed } = { ...values, gifts: Number(values.gifts) };
  const cycle = await playCycle({ seed, gifts, keeper: !values["no-keeper"], skew, directory }, services);
  balanced = cycle.claims.every(({ holds }) => holds);
  console.log(`\n${cycle.claims.map(({ holds, sentence }) => `  ${holds ? "✔" : "✘"} ${sentence}`).join("\n")}`);
  console.log(`\n${phaseTimes()}\n`);
  await writeSummary(await summarize(cycle, { seed, seconds: (performance.now() - began) / 1000, balanced }));
  if (!values.once) await untilStopped(cycle);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
} finally {
  await stop();
}
console.log(balanced ? "balanced" : "NOT BALANCED");
process.exit(balanced ? 0 : 1);

/** One line for a flag that is wrong, not a stack. */
function parse<T extends NonNullable<Parameters<typeof parseArgs>[0]>["options"]>(options: T) {
  try {
    return parseArgs({ options: options as NonNullable<T> });
  } catch (error) {
    console.error(`${(error as Error).message.split("\n")[0]} See --help.`);
    process.exit(2);
  }
}

function compile() {
  // The escrow and the demonstration's token alone: the rest of the Solidity is for tests.
  const sources = ["contracts/PaymentChannels.sol", "test/contracts/tokens/AuthorizationToken.sol"];
  const build = ["node_modules/.bin/hardhat", "build", ...sources];
  const { status, stdout, stderr } = spawnSync(process.execPath, build, { encoding: "utf8" });
  if (status !== 0) throw new Error(`The contracts do not compile:\n${stdout}${stderr}`);
}

/** Last in, first out: the chain ends when nobody needs it any more. */
function stop(): Promise<void> {
  if (!stopping)
    stopping = (async () => {
      for (const service of services.reverse()) await service.stop();
    })();
  return stopping;
}

function untilStopped({ rpc, escrow, token, services: running }: Awaited<ReturnType<typeof playCycle>>): Promise<void> {
  const sites = running
    .filter(({ name }) => name.startsWith("project"))
    .map(({ url }) => `  gifts   ${url}/gift/token, ${url}/gift/native`);
  console.log(
    `Still up, until Ctrl-C:\n  RPC     ${rpc} (chain ${escrow.chainId})\n  escrow  ${escrow.address}\n  USDD    ${token}\n${sites.join("\n")}`,
  );
  return new Promise(() => {});
}
