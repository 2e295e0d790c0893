// `npm run test:broken`: breaks a copy of the source in five named ways, and requires that each is seen: by a scenario that
// the unbroken source passes and, where money moves, by an audit that does not say balanced.
import { spawn } from "node:child_process";
import { cp, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Fault, faults } from "../test/broken/faults.ts";
import type { Verdicts } from "../test/broken/play.ts";

const copied = [
  "contracts",
  "test/contracts",
  "test/support",
  "test/broken",
  "src",
  "hardhat.config.ts",
  "package.json",
];
const compiled = [
  "contracts/PaymentChannels.sol",
  "test/contracts/tokens/PlainToken.sol",
  "test/contracts/tokens/AuthorizationToken.sol",
  "test/contracts/wallets/NoWallet.sol",
];
const hardhat = "node_modules/.bin/hardhat";

const sound = await copyOf();
const rows: string[] = [];
let wrong = 0;
try {
  for (const fault of faults) {
    const whole = await verdictsOf(sound, fault);
    const folder = await copyOf(fault);
    const broken = await verdictsOf(folder, fault).finally(() => rm(folder, { recursive: true }));
    const holds = [
      [whole.unsafe === undefined && whole.audit === "balanced", "the unbroken source is safe and balanced"],
      [broken.unsafe !== undefined, "the scenario is red"],
      [!fault.movesMoney || broken.audit !== "balanced", "the audit does not say balanced"],
    ] as const;
    const missing = holds.filter(([ok]) => !ok).map(([, claim]) => `NOT: ${claim}`);
    wrong += missing.length > 0 ? 1 : 0;
    rows.push(
      `${missing.length > 0 ? "✘" : "✔"} ${fault.name}`,
      `    scenario  ${broken.unsafe ?? "green"}`,
      `    audit     ${broken.audit}${broken.fact ? `: ${broken.fact}` : ""}`,
      ...missing.map((claim) => `    ${claim}${whole.unsafe ? ` (${whole.unsafe})` : ""}`),
    );
    console.log(rows.splice(0).join("\n"));
  }
} finally {
  await rm(sound, { recursive: true });
}
console.log(`\n${faults.length - wrong} of ${faults.length} faults were seen as they must be`);
process.exit(wrong === 0 ? 0 : 1);

/** A copy of the source, compiled; broken by `fault` if there is one. */
async function copyOf(fault?: Fault): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "farthing-broken-"));
  for (const path of copied) await cp(path, join(folder, path), { recursive: true });
  await symlink(join(process.cwd(), "node_modules"), join(folder, "node_modules"));
  if (fault) {
    const file = join(folder, fault.file);
    const source = await readFile(file, "utf8");
    const [before, after, ...more] = source.split(fault.from);
    if (before === undefined || after === undefined || more.length > 0) {
      throw new Error(
        `${fault.name}: its text must stand in ${fault.file} exactly once; bring test/broken/faults.ts up to date`,
      );
    }
    await writeFile(file, before + fault.to + after);
  }
  await run(folder, [hardhat, "build", "--no-typechain", ...compiled]);
  return folder;
}

async function verdictsOf(folder: string, fault: Fault): Promise<Verdicts> {
  const output = await run(folder, ["test/broken/play.ts", fault.name]);
  return JSON.parse(output.trim().split("\n").at(-1) ?? "") as Verdicts;
}

function run(folder: string, args: string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, { cwd: folder, stdio: ["ignore", "pipe", "pipe"] });
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
