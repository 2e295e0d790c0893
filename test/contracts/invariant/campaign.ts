// One campaign of the invariant suite in this process: node test/contracts/invariant/campaign.ts <runs> <seed>. Prints what happened as JSON.
import { globSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { stripVTControlCharacters } from "node:util";
import type { SolidityTestProfileUserConfig } from "hardhat/types/test";
import config from "../../../hardhat.config.ts";

type Artifact = {
  contractName: string;
  sourceName: string;
  inputSourceName?: string;
  abi: object[];
  bytecode: string;
  linkReferences: object;
  deployedBytecode: string;
  deployedLinkReferences: object;
};
type Result = {
  testResults: {
    status: string;
    reason?: string;
    counterexample?: { sequence?: { name?: string; signature?: string; args?: string }[] };
    kind: { calls: bigint; reverts: bigint; metrics?: Record<string, { calls: bigint }> };
  }[];
};
/** The simulator's own package: Hardhat's dependency, and not ours. */
type Edr = {
  EdrContext: new () => {
    registerSolidityTestRunnerFactory(chainType: string, factory: unknown): Promise<void>;
    runSolidityTests(
      chainType: string,
      artifacts: object[],
      suites: object[],
      configuration: object,
      tracing: object,
      onSuite: (result: Result) => void,
    ): Promise<unknown>;
  };
  FsAccessPermission: { ReadFile: unknown };
  L1_CHAIN_TYPE: string;
  l1SolidityTestRunnerFactory(): unknown;
  l1HardforkLatest(): unknown;
  l1GenesisState(hardfork: unknown): unknown;
  l1HardforkToString(hardfork: unknown): string;
};

/** What a campaign did. `calls` is the simulator's own count of handler calls. */
export type Campaign = { calls: number; red: string[]; handlers: Record<string, number> };

const suite = { file: "test/contracts/invariant/Invariants.t.sol", name: "InvariantsTest" };
const [runs = "24", seed = "0x1"] = process.argv.slice(2);

const edr = createRequire(createRequire(import.meta.url).resolve("hardhat"))("@nomicfoundation/edr") as Edr;
const context = new edr.EdrContext();
await context.registerSolidityTestRunnerFactory(edr.L1_CHAIN_TYPE, edr.l1SolidityTestRunnerFactory());
const hardfork = edr.l1HardforkLatest();
const { fsPermissions, invariant } = (config.test?.solidity ?? {}) as SolidityTestProfileUserConfig;
const configuration = {
  projectRoot: process.cwd(),
  hardfork: edr.l1HardforkToString(hardfork),
  localPredeploys: edr.l1GenesisState(hardfork),
  disableBlockGasLimit: true,
  disableTransactionGasCap: true,
  fsPermissions: (fsPermissions?.readFile ?? []).map((path) => ({ access: edr.FsAccessPermission.ReadFile, path })),
  fuzz: { seed },
  invariant: { ...invariant, runs: Number(runs) },
};
const built = globSync(["artifacts/contracts/**/*.json", "artifacts/test/**/*.json"]).map(
  (path) => JSON.parse(readFileSync(path, "utf8")) as Artifact,
);
const artifacts = built.map(
  ({ abi, bytecode, deployedBytecode, linkReferences, deployedLinkReferences, ...names }) => ({
    id: { name: names.contractName, solcVersion: "0.8.34", source: names.inputSourceName ?? names.sourceName },
    contract: { abi: JSON.stringify(abi), bytecode, deployedBytecode, linkReferences, deployedLinkReferences },
  }),
);
const own = artifacts.find(({ id }) => id.name === suite.name && id.source.endsWith(suite.file));
if (!own) throw new Error(`${suite.file} is not built: npm run build`);

const { testResults } = await new Promise<Result>((resolve, reject) => {
  const tracing = { buildInfos: [], ignoreContracts: true };
  context.runSolidityTests(edr.L1_CHAIN_TYPE, artifacts, [own.id], configuration, tracing, resolve).catch(reject);
});
const campaign: Campaign = { calls: 0, red: [], handlers: {} };
for (const { status, reason, counterexample, kind } of testResults) {
  campaign.calls += Number(kind.calls);
  for (const [handler, { calls }] of Object.entries(kind.metrics ?? {})) {
    campaign.handlers[handler.slice(handler.lastIndexOf(".") + 1)] = Number(calls);
  }
  if (status === "Success") continue;
  const steps = counterexample?.sequence?.map(({ name, signature, args }) => `  ${name ?? signature}(${args ?? ""})`);
  campaign.red.push(stripVTControlCharacters([reason ?? status, ...(steps ?? [])].join("\n")));
}
console.log(JSON.stringify(campaign));
