// `npm run coverage`: runs the contracts' own tests with coverage, and requires every line and statement of contracts/.
import { spawn } from "node:child_process";
import { cp, mkdtemp, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

// In a copy: instrumented artifacts in the place of the real ones would be tested, measured and deployed by mistake.
const copied = [
  "contracts",
  "test/contracts",
  "test/proofs",
  "test/vectors/messages.json",
  "hardhat.config.ts",
  "package.json",
  "tsconfig.json",
];
const folder = await mkdtemp(join(tmpdir(), "farthing-coverage-"));
try {
  for (const path of copied) await cp(path, join(folder, path), { recursive: true });
  await symlink(join(process.cwd(), "node_modules"), join(folder, "node_modules"));
  const { code, output } = await run(folder);
  await cp(join(folder, "coverage"), "coverage", { recursive: true }).catch(() => undefined);
  const rows = [...output.matchAll(/^║ (contracts\/\S+)\s+│ ([\d.]+)\s+│ ([\d.]+)\s+│ (.*?)\s*║$/gm)];
  const missing = rows.filter(([, , lines, statements]) => Number(lines) < 100 || Number(statements) < 100);
  for (const [, file, lines, statements, where] of missing) {
    console.error(`${file}: ${lines} % of lines, ${statements} % of statements; not run: ${where}`);
  }
  if (code !== 0) console.error("The tests themselves failed.");
  if (rows.length === 0) console.error("No coverage was reported.");
  const complete = code === 0 && rows.length > 0 && missing.length === 0;
  if (complete)
    console.log(`Every line and statement of ${rows.length} files in contracts/ was run. Where: coverage/html`);
  process.exitCode = complete ? 0 : 1;
} finally {
  await rm(folder, { recursive: true });
}

/** Few fuzz runs: what is asked is whether a line is run at all. */
function run(cwd: string): Promise<{ code: number; output: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ["node_modules/.bin/hardhat", "test", "solidity", "--coverage"], {
      cwd,
      stdio: ["ignore", "pipe", "inherit"],
      env: { ...process.env, FORCE_COLOR: "0", FARTHING_FUZZ_RUNS: "8", FARTHING_INVARIANT_RUNS: "2" },
    });
    let output = "";
    child.stdout.on("data", (chunk: Buffer) => {
      output += chunk;
      process.stdout.write(chunk);
    });
    child.once("error", reject);
    child.once("close", (code) => resolve({ code: code ?? 1, output }));
  });
}
