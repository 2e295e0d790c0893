import type { Verdict } from "./judge.ts";
import type { Mutant } from "./mutants.ts";

/** A survivor that no reasonable test can kill, and why. An equivalent one can not be seen at all, but for the gas that it uses. */
export type Accepted = { id: string; file: string; change: string; reason: string; equivalent?: boolean };

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

/** A table with a row for each source and one for all of them. What is accepted without being equivalent does not raise a score. */
export function table(results: Result[], accepted: Accepted[]): string[] {
  const files = [...new Set(results.map(([{ file }]) => file))].sort();
  const row = (name: string, own: Result[]) => {
    const count = (kind: Verdict["verdict"]) => own.filter(([, { verdict }]) => verdict === kind).length;
    const survivors = survivorsOf(own);
    const same = survivors.filter(({ id }) => accepted.some((one) => one.id === id && one.equivalent)).length;
    const listed = survivors.filter(({ id }) => accepted.some((one) => one.id === id && !one.equivalent)).length;
    const counts = [own.length, count("invalid"), count("equivalent") + same, count("killed"), listed];
    const unexplained = survivors.length - same - listed;
    return `| ${[name, ...counts, unexplained, `${scoreOf(own, accepted).toFixed(1)} %`].join(" | ")} |`;
  };
  return [
    "| source | mutants | do not compile | equivalent | killed | accepted | unexplained | score |",
    "|---|---|---|---|---|---|---|---|",
    ...files.map((file) => row(`\`${file.replace("contracts/", "")}\``, only(results, file))),
    row("all", results),
  ];
}

/** Of the mutants that change what can be seen, how many of a hundred a test noticed. */
export function scoreOf(results: Result[], accepted: Accepted[]): number {
  const killed = results.filter(([, { verdict }]) => verdict === "killed").length;
  const seen = survivorsOf(results).filter(({ id }) => !accepted.some((one) => one.id === id && one.equivalent));
  return killed + seen.length === 0 ? 100 : (100 * killed) / (killed + seen.length);
}

export function survivorsOf(results: Result[]): Mutant[] {
  return results.filter(([, { verdict }]) => verdict === "survived").map(([mutant]) => mutant);
}

function only(results: Result[], file: string): Result[] {
  return results.filter(([mutant]) => mutant.file === file);
}
