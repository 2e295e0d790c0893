import type { PostgresServer } from "../../support/postgres.ts";

/** Stops the clock that a schema's leases go by, at Unix milliseconds. */
export async function setStoreTime(server: PostgresServer, schema: string, now: number): Promise<void> {
  await server.sql(`CREATE OR REPLACE FUNCTION ${schema}.store_time() RETURNS timestamptz
    LANGUAGE sql VOLATILE AS 'SELECT to_timestamp(${now / 1_000})'`);
}
