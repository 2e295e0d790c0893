// Writes src/abi/*.ts from the compiled contracts. With --check it writes nothing and fails when a file is stale.
import { readFile, writeFile } from "node:fs/promises";
import hre from "hardhat";

/** Contracts by their file under contracts/; `interfaces/IName` stands for every contract that implements it. */
const contracts = [
  "PaymentChannels",
  "DonationPool",
  "DonationPoolFactory",
  "ProjectRegistry",
  "gates/MerkleGate",
  "gates/AttestedGate",
  "interfaces/IEligibilityGate",
] as const;
const check = process.argv.includes("--check");
let stale = false;

for (const path of contracts) {
  const { abi } = await hre.artifacts.readArtifact(path.replace(/.*\//, ""));
  const name = lowerFirst(path.replace(/^interfaces\/I|^gates\//, ""));
  const file = new URL(`../src/abi/${name}.ts`, import.meta.url);
  const text = [
    `// Generated from contracts/${path}.sol by \`npm run build\`; do not edit.`,
    `export const ${name}Abi = ${JSON.stringify(abi, null, 2)} as const;`,
    "",
  ].join("\n");
  const present = await readFile(file, "utf8").catch(() => "");
  if (present === text) continue;
  stale = true;
  if (check) console.error(`src/abi/${name}.ts is stale: run npm run build and commit the result.`);
  else await writeFile(file, text);
}

if (check && stale) process.exitCode = 1;

function lowerFirst(name: string): string {
  return name.charAt(0).toLowerCase() + name.slice(1);
}
