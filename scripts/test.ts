// `npm test`: every stage in turn, each with its time; `--deep` runs the long campaigns instead; `--only NAME` one stage.
import { spawn } from "node:child_process";
import { parseArgs } from "node:util";
import { findAnvil, noAnvil } from "../test/support/findAnvil.ts";
import { findChromium, noChromium } from "./picture/chromium.ts";
import { hasSolver, noSolver } from "./prove/solver.ts";

type Stage = {
  name: string;
  command: string[];
  environment?: Record<string, string>;
  /** A sentence that says why the stage can not run here; undefined where it can. */
  missing?: () => string | undefined;
  /** The environment variable that makes the stage run, and fail, all the same. */
  required?: string;
  /** Output lines that make the stage fail though the command succeeded. */
  refuse?: RegExp;
};

const node = process.execPath;
const bin = (name: string) => `node_modules/.bin/${name}`;

const quick: Stage[] = [
  // The compiler names the file under each warning: ours must have none. OpenZeppelin's transient storage always warns.
  { name: "compile", command: [bin("hardhat"), "build", "--force"], refuse: /--> (\.\/)?(contracts|test)\// },
  { name: "abi", command: [node, "scripts/generate-abi.ts", "--check"] },
  { name: "format", command: ["npm", "run", "--silent", "lint"] },
  { name: "types", command: [bin("tsc"), "-p", "."] },
  { name: "package", command: [bin("tsc"), "-p", "tsconfig.build.json"] },
  { name: "solidity", command: [bin("hardhat"), "test", "solidity", "--no-compile"] },
  { name: "library", command: [bin("mocha"), "test/**/*.test.ts", "--exclude", "test/{anvil,e2e}/**"] },
  { name: "sabotage", command: [node, "scripts/broken.ts"] },
  {
    name: "anvil",
    command: [bin("mocha"), "test/anvil/**/*.test.ts"],
    missing: () => (findAnvil() === undefined ? noAnvil : undefined),
    required: "FARTHING_REQUIRE_ANVIL",
  },
  {
    name: "browser",
    command: [bin("mocha"), "test/e2e/**/*.test.ts"],
    missing: () => (findChromium() === undefined ? noChromium : undefined),
    required: "FARTHING_REQUIRE_BROWSER",
  },
];

const deep: Stage[] = [
  { name: "compile", command: [bin("hardhat"), "build"] },
  { name: "coverage", command: [node, "scripts/coverage.ts"] },
  { name: "kill series", command: [node, "test/kill/deep.ts", "100"] },
  { name: "kills over postgres", command: [node, "test/kill/deep.ts", "20", "--store", "postgres"] },
  { name: "postgres kills", command: [node, "test/kill/deep.ts", "20", "--store", "postgres", "--victim", "database"] },
  { name: "round kills", command: [node, "test/kill/rounds/deep.ts", "50"] },
  { name: "collector kills", command: [node, "test/kill/collectorDeep.ts", "100"] },
  { name: "season kills", command: [node, "scripts/start.ts", "--once", "--only-season", "--kills", "50"] },
  { name: "payee soak", command: [node, "--expose-gc", "test/soak/payee.ts", "10"] },
  { name: "escrow model", command: [node, "test/model/escrow/deep.ts", "100000"] },
  { name: "model", command: [node, "test/model/deep.ts", "100000"] },
  { name: "campaigns", command: [bin("hardhat"), "test", "solidity"], environment: { FARTHING_FUZZ_RUNS: "2000" } },
  { name: "invariants", command: [node, "test/contracts/invariant/deep.ts", "10000000"] },
  { name: "proofs", command: [node, "scripts/prove.ts"], missing: () => (hasSolver() ? undefined : noSolver) },
  { name: "mutation", command: [node, "scripts/mutate.ts"] },
];

const { values } = parseArgs({ options: { deep: { type: "boolean" }, only: { type: "string" } } });
const stages = (values.deep ? deep : quick).filter((stage) => !values.only || stage.name === values.only);
if (stages.length === 0) {
  console.error(`There is no stage ${values.only}: choose one of ${quick.map((stage) => stage.name).join(", ")}.`);
  process.exit(2);
}

const lines: string[] = [];
const tests = { passed: 0, failed: 0 };
let red = false;
for (const stage of stages) {
  const missing = stage.missing?.();
  if (missing && !(stage.required && process.env[stage.required])) {
    lines.push(`${stage.name.padEnd(12)} not run: ${missing}`);
    continue;
  }
  console.log(`\n── ${stage.name}`);
  const started = performance.now();
  const { code, output } = await run(stage.command, stage.environment);
  const refused = stage.refuse?.exec(output);
  if (refused) console.error(`A warning of our own sources counts as an error: ${refused[0]}…`);
  const ok = code === 0 && !refused;
  red ||= !ok;
  count(output);
  lines.push(
    `${stage.name.padEnd(12)} ${ok ? "passed" : "FAILED"} ${((performance.now() - started) / 1000).toFixed(1).padStart(7)} s`,
  );
}

console.log(`\n${lines.join("\n")}\n\n${tests.passed} passed, ${tests.failed} failed`);
process.exit(red ? 1 : 0);

/** Adds what Mocha and Hardhat counted in their closing lines. */
function count(output: string) {
  const sum = (pattern: RegExp) =>
    [...output.matchAll(pattern)].reduce((total, [, number]) => total + Number(number), 0);
  tests.passed += sum(/^\s*(\d+) passing/gm);
  tests.failed += sum(/^\s*(\d+) failing/gm);
}

function run(
  [command = "", ...args]: string[],
  environment: Record<string, string> = {},
): Promise<{ code: number; output: string }> {
  return new Promise((resolve) => {
    const child = spawn(command, args, {
      stdio: ["ignore", "pipe", "pipe"],
      env: { ...process.env, FORCE_COLOR: "0", ...environment },
    });
    let output = "";
    child.stdout.on("data", (chunk) => collect(chunk, process.stdout));
    child.stderr.on("data", (chunk) => collect(chunk, process.stderr));
    child.on("error", (error) => resolve({ code: 127, output: `${command}: ${error.message}` }));
    child.on("close", (code) => resolve({ code: code ?? 1, output }));
    function collect(chunk: Buffer, stream: NodeJS.WriteStream) {
      output += chunk;
      stream.write(chunk);
    }
  });
}
