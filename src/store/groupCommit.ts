type Job = { work: () => unknown; resolve: (value: unknown) => void; reject: (error: unknown) => void };

/** Most jobs of one commit: bounds how long the event loop stands still for it. */
const batchLimit = 1_000;

/**
 * Gathers the jobs of one turn of the event loop into one commit, so that many callers share one wait for the disk. One
 * commit at a time, in the order of the calls; a job resolves only after the commit that it is part of.
 */
export class GroupCommit {
  readonly #commit: (perform: () => void) => Promise<void>;
  readonly #fatal: (error: unknown) => boolean;
  #waiting: Job[] = [];
  #draining: Promise<void> | undefined;

  /**
   * @param commit Makes durable whatever its last call of `perform` changed. When it rejects, every job of it does.
   * @param fatal Errors of a job that spoil the whole commit; any other rejects that job alone.
   */
  constructor(commit: (perform: () => void) => Promise<void>, fatal: (error: unknown) => boolean) {
    this.#commit = commit;
    this.#fatal = fatal;
  }

  /** Runs `work`, synchronous, in the next commit. */
  run<T>(work: () => T): Promise<T> {
    const done = new Promise<T>((resolve, reject) => {
      this.#waiting.push({ work, resolve: resolve as (value: unknown) => void, reject });
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
      await this.#batch(this.#waiting.splice(0, batchLimit));
    }
    this.#draining = undefined;
  }

  async #batch(jobs: readonly Job[]): Promise<void> {
    let outcomes: (() => void)[] = [];
    const perform = () => {
      outcomes = jobs.map((job) => this.#attempt(job));
    };
    try {
      await this.#commit(perform);
    } catch (error) {
      for (const job of jobs) job.reject(error);
      return;
    }
    for (const settle of outcomes) settle();
  }

  #attempt({ work, resolve, reject }: Job): () => void {
    try {
      const value = work();
      return () => resolve(value);
    } catch (error) {
      if (this.#fatal(error)) throw error;
      return () => reject(error);
    }
  }
}
