import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { Node } from "./syntax.ts";

type Output = {
  errors?: { severity: string; formattedMessage: string; sourceLocation?: { file: string; start: number } }[];
  sources?: Record<string, { ast: Node }>;
  contracts?: Record<string, Record<string, { evm: Record<"bytecode" | "deployedBytecode", { object: string }> }>>;
};

export type Code = { bytecode: string; deployedBytecode: string };

/** Why there is no code: what the compiler says, and the places that it says it of. */
export type Fault = { sentence: string; places: { file: string; start: number }[] };

const require = createRequire(import.meta.url);
const solc = require("solc") as {
  compile(input: string, callbacks: { import(path: string): { contents: string } | { error: string } }): string;
};

/** The contracts need the compiler's newer pipeline, for their stacks; without optimising it takes a fraction of the time. */
const settings = {
  viaIR: true,
  evmVersion: "cancun",
  optimizer: { enabled: false },
  metadata: { appendCBOR: false, bytecodeHash: "none" },
  debug: { debugInfo: [] },
};

/** The syntax trees of a file and of all that it imports, by path. */
export function parse(file: string): Map<string, Node> {
  const output = run(file, { "*": { "": ["ast"] } });
  if (!output.sources) throw new Error(firstError(output) ?? `${file} was not parsed`);
  return new Map(Object.entries(output.sources).map(([path, { ast }]) => [path, ast]));
}

/** One contract's code, with some sources in the place of those on disk. */
export function compile(file: string, contract: string, replaced: Record<string, string> = {}): Code | Fault {
  const output = run(
    file,
    { [file]: { [contract]: ["evm.bytecode.object", "evm.deployedBytecode.object"] } },
    replaced,
  );
  const evm = output.contracts?.[file]?.[contract]?.evm;
  const sentence = firstError(output);
  if (sentence !== undefined || !evm) {
    const errors = (output.errors ?? []).filter(({ severity }) => severity === "error");
    const places = errors.flatMap(({ sourceLocation }) => sourceLocation ?? []);
    return { sentence: sentence ?? `${file} has no contract ${contract}`, places };
  }
  return { bytecode: `0x${evm.bytecode.object}`, deployedBytecode: `0x${evm.deployedBytecode.object}` };
}

function run(file: string, outputSelection: object, replaced: Record<string, string> = {}): Output {
  const input = {
    language: "Solidity",
    sources: { [file]: { content: replaced[file] ?? readFileSync(file, "utf8") } },
    settings: { ...settings, outputSelection },
  };
  return JSON.parse(solc.compile(JSON.stringify(input), { import: (path) => read(path, replaced) })) as Output;
}

function read(path: string, replaced: Record<string, string>) {
  const own = replaced[path];
  if (own !== undefined) return { contents: own };
  return { contents: readFileSync(path.startsWith("@") ? require.resolve(path) : path, "utf8") };
}

function firstError({ errors = [] }: Output): string | undefined {
  return errors.find(({ severity }) => severity === "error")?.formattedMessage;
}
