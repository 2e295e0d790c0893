import { spawn, spawnSync } from "node:child_process";
import { createRequire } from "node:module";

export type Answer = "unsat" | "sat" | "unknown";

/** Answers one SMT-LIB query. */
export type Solver = { name: string; solve(query: string): Promise<Answer> };

type Z3 = {
  mk_config(): unknown;
  mk_context(config: unknown): unknown;
  del_context(context: unknown): void;
  eval_smtlib2_string(context: unknown, query: string): Promise<string>;
};

/** Z3's own count of steps for a query, so that a proof does not depend on how busy the machine is. */
const limit = 40_000_000;

/** Newer ones of npm's leave some of the proofs open. */
const npmPackage = "z3-solver@4.12.2";

/** What to do where there is no solver. */
export const noSolver = `the proofs need Z3: install the machine's package z3, or run npm install --no-save ${npmPackage}`;

/** Whether there is one to start. */
export function hasSolver(): boolean {
  return version() !== undefined || load() !== undefined;
}

/**
 * The machine's own Z3 where it has one, which is many times faster, else npm's `z3-solver`. The one inside the compiler is older than
 * both, and crashes where a query needs a timer.
 * @returns undefined where there is neither.
 */
export async function startSolver(): Promise<Solver | undefined> {
  const name = version();
  if (name) return { name, solve: (query) => ask(questionOf(query)) };

  const found = load();
  if (!found) return undefined;
  const { Z3 } = await found.init();
  return {
    name: "npm's z3-solver",
    async solve(query) {
      const context = Z3.mk_context(Z3.mk_config());
      try {
        return read(await Z3.eval_smtlib2_string(context, questionOf(query)));
      } finally {
        Z3.del_context(context);
      }
    },
  };
}

/** What the machine's own Z3 calls itself. */
function version(): string | undefined {
  const { status, stdout } = spawnSync("z3", ["--version"], { encoding: "utf8" });
  return status === 0 ? stdout.trim() : undefined;
}

/** The values of a counterexample are not asked for: they cost as much as the question. */
function questionOf(query: string): string {
  return `(set-option :rlimit ${limit})\n${query.replace(/\(get-value[\s\S]*$/, "")}`;
}

function ask(question: string): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const child = spawn("z3", ["-in"], { stdio: ["pipe", "pipe", "inherit"] });
    let answer = "";
    child.stdout.on("data", (chunk: Buffer) => {
      answer += chunk;
    });
    child.once("error", reject);
    child.once("close", (code) => {
      if (answer.includes("(error")) reject(new Error(`z3 (${code}): ${answer.slice(0, 500)}`));
      else resolve(read(answer));
    });
    child.stdin.end(question);
  });
}

function read(answer: string): Answer {
  if (/^unsat\b/m.test(answer)) return "unsat";
  return /^sat\b/m.test(answer) ? "sat" : "unknown";
}

function load(): { init(): Promise<{ Z3: Z3 }> } | undefined {
  const require = createRequire(import.meta.url);
  try {
    return require("z3-solver");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "MODULE_NOT_FOUND") throw error;
    return undefined;
  }
}
