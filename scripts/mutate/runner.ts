import { globSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { basename } from "node:path";
import config from "../../hardhat.config.ts";
import type { Code } from "./compile.ts";
import { digest } from "./select.ts";

type Artifact = {
  contractName: string;
  sourceName: string;
  inputSourceName?: string;
  abi: { type: string; name?: string }[];
  bytecode: string;
  linkReferences: object;
  deployedBytecode: string;
  deployedLinkReferences: object;
};
type ArtifactId = { name: string; solcVersion: string; source: string };
type SuiteResult = { testResults: { name: string; status: string; reason?: string }[] };

/** The simulator's own package: Hardhat's dependency, and not ours. */
type Edr = {
  EdrContext: new () => {
    registerSolidityTestRunnerFactory(chainType: string, factory: unknown): Promise<void>;
    runSolidityTests(
      chainType: string,
      artifacts: object[],
      suites: ArtifactId[],
      configuration: object,
      tracing: object,
      onSuite: (result: SuiteResult) => void,
    ): Promise<unknown>;
  };
  L1_CHAIN_TYPE: string;
  l1SolidityTestRunnerFactory(): unknown;
  l1HardforkLatest(): unknown;
  l1GenesisState(hardfork: unknown): unknown;
  l1HardforkToString(hardfork: unknown): string;
};

/** A test contract of the last build. */
export type Suite = { name: string; source: string };

export type Runner = Awaited<ReturnType<typeof startRunner>>;

/** Runs Solidity tests of the last build in this process, with other code in the place of some contracts. */
export async function startRunner() {
  const hardhat = createRequire(import.meta.url).resolve("hardhat");
  const edr = createRequire(hardhat)("@nomicfoundation/edr") as Edr;
  const context = new edr.EdrContext();
  await context.registerSolidityTestRunnerFactory(edr.L1_CHAIN_TYPE, edr.l1SolidityTestRunnerFactory());
  const hardfork = edr.l1HardforkLatest();
  const built = globSync(["artifacts/contracts/**/*.json", "artifacts/test/**/*.json"]).map(
    (path) => JSON.parse(readFileSync(path, "utf8")) as Artifact,
  );
  const needed = new Map<Artifact, Artifact[]>();
  const profile = config.test?.solidity as { fsPermissions?: { readFile?: string[] } } | undefined;
  const configuration = {
    projectRoot: process.cwd(),
    hardfork: edr.l1HardforkToString(hardfork),
    localPredeploys: edr.l1GenesisState(hardfork),
    // What tests may read, as under Hardhat; 1 is reading one file.
    fsPermissions: (profile?.fsPermissions?.readFile ?? []).map((path) => ({ access: 1, path })),
    disableBlockGasLimit: true,
    disableTransactionGasCap: true,
    fuzz: { runs: 8, seed: "0x7727ea51af0441c20da14dcd68a15dac8c9ebd589c5be8fa8c87c1d3720450bc" },
    invariant: { runs: 1, depth: 20, failOnRevert: true, includeStorage: false, includePushBytes: false },
  };

  /** The suites of the files under a folder or of one file. */
  function suitesOf(prefix: string): Suite[] {
    return built
      .filter(({ sourceName, bytecode, abi }) => sourceName.startsWith(prefix) && bytecode !== "0x" && isSuite(abi))
      .map(({ contractName, sourceName }) => ({ name: contractName, source: sourceName }));
  }

  /** @returns the tests that failed. */
  async function findRed(suite: Suite, gasLimit: bigint, code: ReadonlyMap<string, Code>): Promise<string[]> {
    const own = built.find(
      ({ contractName, sourceName }) => contractName === suite.name && sourceName === suite.source,
    );
    if (!own) throw new Error(`${suite.name} of ${suite.source} is not built`);
    const artifacts = neededBy(own).map((artifact) => ({ id: idOf(artifact), contract: contractOf(artifact, code) }));
    const tracing = { buildInfos: [], ignoreContracts: true };
    // The run may end before it has handed over what it found.
    const { testResults } = await new Promise<SuiteResult>((resolve, reject) => {
      context
        .runSolidityTests(edr.L1_CHAIN_TYPE, artifacts, [idOf(own)], { ...configuration, gasLimit }, tracing, resolve)
        .catch(reject);
    });
    const red = testResults.filter(({ status }) => status === "Failure");
    return red.map(({ name }) => `${suite.name}.${name}`);
  }

  /** A suite and what it deploys, by name or out of its own code. To hand over everything would cost more than most suites take. */
  function neededBy(own: Artifact): Artifact[] {
    const known = needed.get(own);
    if (known) return known;
    const deploys = ({ contractName, sourceName, bytecode }: Artifact) => {
      // Longer names than a word are cut in the bytecode.
      const name = Buffer.from(`${basename(sourceName)}:${contractName}`.slice(0, 31)).toString("hex");
      return own.bytecode.includes(name) || (bytecode !== "0x" && own.bytecode.includes(bytecode.slice(2)));
    };
    const found = [own, ...built.filter((artifact) => artifact !== own && deploys(artifact))];
    needed.set(own, found);
    return found;
  }

  const ownTests = built.filter(({ sourceName }) => sourceName.startsWith("test/"));
  const tests = digest(Buffer.from(ownTests.map(({ bytecode }) => bytecode).join())).slice(0, 12);

  return { suitesOf, findRed, /** Digest of the tests of the last build. */ tests };
}

function isSuite(abi: Artifact["abi"]): boolean {
  return abi.some(({ type, name = "" }) => type === "function" && /^(test|invariant)/.test(name));
}

function idOf({ contractName, inputSourceName, sourceName }: Artifact): ArtifactId {
  return { name: contractName, solcVersion: "0.8.34", source: inputSourceName ?? sourceName };
}

function contractOf(artifact: Artifact, code: ReadonlyMap<string, Code>) {
  const other = code.get(`${artifact.sourceName}:${artifact.contractName}`);
  const { abi, linkReferences, deployedLinkReferences } = artifact;
  const { bytecode, deployedBytecode } = other ?? artifact;
  return { abi: JSON.stringify(abi), bytecode, deployedBytecode, linkReferences, deployedLinkReferences };
}
