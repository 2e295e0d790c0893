import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { Solver } from "./solver.ts";

/** What became of one assertion of one contract. */
export type Finding = { line: number; assertion: string; verdict: "proven" | "refuted" | "unknown" };

type Output = {
  errors?: {
    severity: string;
    message: string;
    formattedMessage: string;
    sourceLocation?: { file: string; start: number };
  }[];
  auxiliaryInputRequested?: { smtlib2queries?: Record<string, string> };
};

const solc = createRequire(import.meta.url)("solc") as {
  compile(input: string, callbacks: { import(path: string): { contents: string } }): string;
};

/**
 * Has the compiler's model checker state what must hold for each assertion of a contract, and the solver decide it.
 * @param model Path of a file of models.
 */
export async function check(model: string, contract: string, solver: Solver): Promise<Finding[]> {
  const responses: Record<string, string> = {};
  let unsure = false;
  let output = compile(model, contract, responses);
  for (let queries = queriesOf(output); queries.length > 0; queries = queriesOf(output)) {
    const open = queries.filter(([hash]) => responses[hash] === undefined);
    if (open.length === 0) break; // asked again only because the answer was no proof
    for (const [hash, query] of open) {
      const answer = await solver.solve(query);
      unsure ||= answer === "unknown";
      responses[hash] = `${answer === "sat" ? "unknown" : answer}\n`;
    }
    output = compile(model, contract, responses);
  }
  const source = readFileSync(model, "utf8");
  const verdicts = new Map<number, Finding["verdict"]>();
  for (const { message, sourceLocation } of output.errors ?? []) {
    if (!message.startsWith("BMC: Assertion violation") || sourceLocation?.file !== model) continue;
    const safe = message.includes("check is safe");
    // The compiler is not told a counterexample, so what it calls possible was refuted if the solver was sure of everything.
    const verdict = safe ? "proven" : unsure ? "unknown" : "refuted";
    // An assertion that several functions reach holds only if it holds in each.
    if (!safe || !verdicts.has(sourceLocation.start)) verdicts.set(sourceLocation.start, verdict);
  }
  return [...verdicts].map(([start, verdict]) => ({
    line: source.slice(0, start).split("\n").length,
    assertion: source.slice(start, source.indexOf(";", start)),
    verdict,
  }));
}

/** The names of a file's contracts that can be deployed, in order. */
export function contractsOf(model: string): string[] {
  return [...readFileSync(model, "utf8").matchAll(/^contract (\w+)/gm)].map(([, name = ""]) => name);
}

function queriesOf({ auxiliaryInputRequested }: Output): [hash: string, query: string][] {
  return Object.entries(auxiliaryInputRequested?.smtlib2queries ?? {});
}

function compile(model: string, contract: string, responses: Record<string, string>): Output {
  const input = {
    language: "Solidity",
    sources: { [model]: { content: readFileSync(model, "utf8") } },
    auxiliaryInput: { smtlib2responses: responses },
    settings: {
      modelChecker: {
        engine: "bmc",
        targets: ["assert"],
        solvers: ["smtlib2"],
        showProvedSafe: true,
        showUnproved: true,
        contracts: { [model]: [contract] },
      },
    },
  };
  const output = JSON.parse(solc.compile(JSON.stringify(input), { import: readSource })) as Output;
  const broken = output.errors?.find(({ severity }) => severity === "error");
  if (broken) throw new Error(broken.formattedMessage);
  return output;
}

function readSource(path: string): { contents: string } {
  return { contents: readFileSync(path, "utf8") };
}
