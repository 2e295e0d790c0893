// A hundred kills of a collector: node test/kill/collectorDeep.ts [kills]; FARTHING_SEED=… replays one. Exits 1 if a gift was lost or doubled.
import { runCollectorKills } from "./collectorHarness.ts";

const kills = Number(process.argv[2] ?? 100);
const seed = Number(process.env.FARTHING_SEED ?? Math.floor(Math.random() * 2 ** 31));
if (!Number.isSafeInteger(kills) || kills < 1 || !Number.isSafeInteger(seed)) {
  console.error("Give a whole number of kills above 0, and a whole number as FARTHING_SEED.");
  process.exit(2);
}

const report = await runCollectorKills({
  kills,
  seed,
  onKill: (done) => {
    if (done % 10 === 0 || done === kills) console.log(`${done} of ${kills} kills`);
  },
});
console.log(JSON.stringify(report, (_, value) => (typeof value === "bigint" ? `${value}` : value), 2));
process.exitCode = report.ok ? 0 : 1;
