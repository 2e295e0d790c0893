import { createRequire } from "node:module";

export type Answer = "unsat" | "sat" | "unknown";

/** Answers one SMT-LIB query. */
export type Solver = (query: string) => Promise<Answer>;

type Z3 = {
  mk_config(): unknown;
  mk_context(config: unknown): unknown;
  del_context(context: unknown): void;
  eval_smtlib2_string(context: unknown, query: string): Promise<string>;
};

/**
 * Z3 as npm's `z3-solver` has it. The one inside the compiler is older, and crashes where a query needs a timer.
 * @param limit Z3's own count of steps for a query, so that a proof does not depend on how busy the machine is.
 */
export async function startSolver(limit = 40_000_000): Promise<Solver> {
  const { init } = load();
  const { Z3 } = await init();
  return async (query) => {
    const context = Z3.mk_context(Z3.mk_config());
    try {
      // The values of a counterexample are not asked for: they cost as much as the question.
      const question = query.replace(/\(get-value[\s\S]*$/, "");
      const answer = await Z3.eval_smtlib2_string(context, `(set-option :rlimit ${limit})\n${question}`);
      if (/^unsat\b/m.test(answer)) return "unsat";
      return /^sat\b/m.test(answer) ? "sat" : "unknown";
    } finally {
      Z3.del_context(context);
    }
  };
}

function load(): { init(): Promise<{ Z3: Z3 }> } {
  try {
    return createRequire(import.meta.url)("z3-solver");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "MODULE_NOT_FOUND") throw error;
    throw new Error("the proofs need the package z3-solver: npm install --save-dev z3-solver", { cause: error });
  }
}
