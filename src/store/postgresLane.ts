import type { Pool, PoolClient } from "pg";
import { StoreUnavailableError } from "./errors.ts";
import { explain, isConflict, NoAnswerError } from "./postgresError.ts";

/** A statement that is planned once a connection. */
export type Statement = { readonly name: string; readonly text: string };

/** A row, every column cast to text: no parser that a program has set for its own queries is asked. */
export type Row = Record<string, string | null>;

/** Runs one statement on a lane's connection. Waits for each before the next. */
export type Query = (statement: Statement | string, values?: readonly unknown[]) => Promise<Row[]>;

/** A statement lost against another transaction and did nothing; what was asked may be asked again on the same connection. */
export class ConflictError extends StoreUnavailableError {
  constructor(where: string) {
    super(where, "another transaction was in the way");
  }
}

export type LaneOptions = {
  /** The store, for errors. */
  where: string;
  /** How long a connection may take to be had, and any statement to be answered, milliseconds. */
  timeout: number;
  /** Sets a fresh connection up, or throws. */
  prepare: (query: Query) => Promise<void>;
};

/**
 * One connection of the pool, kept and set up as the store needs it, and replaced after any fault. Never waits longer than it may.
 * Its caller asks one thing at a time.
 */
export class Lane {
  readonly #pool: Pool;
  readonly #options: LaneOptions;
  #client: PoolClient | undefined;

  constructor(pool: Pool, options: LaneOptions) {
    this.#pool = pool;
    this.#options = options;
  }

  /** Any error that `work` lets out costs the connection. */
  async run<T>(work: (query: Query) => Promise<T>): Promise<T> {
    const client = this.#client ?? (await this.#connect());
    try {
      return await work(this.#queryOn(client));
    } catch (error) {
      this.#drop(client);
      throw error;
    }
  }

  /** Gives the connection up: it is set up for this store, and so of no use to others. */
  close(): void {
    if (this.#client) this.#drop(this.#client);
  }

  async #connect(): Promise<PoolClient> {
    const { where, prepare } = this.#options;
    const asked = new Promise<PoolClient>((resolve, reject) => {
      this.#pool.connect((error, client) => {
        if (!client) return reject(error);
        // In the very turn that it is had in, and between statements too: an error that nobody listens for ends the process.
        client.on("error", () => this.#drop(client));
        resolve(client);
      });
    });
    const client = await this.#within(asked).catch((error: unknown) => {
      // One that comes too late is nobody's.
      asked.then(
        (late) => late.release(true),
        () => undefined,
      );
      throw explain(error, where);
    });
    this.#client = client;
    try {
      await prepare(this.#queryOn(client));
    } catch (error) {
      this.#drop(client);
      throw error;
    }
    return client;
  }

  #queryOn(client: PoolClient): Query {
    return async (statement, values = []) => {
      const config = typeof statement === "string" ? { text: statement } : statement;
      try {
        const answer = await this.#within(client.query({ ...config, values: [...values] }));
        return (Array.isArray(answer) ? answer.at(-1) : answer).rows;
      } catch (error) {
        if (isConflict(error)) throw new ConflictError(this.#options.where);
        throw explain(error, this.#options.where);
      }
    };
  }

  #drop(client: PoolClient): void {
    if (this.#client !== client) return;
    this.#client = undefined;
    client.release(true);
  }

  async #within<T>(promise: Promise<T>): Promise<T> {
    const { timeout } = this.#options;
    let timer: NodeJS.Timeout | undefined;
    const tooLong = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new NoAnswerError()), timeout);
    });
    try {
      return await Promise.race([promise, tooLong]);
    } finally {
      clearTimeout(timer);
    }
  }
}
