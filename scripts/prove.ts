// `npm run prove`: has every assertion of the models in test/proofs decided for all inputs, and shows that none of them is empty:
// each model has broken twins, and each twin must be refuted.
import { readdirSync } from "node:fs";
import { parseArgs } from "node:util";
import { check, contractsOf, type Finding } from "./prove/check.ts";
import { noSolver, startSolver } from "./prove/solver.ts";

const folder = "test/proofs";
const { positionals } = parseArgs({ allowPositionals: true });
const models = readdirSync(folder).filter((name) => name.endsWith(".sol"));
const unknown = positionals.filter((name) => !models.includes(`${name}.sol`));
if (unknown.length > 0)
  refuse(`there is no model ${unknown.join(", ")}; choose of ${models.join(", ").replaceAll(".sol", "")}.`);

const solver = (await startSolver()) ?? refuse(noSolver);
console.log(`decided by ${solver.name}, over what the compiler's model checker states`);
let proven = 0;
let lost = 0;
for (const model of models.filter((name) => positionals.length === 0 || positionals.includes(name.slice(0, -4)))) {
  const path = `${folder}/${model}`;
  for (const contract of contractsOf(path)) {
    const findings = await check(path, contract, solver);
    if (contract.startsWith("Broken")) reportTwin(path, contract, findings);
    else reportProof(path, contract, findings);
  }
}
console.log(`\n${proven} assertions proven, ${lost} lost`);
process.exit(lost === 0 ? 0 : 1);

function reportProof(path: string, contract: string, findings: Finding[]): void {
  console.log(`\n${path}: ${contract}`);
  for (const { verdict, line, assertion } of findings) {
    console.log(`  ${verdict === "proven" ? "✔ proven " : `✘ ${verdict.toUpperCase()}`}  ${line}: ${assertion}`);
  }
  if (findings.length === 0) console.log("  ✘ nothing was asserted");
  const holding = findings.filter(({ verdict }) => verdict === "proven").length;
  proven += holding;
  lost += findings.length === 0 ? 1 : findings.length - holding;
}

function reportTwin(path: string, contract: string, findings: Finding[]): void {
  const refuted = findings.filter(({ verdict }) => verdict === "refuted");
  const lines = refuted.map(({ line }) => line).join(", ");
  console.log(
    refuted.length > 0 ? `  ✔ ${contract} is refuted: ${lines}` : `  ✘ ${contract} of ${path} is NOT refuted`,
  );
  lost += refuted.length > 0 ? 0 : 1;
}

function refuse(sentence: string): never {
  console.error(`prove: ${sentence}`);
  process.exit(2);
}
