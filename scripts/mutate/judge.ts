import { readFileSync } from "node:fs";
import { type Code, compile, translate } from "./compile.ts";
import { applyTo, type Mutant } from "./mutants.ts";
import type { Runner, Suite } from "./runner.ts";
import type { Node } from "./syntax.ts";
import type { Target } from "./targets.ts";
import { choose, combinable, combine } from "./variants.ts";

/**
 * What became of a mutant: `killed` by a test, `survived` them all, `equivalent` where it compiles to the code that was there
 * before, `invalid` where it does not compile.
 */
export type Verdict = {
  verdict: "killed" | "survived" | "equivalent" | "invalid";
  by?: string;
  seconds: number;
  /** Digest of the tests that a survivor survived. */
  tests?: string;
};

/** Code with some mutants in it, what it is with one of them, and without any. */
type Build = { target: Target; mutants: Mutant[]; sound: Code; codeOf(mutant: Mutant): Code };

type Invalid = (mutant: Mutant) => void;

/** How many mutants share a file: more of them are more code than tests can deploy quickly. */
const together = 250;

/** Judges mutants, in one process that stays up. */
export function createJudge({ findRed, suitesOf }: Runner) {
  const originals = new Map<string, Code>();
  const translations = new Map<string, string>();
  const orders = new Map<string, Suite[]>();
  const unusable = new Set<string>();

  /**
   * Judges the mutants of one file.
   * @param alone Compiles each for itself, as it is without the others: slow, and the measure of the fast way.
   */
  async function* judge(mutants: Mutant[], ast: Node, targets: Target[], alone = false) {
    const shared = alone ? [] : combinable(ast, mutants);
    const parts = mutants.filter((mutant) => !shared.includes(mutant)).map((mutant) => [mutant]);
    for (let from = 0; from < shared.length; from += together) parts.push(shared.slice(from, from + together));
    for (const part of parts) yield* judgePart(part, ast, targets, part.length > 1);
  }

  async function* judgePart(part: Mutant[], ast: Node, targets: Target[], combined: boolean) {
    let started = performance.now();
    const done = (mutant: Mutant, verdict: Verdict["verdict"], by?: string): [Mutant, Verdict] => {
      const seconds = Math.round((performance.now() - started) / 100) / 10;
      started = performance.now();
      return [mutant, by === undefined ? { verdict, seconds } : { verdict, by, seconds }];
    };
    const open = new Set(part);
    for (const target of targets) {
      const invalid: Mutant[] = [];
      for (const build of builds(target, [...open], ast, combined, (mutant) => invalid.push(mutant))) {
        const reds = new Map<Suite, Promise<Set<string>>>();
        for (const mutant of build.mutants) {
          const by = await kill(build, mutant, reds);
          if (by === undefined) continue;
          open.delete(mutant);
          yield done(mutant, "killed", by);
        }
      }
      for (const mutant of invalid) {
        open.delete(mutant);
        yield done(mutant, "invalid");
      }
    }
    for (const mutant of open) {
      // The compiler numbers what it reads, so that the intermediate code of anything moved or removed differs.
      const comparable = /^(constant|operator|swapped arguments)$/.test(mutant.rule);
      const same =
        comparable &&
        targets.every((target) => {
          return translate(target.file, target.contract, sourceOf(mutant)) === translationOf(target);
        });
      yield done(mutant, same ? "equivalent" : "survived");
    }
  }

  /** In as few files as they compile in. */
  function* builds(
    target: Target,
    mutants: Mutant[],
    ast: Node,
    combined: boolean,
    invalid: Invalid,
  ): Generator<Build> {
    const [first] = mutants;
    if (!first) return;
    if (!combined) {
      const code = compile(target.file, target.contract, sourceOf(first));
      if ("sentence" in code) invalid(first);
      else if (code.bytecode !== originalOf(target).bytecode)
        yield { target, mutants, sound: originalOf(target), codeOf: () => code };
      return;
    }
    const { text, numbers, spans } = combine(readFileSync(first.file), ast, mutants);
    const code = compile(target.file, target.contract, { [first.file]: text });
    if ("bytecode" in code) {
      const codeOf = (number: number): Code => ({
        bytecode: choose(code.bytecode, number),
        deployedBytecode: choose(code.deployedBytecode, number),
      });
      yield { target, mutants, sound: codeOf(0), codeOf: (mutant) => codeOf(numbers.get(mutant) ?? 0) };
      return;
    }
    const broken = mutants.filter((mutant) => {
      const [start = 0, end = 0] = spans.get(mutant) ?? [];
      return code.starts.some((at) => at >= start && at < end);
    });
    const rest = mutants.filter((mutant) => !broken.includes(mutant));
    for (const mutant of broken) invalid(mutant);
    if (broken.length > 0) yield* builds(target, rest, ast, true, invalid);
    else if (mutants.length === 1) yield* builds(target, mutants, ast, false, invalid);
    else {
      const half = mutants.length >> 1;
      yield* builds(target, mutants.slice(0, half), ast, true, invalid);
      yield* builds(target, mutants.slice(half), ast, true, invalid);
    }
  }

  /** The first test that is red with this mutant and not without; the suite that it is of comes first from then on. */
  async function kill({ target, sound, codeOf }: Build, mutant: Mutant, reds: Map<Suite, Promise<Set<string>>>) {
    const name = `${target.file}:${target.contract}`;
    const suites = ordered(target);
    const replaced = new Map([[name, codeOf(mutant)]]);
    for (const [index, suite] of suites.entries()) {
      const found = await findRed(suite, target.gas, replaced);
      if (found.length === 0) continue;
      const known = reds.get(suite) ?? findRed(suite, target.gas, new Map([[name, sound]])).then((all) => new Set(all));
      reds.set(suite, known);
      const red = await known;
      for (const test of red) unusable.add(test);
      if ([...red].some((test) => test.endsWith(".setUp()")))
        throw new Error(`${suite.name} can not be set up on sound code; is the build fresh?`);
      const by = found.find((test) => !red.has(test));
      if (by === undefined) continue;
      suites.splice(index, 1);
      suites.unshift(suite);
      return by;
    }
    return undefined;
  }

  function ordered(target: Target): Suite[] {
    const all = target.tests.flatMap(suitesOf).filter(({ name }) => !target.except?.includes(name));
    const suites = orders.get(target.contract) ?? all;
    orders.set(target.contract, suites);
    return suites;
  }

  function originalOf({ file, contract }: Target): Code {
    const code = originals.get(contract) ?? compile(file, contract);
    if ("sentence" in code) throw new Error(code.sentence);
    originals.set(contract, code);
    return code;
  }

  function translationOf({ file, contract }: Target): string | undefined {
    const code = translations.get(contract) ?? translate(file, contract);
    if (code !== undefined) translations.set(contract, code);
    return code;
  }

  return { judge, /** The tests that are red without a mutant, and so can not judge any. */ unusable };
}

function sourceOf(mutant: Mutant): Record<string, string> {
  return { [mutant.file]: applyTo(readFileSync(mutant.file), mutant) };
}
