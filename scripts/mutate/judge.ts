import { readFileSync } from "node:fs";
import { type Code, compile } from "./compile.ts";
import { applyTo, type Mutant } from "./mutants.ts";
import type { Runner, Suite } from "./runner.ts";
import type { Target } from "./targets.ts";

/**
 * What became of a mutant: `killed` by a test, `survived` them all, `equivalent` where it compiles to the code that was there
 * before, `invalid` where it does not compile.
 */
export type Verdict = { verdict: "killed" | "survived" | "equivalent" | "invalid"; by?: string; seconds: number };

/** Judges mutants one after the other, in one process that stays up. */
export function createJudge({ findRed, suitesOf }: Runner, report: (line: string) => void) {
  const originals = new Map<string, Code>();
  const unusable = new Map<string, Set<string>>();
  const orders = new Map<string, Suite[]>();

  async function judge(mutant: Mutant, targets: Target[]): Promise<Verdict> {
    const started = performance.now();
    const done = (verdict: Verdict["verdict"], by?: string): Verdict => {
      const seconds = Math.round((performance.now() - started) / 100) / 10;
      return by === undefined ? { verdict, seconds } : { verdict, by, seconds };
    };
    const source = applyTo(readFileSync(mutant.file), mutant);
    let differs = false;
    for (const target of targets) {
      const original = originalOf(target);
      const code = compile(target.file, target.contract, { [mutant.file]: source });
      if (typeof code === "string") return done("invalid");
      if (code.bytecode === original.bytecode) continue;
      differs = true;
      const by = await kill(target, code);
      if (by !== undefined) return done("killed", by);
    }
    return done(differs ? "survived" : "equivalent");
  }

  /** The first test that is red with this code; the suite that it is of comes first from then on. */
  async function kill(target: Target, code: Code): Promise<string | undefined> {
    const suites = await ordered(target);
    const except = unusable.get(target.contract) ?? new Set();
    const replaced = new Map([[`${target.file}:${target.contract}`, code]]);
    for (const [index, suite] of suites.entries()) {
      const [by] = await findRed(suite, replaced, except);
      if (by === undefined) continue;
      suites.splice(index, 1);
      suites.unshift(suite);
      return by;
    }
    return undefined;
  }

  /** The suites of a target by the time that they take on sound code; what is red on it counts for nothing afterwards. */
  async function ordered(target: Target): Promise<Suite[]> {
    const known = orders.get(target.contract);
    if (known) return known;
    const sound = new Map([[`${target.file}:${target.contract}`, originalOf(target)]]);
    const red = new Set<string>();
    const timed: { suite: Suite; time: number }[] = [];
    for (const suite of target.tests.flatMap(suitesOf)) {
      const started = performance.now();
      for (const name of await findRed(suite, sound, red)) red.add(name);
      timed.push({ suite, time: performance.now() - started });
    }
    const unset = [...red].filter((name) => name.endsWith(".setUp()"));
    if (unset.length > 0)
      throw new Error(`these can not be set up on sound code: ${unset.join(", ")}; is the build fresh?`);
    const suites = timed.sort((a, b) => a.time - b.time).map(({ suite }) => suite);
    const total = timed.reduce((sum, { time }) => sum + time, 0) / 1_000;
    report(`${target.contract}: ${suites.length} suites, ${total.toFixed(1)} s on sound code`);
    if (red.size > 0) report(`  red without optimising, and left out: ${[...red].join(", ")}`);
    orders.set(target.contract, suites);
    unusable.set(target.contract, red);
    return suites;
  }

  function originalOf({ file, contract }: Target): Code {
    const code = originals.get(contract) ?? compile(file, contract);
    if (typeof code === "string") throw new Error(code);
    originals.set(contract, code);
    return code;
  }

  return judge;
}
