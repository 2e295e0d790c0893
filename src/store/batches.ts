/** What became of one job of a batch. */
export type Outcome<Out> = { readonly value: Out } | { readonly error: unknown };

type Job<In, Out> = { input: In; resolve: (value: Out) => void; reject: (error: unknown) => void };

/**
 * Gathers what is asked while the last batch is under way, and in one turn of the event loop, into the next: many callers share
 * one way to the database and one wait for its disk. One batch at a time, in the order of the calls.
 */
export class Batches<In, Out> {
  readonly #work: (inputs: readonly In[]) => Promise<readonly Outcome<Out>[]>;
  readonly #limits: { size: number; waiting: number; full: () => Error };
  #waiting: Job<In, Out>[] = [];
  #draining: Promise<void> | undefined;

  /**
   * @param work Gives an outcome for each input, in their order. When it rejects, every job of the batch does, and every one behind
   * it: they would fail of the same, each after a wait of its own.
   * @param limits.size Most jobs of one batch.
   * @param limits.waiting Most jobs that may wait; one more is refused at once with what `full` makes.
   */
  constructor(
    work: (inputs: readonly In[]) => Promise<readonly Outcome<Out>[]>,
    limits: { size: number; waiting: number; full: () => Error },
  ) {
    this.#work = work;
    this.#limits = limits;
  }

  run(input: In): Promise<Out> {
    if (this.#waiting.length >= this.#limits.waiting) return Promise.reject(this.#limits.full());
    const done = new Promise<Out>((resolve, reject) => {
      this.#waiting.push({ input, resolve, reject });
    });
    this.#draining ??= this.#drain();
    return done;
  }

  /** Resolves when nothing waits. */
  async idle(): Promise<void> {
    while (this.#draining) await this.#draining;
  }

  async #drain(): Promise<void> {
    while (this.#waiting.length > 0) {
      await new Promise(setImmediate);
      await this.#batch(this.#waiting.splice(0, this.#limits.size));
    }
    this.#draining = undefined;
  }

  async #batch(jobs: readonly Job<In, Out>[]): Promise<void> {
    let outcomes: readonly Outcome<Out>[];
    try {
      outcomes = await this.#work(jobs.map(({ input }) => input));
    } catch (error) {
      for (const { reject } of [...jobs, ...this.#waiting.splice(0)]) reject(error);
      return;
    }
    for (const [index, { resolve, reject }] of jobs.entries()) {
      const outcome = outcomes[index] as Outcome<Out>;
      if ("error" in outcome) reject(outcome.error);
      else resolve(outcome.value);
    }
  }
}
