// Long campaigns of the invariant suite: node test/contracts/invariant/deep.ts [calls] [processes] [first campaign]; FARTHING_SEED=0x…
// replays. Each campaign is a process of its own with a seed of its own. Exits 1 if one was red or fewer calls were made than asked for.
import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { Campaign } from "./campaign.ts";

const RUNS = 500;
const DEPTH = 60;
const [wanted = 10_000_000, processes = 2, firstCampaign = 0] = process.argv.slice(2).map(Number);
const seed = BigInt(process.env.FARTHING_SEED ?? `0x${crypto.randomUUID().replaceAll("-", "")}`);
if (![wanted, processes].every((number) => Number.isSafeInteger(number) && number > 0)) {
  console.error("Give how many calls to make and in how many processes, both whole and above 0.");
  process.exit(2);
}

const started = performance.now();
const handlers: Record<string, number> = {};
let calls = 0;
let next = firstCampaign;
let red = false;
await Promise.all(Array.from({ length: processes }, work));

const names = Object.keys(handlers).sort();
for (const name of names) console.log(`${String(handlers[name]).padStart(10)} ${name}`);
const hours = ((performance.now() - started) / 3_600_000).toFixed(2);
const campaigns = `campaigns ${firstCampaign} to ${next - 1}`;
console.log(`${calls.toLocaleString("en")} calls, seed 0x${seed.toString(16)}, ${campaigns}, ${hours} h`);
process.exitCode = red || calls < wanted ? 1 : 0;

/** Takes the next campaign until enough calls are made or under way, or one is red. */
async function work() {
  while (!red && (next - firstCampaign) * RUNS * DEPTH < wanted) {
    const number = next++;
    const own = `0x${((seed + BigInt(number)) % 2n ** 256n).toString(16).padStart(64, "0")}`;
    const campaign = await run(own);
    calls += campaign.calls;
    for (const [name, count] of Object.entries(campaign.handlers)) handlers[name] = (handlers[name] ?? 0) + count;
    console.log(`campaign ${number}: ${calls.toLocaleString("en")} calls in all, seed ${own}`);
    for (const reason of campaign.red) {
      red = true;
      console.error(
        `${reason}\nAgain: FARTHING_FUZZ_SEED=${own} FARTHING_INVARIANT_RUNS=${RUNS} npx hardhat test solidity`,
      );
    }
  }
}

function run(own: string): Promise<Campaign> {
  const script = fileURLToPath(new URL("campaign.ts", import.meta.url));
  const child = spawn(process.execPath, [script, `${RUNS}`, own], { stdio: ["ignore", "pipe", "inherit"] });
  return new Promise((resolve) => {
    let output = "";
    child.stdout.on("data", (chunk) => {
      output += chunk;
    });
    child.on("close", (code) => {
      if (code === 0) resolve(JSON.parse(output) as Campaign);
      else resolve({ calls: 0, red: [`campaign.ts ended with ${code}`], handlers: {} });
    });
  });
}
