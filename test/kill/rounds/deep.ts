// Fifty kills of a round's keeper: node test/kill/rounds/deep.ts [kills]; FARTHING_SEED=… replays one. Exits 1 if a gift was missed
// or paid for twice, or a unit is left where it does not belong.
import { runKillSeries } from "./killSeries.ts";

const kills = Number(process.argv[2] ?? 50);
const seed = Number(process.env.FARTHING_SEED ?? Math.floor(Math.random() * 2 ** 31));
if (!Number.isSafeInteger(kills) || kills < 1 || !Number.isSafeInteger(seed)) {
  console.error("Give a whole number of kills above 0, and a whole number as FARTHING_SEED.");
  process.exit(2);
}

const report = await runKillSeries({
  kills,
  seed,
  onKill: (done) => {
    if (done % 10 === 0 || done === kills) console.log(`${done} of ${kills} kills`);
  },
});
console.log(JSON.stringify({ seed, ...report }, (_, value) => (typeof value === "bigint" ? `${value}` : value), 2));
const { missed, inVain, failed, status, left } = report;
process.exitCode = missed === 0n && inVain === 0 && failed.length === 0 && status === "settled" && left === 0n ? 0 : 1;
