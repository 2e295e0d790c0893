import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import hre from "hardhat";
import type { Hex } from "viem";
import type { Fault } from "./faults.ts";

type Source = { content: string };
type BuildInfo = { input: { sources: Record<string, Source>; settings: Record<string, unknown> } };
type Output = {
  errors?: { severity: string; formattedMessage: string }[];
  contracts?: Record<string, Record<string, { evm: { bytecode: { object: string } } }>>;
};

/** Puts the broken contract in the place of the compiled one, for everything that this process deploys. */
export async function deployBroken(fault: Fault): Promise<void> {
  const bytecode = await compileBroken(fault);
  const read = hre.artifacts.readArtifact.bind(hre.artifacts);
  hre.artifacts.readArtifact = (async (name: string) => {
    const artifact = await read(name);
    return name === fault.contract ? { ...artifact, bytecode } : artifact;
  }) as typeof hre.artifacts.readArtifact;
}

/** Compiles what the build compiled, by the same compiler and settings, with the fault's text in place of the sound one. */
async function compileBroken(fault: Fault): Promise<Hex> {
  const { inputSourceName = "" } = await hre.artifacts.readArtifact(fault.contract);
  const id = await hre.artifacts.getBuildInfoId(fault.contract);
  const path = id && (await hre.artifacts.getBuildInfoPath(id));
  if (!path) throw new Error(`there is no build of ${fault.contract}: run \`npm run build\``);
  const { input } = JSON.parse(await readFile(path, "utf8")) as BuildInfo;

  const source = input.sources[`project/${fault.file}`];
  const [before, after, ...more] = source?.content.split(fault.from) ?? [];
  if (before === undefined || after === undefined || more.length > 0) {
    throw new Error(
      `${fault.name}: its text must stand in ${fault.file} exactly once; bring test/broken/faults.ts up to date`,
    );
  }
  (source as Source).content = before + fault.to + after;
  // The one contract alone: everything else that the build asked for would cost as much again.
  input.settings.outputSelection = { [inputSourceName]: { [fault.contract]: ["evm.bytecode.object"] } };

  const solc = createRequire(import.meta.url)("solc") as { compile(input: string): string };
  const { contracts, errors = [] } = JSON.parse(solc.compile(JSON.stringify(input))) as Output;
  const object = contracts?.[inputSourceName]?.[fault.contract]?.evm.bytecode.object;
  if (object) return `0x${object}`;
  const reasons = errors.filter(({ severity }) => severity === "error").map(({ formattedMessage }) => formattedMessage);
  throw new Error(`${fault.name} does not compile:\n${reasons.join("\n")}`);
}
