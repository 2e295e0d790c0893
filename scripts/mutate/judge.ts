import { readFileSync } from "node:fs";
import { type Code, compile } from "./compile.ts";
import { applyTo, type Mutant } from "./mutants.ts";
import type { Runner, Suite } from "./runner.ts";
import type { Node } from "./syntax.ts";
import type { Target } from "./targets.ts";
import { type Combined, choose, combinable, combine } from "./variants.ts";

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

/**
 * Code with some mutants in it, what it is with one of them, and without any: with a number below theirs and with one above, which
 * costs the most gas to find that out.
 */
type Build = { target: Target; mutants: Mutant[]; sound: Code[]; codeOf(mutant: Mutant): Code };

type Trees = ReadonlyMap<string, Node>;

type Invalid = (mutant: Mutant) => void;

/** How many mutants are compiled together: more of them are more code than tests can deploy quickly. */
const together = 250;

/** Judges mutants, in one process that stays up. */
export function createJudge({ findRed, suitesOf }: Runner) {
  const originals = new Map<string, Code>();
  const orders = new Map<string, Suite[]>();
  const unusable = new Set<string>();

  /**
   * Judges mutants of files that are in the code of the same targets.
   * @param trees The syntax trees of the files.
   * @param alone Compiles each for itself, as it is without the others: slow, and the measure of the fast way.
   */
  async function* judge(mutants: Mutant[], trees: Trees, targets: Target[], alone = false) {
    const files = [...new Set(mutants.map(({ file }) => file))];
    const shared = alone ? [] : files.flatMap((file) => combinable(treeOf(trees, file), only(mutants, file)));
    const parts = mutants.filter((mutant) => !shared.includes(mutant)).map((mutant) => [mutant]);
    for (let from = 0; from < shared.length; from += together) parts.push(shared.slice(from, from + together));
    for (const part of parts) yield* judgePart(part, trees, targets, part.length > 1);
  }

  async function* judgePart(part: Mutant[], trees: Trees, targets: Target[], combined: boolean) {
    let started = performance.now();
    const done = (mutant: Mutant, verdict: Verdict["verdict"], by?: string): [Mutant, Verdict] => {
      const seconds = secondsSince(started);
      started = performance.now();
      return [mutant, by === undefined ? { verdict, seconds } : { verdict, by, seconds }];
    };
    const open = new Set(part);
    for (const target of targets) {
      const invalid: Mutant[] = [];
      for (const build of builds(target, [...open], trees, combined, (mutant) => invalid.push(mutant))) {
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
    for (const mutant of open) yield done(mutant, "survived");
  }

  /** In as few files as they compile in. */
  function* builds(
    target: Target,
    mutants: Mutant[],
    trees: Trees,
    combined: boolean,
    invalid: Invalid,
  ): Generator<Build> {
    const [first] = mutants;
    if (!first) return;
    if (!combined) {
      const code = compile(target.file, target.contract, sourceOf(first));
      if ("sentence" in code) invalid(first);
      else if (code.bytecode !== originalOf(target).bytecode)
        yield { target, mutants, sound: [originalOf(target)], codeOf: () => code };
      return;
    }
    const files = [...new Set(mutants.map(({ file }) => file))];
    const parts = new Map<string, Combined>();
    let count = 0;
    for (const file of files) {
      const own = only(mutants, file);
      parts.set(file, combine(readFileSync(file), treeOf(trees, file), own, count + 1));
      count += own.length;
    }
    const texts = Object.fromEntries([...parts].map(([file, { text }]) => [file, text]));
    const code = compile(target.file, target.contract, texts);
    if ("bytecode" in code) {
      const codeOf = (number: number): Code => ({
        bytecode: choose(code.bytecode, number),
        deployedBytecode: choose(code.deployedBytecode, number),
      });
      yield {
        target,
        mutants,
        sound: [codeOf(0), codeOf(count + 1)],
        codeOf: (mutant) => codeOf(parts.get(mutant.file)?.numbers.get(mutant) ?? 0),
      };
      return;
    }
    const broken = mutants.filter((mutant) => {
      const [start = 0, end = 0] = parts.get(mutant.file)?.spans.get(mutant) ?? [];
      return code.places.some(({ file, start: at }) => file === mutant.file && at >= start && at < end);
    });
    const rest = mutants.filter((mutant) => !broken.includes(mutant));
    for (const mutant of broken) invalid(mutant);
    if (broken.length > 0) yield* builds(target, rest, trees, true, invalid);
    else if (mutants.length === 1) yield* builds(target, mutants, trees, false, invalid);
    else {
      const half = mutants.length >> 1;
      yield* builds(target, mutants.slice(0, half), trees, true, invalid);
      yield* builds(target, mutants.slice(half), trees, true, invalid);
    }
  }

  /** The first test that is red with this mutant and not without; the suite that it is of comes first from then on. */
  async function kill({ target, sound, codeOf }: Build, mutant: Mutant, reds: Map<Suite, Promise<Set<string>>>) {
    const suites = ordered(target);
    const replaced = new Map([[nameOf(target), codeOf(mutant)]]);
    for (const [index, suite] of suites.entries()) {
      const found = await findRed(suite, target.gas, replaced);
      if (found.length === 0) continue;
      const known = reds.get(suite) ?? redWithout(target, suite, sound);
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

  /** The tests that are red without a mutant. */
  async function redWithout(target: Target, suite: Suite, sound: Code[]): Promise<Set<string>> {
    const red = new Set<string>();
    for (const code of sound) {
      for (const test of await findRed(suite, target.gas, new Map([[nameOf(target), code]]))) red.add(test);
    }
    return red;
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

  /**
   * Judges a survivor again by itself: it may have the code that was there before, and a test that the copies beside it made unusable
   * may notice it.
   */
  async function judgeAgain(mutant: Mutant, targets: Target[]): Promise<Verdict> {
    const started = performance.now();
    const verdict = (kind: Verdict["verdict"]) => ({ verdict: kind, seconds: secondsSince(started) });
    let differs = false;
    for (const target of targets) {
      for (const build of builds(target, [mutant], new Map(), false, () => {})) {
        differs = true;
        const by = await kill(build, mutant, new Map());
        if (by !== undefined) return { ...verdict("killed"), by };
      }
    }
    return verdict(differs ? "survived" : "equivalent");
  }

  return { judge, judgeAgain, /** The tests that are red without a mutant, and so can not judge any. */ unusable };
}

function secondsSince(started: number): number {
  return Math.round((performance.now() - started) / 100) / 10;
}

function nameOf({ file, contract }: Target): string {
  return `${file}:${contract}`;
}

function only(mutants: Mutant[], file: string): Mutant[] {
  return mutants.filter((mutant) => mutant.file === file);
}

function treeOf(trees: Trees, file: string): Node {
  const tree = trees.get(file);
  if (!tree) throw new Error(`${file} was not parsed`);
  return tree;
}

function sourceOf(mutant: Mutant): Record<string, string> {
  return { [mutant.file]: applyTo(readFileSync(mutant.file), mutant) };
}
