// `npm run test:broken`: breaks the source in ten named ways, and requires that each is seen: by a scenario that the unbroken
// source passes and, where money moves, by an audit that does not say balanced.
import { spawn } from "node:child_process";
import { availableParallelism } from "node:os";
import { type Fault, faults } from "../test/broken/faults.ts";
import type { Verdicts } from "../test/broken/play.ts";

const compiled = [
  "contracts/PaymentChannels.sol",
  "contracts/DonationPoolFactory.sol",
  "contracts/ProjectRegistry.sol",
  "contracts/gates/OpenGate.sol",
  "test/contracts/support/Timelock.sol",
  "test/contracts/tokens/PlainToken.sol",
  "test/contracts/tokens/AuthorizationToken.sol",
  "test/contracts/wallets/NoWallet.sol",
];
const player = "test/broken/play.ts";

await run(["node_modules/.bin/hardhat", "build", "--no-typechain", ...compiled]);
const unbroken = run([player, ...faults.map(({ name }) => name)]).then(verdictsOf);
const waiting = [...faults.entries()];
let wrong = 0;
// A broken source takes its time to compile, on one core.
await Promise.all(Array.from({ length: Math.min(availableParallelism(), 4) }, breakInTurn));
console.log(`\n${faults.length - wrong} of ${faults.length} faults were seen as they must be`);
process.exit(wrong === 0 ? 0 : 1);

async function breakInTurn(): Promise<void> {
  for (let next = waiting.shift(); next; next = waiting.shift()) {
    const [index, fault] = next;
    const [broken] = verdictsOf(await run([player, "--break", fault.name]));
    const whole = (await unbroken)[index];
    wrong += report(fault, whole as Verdicts, broken as Verdicts) ? 0 : 1;
  }
}

/** Prints what was seen of a fault. @returns whether it is what must be seen. */
function report(fault: Fault, whole: Verdicts, broken: Verdicts): boolean {
  const holds = [
    [whole.unsafe === undefined && whole.audit === "balanced", "the unbroken source is safe and balanced"],
    [broken.unsafe !== undefined, "the scenario is red"],
    [!fault.movesMoney || broken.audit !== "balanced", "the audit does not say balanced"],
  ] as const;
  const missing = holds.filter(([ok]) => !ok).map(([, claim]) => `NOT: ${claim}`);
  const lines = [
    `${missing.length > 0 ? "✘" : "✔"} ${fault.name}`,
    `    scenario  ${broken.unsafe ?? "green"}`,
    `    audit     ${broken.audit}${broken.fact ? `: ${broken.fact}` : ""}`,
    ...missing.map((claim) => `    ${claim}${whole.unsafe ? ` (${whole.unsafe})` : ""}`),
  ];
  console.log(lines.join("\n"));
  return missing.length === 0;
}

function verdictsOf(output: string): Verdicts[] {
  const lines = output.split("\n").filter((line) => line.startsWith("{"));
  return lines.map((line) => JSON.parse(line) as Verdicts);
}

function run(args: string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "pipe"] });
    let output = "";
    let errors = "";
    child.stdout.on("data", (chunk) => {
      output += chunk;
    });
    child.stderr.on("data", (chunk) => {
      errors += chunk;
    });
    child.once("error", reject);
    child.once("close", (code) => {
      if (code === 0) resolve(output);
      else reject(new Error(`${args.join(" ")} ended with ${code}:\n${output.slice(-1_000)}${errors.slice(-2_000)}`));
    });
  });
}
