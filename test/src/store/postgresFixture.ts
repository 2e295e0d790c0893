import type { Pool, PoolConfig } from "pg";
import { type PostgresStore, type PostgresStoreOptions, postgresStore } from "../../../src/store/postgres.ts";
import { type PostgresServer, postgresServer } from "../../support/postgres.ts";

/** A signature, as money is. */
export const secret = `0x${"5e".repeat(65)}` as const;

/** A server for the describe block that calls this, and for each of its tests a schema, closed stores and an eye beside them. */
export function postgresFixture() {
  const { server, schema } = postgresServer();
  const open: PostgresStore[] = [];
  afterEach(async () => {
    await Promise.all(open.splice(0).map((store) => store.close()));
  });
  return {
    server,
    schema,
    /** Opens a store on the test's schema. */
    async start(options: PostgresStoreOptions & { pool?: Pool; config?: PoolConfig } = {}): Promise<PostgresStore> {
      const { pool, config, ...rest } = options;
      const store = await postgresStore(pool ?? server().pool(config), { schema: schema(), ...rest });
      open.push(store);
      return store;
    },
    /** Runs SQL on the test's schema from beside the stores. */
    beside: (sql: string) => server().sql(`SET search_path = ${schema()}; ${sql}`),
  };
}

/** What a promise is rejected with. */
export async function rejection(promise: Promise<unknown>): Promise<Error> {
  const outcome = await promise.then(
    () => undefined,
    (error: Error) => error,
  );
  if (!outcome) throw new Error("it resolved");
  return outcome;
}

/** Changes a server's configuration while `body` runs. */
export async function withSetting(
  server: PostgresServer,
  [name, value]: readonly [string, string],
  body: () => Promise<void>,
): Promise<void> {
  await configure(server, `ALTER SYSTEM SET ${name} = '${value}'`, `current_setting('${name}') = '${value}'`);
  try {
    await body();
  } finally {
    await configure(server, `ALTER SYSTEM RESET ${name}`, `current_setting('${name}') <> '${value}'`);
  }
}

async function configure(server: PostgresServer, change: string, condition: string): Promise<void> {
  await server.sql(change);
  await server.sql("SELECT pg_reload_conf()");
  // The server hears of it by a signal: connections made later have it, once one had.
  for (let turn = 0; turn < 200; turn++) {
    const [row] = await server.sql(`SELECT ${condition} AS holds`);
    if (row?.holds) return;
  }
  throw new Error(`the server did not take this: ${change}`);
}
