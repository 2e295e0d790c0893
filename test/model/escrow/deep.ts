// Many steps: node test/model/escrow/deep.ts [steps]; FARTHING_SEED=… decides them. Exits 1 if the escrow ever did otherwise than its
// model, or if the histories left out an error or an event of its interface.
import hre from "hardhat";
import type { Abi } from "viem";
import { runCampaign } from "./chain/campaign.ts";
import { setStage } from "./chain/stage.ts";

const steps = Number(process.argv[2] ?? 100_000);
const seed = Number(process.env.FARTHING_SEED ?? Math.floor(Math.random() * 2 ** 31));
if (!Number.isSafeInteger(steps) || steps < 1 || !Number.isSafeInteger(seed)) {
  console.error("Give a whole number of steps above 0, and a whole number as FARTHING_SEED.");
  process.exit(2);
}
console.log(`FARTHING_SEED=${seed}: ${steps} steps of the escrow beside its model`);

const stage = await setStage();
const started = performance.now();
let told = 0;
const { seen, failure } = await runCampaign(stage, {
  seed,
  steps,
  onHistory: ({ histories, steps: done }) => {
    if (done - told < steps / 20 && done < steps) return;
    told = done;
    const seconds = (performance.now() - started) / 1_000;
    console.log(`${done} of ${steps} steps, ${histories} histories, ${(done / seconds).toFixed(0)} steps a second`);
  },
});
await stage.stop();

for (const [name, count] of [...seen].sort(([a], [b]) => (a < b ? -1 : 1))) console.log(`${name.padEnd(32)} ${count}`);
const { abi } = (await hre.artifacts.readArtifact("IPaymentChannels")) as { abi: Abi };
const missed = abi.flatMap((item) => {
  const name = item.type === "error" ? `!${item.name}` : item.type === "event" ? `@${item.name}` : "";
  return name === "" || seen.has(name) ? [] : [name];
});
if (failure) console.error(failure);
else if (missed.length > 0) console.error(`never met: ${missed.join(", ")}`);
process.exitCode = failure || missed.length > 0 ? 1 : 0;
