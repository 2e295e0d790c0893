// A hundred kills: node test/kill/deep.ts [kills] [--store postgres] [--victim database]; FARTHING_SEED=… replays one. Exits 1 if
// anything was lost or sold twice.
import { parseArgs } from "node:util";
import { runKillSeries } from "./harness.ts";

const { values, positionals } = parseArgs({
  options: { store: { type: "string", default: "sqlite" }, victim: { type: "string", default: "payee" } },
  allowPositionals: true,
});
const { store, victim } = values;
const kills = Number(positionals[0] ?? 100);
const seed = Number(process.env.FARTHING_SEED ?? Math.floor(Math.random() * 2 ** 31));
if (!Number.isSafeInteger(kills) || kills < 1 || !Number.isSafeInteger(seed)) {
  console.error("Give a whole number of kills above 0, and a whole number as FARTHING_SEED.");
  process.exit(2);
}
if ((store !== "sqlite" && store !== "postgres") || (victim !== "payee" && victim !== "database")) {
  console.error("Give sqlite or postgres as --store, and payee or database as --victim.");
  process.exit(2);
}

const report = await runKillSeries({
  kills,
  seed,
  store,
  victim,
  onKill: (done) => {
    if (done % 10 === 0 || done === kills) console.log(`${done} of ${kills} kills`);
  },
});
const { durability, ...rest } = report;
const modes = [...new Set(durability.map((each) => JSON.stringify(each)))];
console.log(
  JSON.stringify({ ...rest, durability: modes }, (_, value) => (typeof value === "bigint" ? `${value}` : value), 2),
);
process.exitCode = report.ok ? 0 : 1;
