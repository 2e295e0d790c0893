import type { Verdict } from "./judge.ts";
import type { Mutant } from "./mutants.ts";

/** A survivor that no reasonable test can kill, and why. */
export type Accepted = { id: string; file: string; change: string; reason: string };

type Result = [Mutant, Verdict];

export function describe({ id, file, line, rule, original, text }: Mutant): string {
  const flat = (part: string) => part.replace(/\s+/g, " ").trim();
  return `${id} ${file}:${line} ${rule}: ${flat(original)} -> ${flat(text) || "(nothing)"}`;
}

/** Each survivor, with the reason where there is one. */
export function survivorLines(results: Result[], accepted: Accepted[]): string[] {
  return survivorsOf(results).map((mutant) => {
    const reason = accepted.find(({ id }) => id === mutant.id)?.reason;
    return reason ? `accepted  ${describe(mutant)}\n    ${reason}` : `SURVIVED  ${describe(mutant)}`;
  });
}

/** A table with a row for each source and one for all of them. Accepting a survivor does not raise a score. */
export function table(results: Result[], accepted: Accepted[]): string[] {
  const files = [...new Set(results.map(([{ file }]) => file))].sort();
  const row = (name: string, own: Result[]) => {
    const count = (kind: Verdict["verdict"]) => own.filter(([, { verdict }]) => verdict === kind).length;
    const listed = survivorsOf(own).filter(({ id }) => accepted.some((one) => one.id === id)).length;
    const cells = [own.length, count("invalid"), count("equivalent"), count("killed"), listed];
    return `| ${[name, ...cells, count("survived") - listed, `${scoreOf(own).toFixed(1)} %`].join(" | ")} |`;
  };
  return [
    "| source | mutants | do not compile | equivalent | killed | accepted | unexplained | score |",
    "|---|---|---|---|---|---|---|---|",
    ...files.map((file) => row(`\`${file.replace("contracts/", "")}\``, only(results, file))),
    row("all", results),
  ];
}

/** Of the mutants that change the code, how many of a hundred a test noticed. */
export function scoreOf(results: Result[]): number {
  const killed = results.filter(([, { verdict }]) => verdict === "killed").length;
  const judged = killed + survivorsOf(results).length;
  return judged === 0 ? 100 : (100 * killed) / judged;
}

export function survivorsOf(results: Result[]): Mutant[] {
  return results.filter(([, { verdict }]) => verdict === "survived").map(([mutant]) => mutant);
}

function only(results: Result[], file: string): Result[] {
  return results.filter(([mutant]) => mutant.file === file);
}
