import { StoreVersionError } from "./errors.ts";
import type { Query } from "./postgresLane.ts";

/**
 * One step a version, in order; a step that was released is never changed. `%s` is the schema.
 *
 * Amounts are `numeric(39)`: it holds 2^128 - 1, and compares and sums as the number that it is. `json` keeps text as it came, any
 * escape included; `jsonb` would refuse some.
 */
const migrations: readonly string[] = [
  `
  CREATE TABLE %s.channels (
    key bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    id text COLLATE "C" NOT NULL UNIQUE,
    revision uuid NOT NULL, -- drawn anew by each write: what a writer has read is what it replaces, or it does nothing
    payer text COLLATE "C" NOT NULL,
    payee text COLLATE "C" NOT NULL,
    token text COLLATE "C" NOT NULL,
    authorized numeric(39) NOT NULL, -- base units
    settled numeric(39) NOT NULL, -- base units
    finalized boolean NOT NULL,
    unsettled boolean NOT NULL,
    closing boolean NOT NULL,
    leaving boolean NOT NULL,
    first_charge bigint NOT NULL, -- positions in charges, from this one
    next_charge bigint NOT NULL, -- to before this one
    body json NOT NULL
  ) WITH (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.05);
  CREATE INDEX channels_by_payer ON %s.channels (payer, finalized, id);
  CREATE INDEX channels_live ON %s.channels (id) WHERE NOT finalized;
  CREATE INDEX channels_live_by_payee ON %s.channels (payee, id, token) WHERE NOT finalized;
  CREATE INDEX channels_unsettled ON %s.channels (id) WHERE unsettled;
  CREATE INDEX channels_unsettled_by_payee ON %s.channels (payee, id, token) WHERE unsettled;
  CREATE INDEX channels_closing ON %s.channels (id) WHERE closing;
  CREATE INDEX channels_leaving ON %s.channels (id) WHERE leaving;

  CREATE TABLE %s.charges (
    channel bigint NOT NULL,
    position bigint NOT NULL,
    charge json NOT NULL,
    PRIMARY KEY (channel, position)
  ) WITH (autovacuum_vacuum_scale_factor = 0.05);

  CREATE TABLE %s.journal (
    id text PRIMARY KEY,
    chain_id bigint NOT NULL,
    account text COLLATE "C" NOT NULL,
    nonce bigint NOT NULL,
    created_at bigint NOT NULL, -- Unix milliseconds of the sender's clock
    status text NOT NULL,
    body json NOT NULL
  );
  CREATE INDEX journal_by_account ON %s.journal (chain_id, account, nonce, created_at);
  CREATE INDEX journal_pending ON %s.journal (chain_id, account, nonce, created_at) WHERE status = 'pending';

  CREATE TABLE %s.leases (
    name text PRIMARY KEY,
    holder text NOT NULL,
    expires_at timestamptz NOT NULL -- by store_time
  );

  CREATE TABLE %s.meta (key text PRIMARY KEY, value text NOT NULL);

  -- What leases go by: one clock for every host.
  CREATE FUNCTION %s.store_time() RETURNS timestamptz LANGUAGE sql VOLATILE AS 'SELECT clock_timestamp()';
  `,
];

/** Of the tables that {@link migrations} lead to. */
const version = migrations.length;

/**
 * Brings the tables of a schema to this version, making the schema if there is none. Whoever else does so at the same time waits,
 * and finds it done.
 * @param schema A plain identifier in lower case: it becomes part of statements.
 * @throws StoreVersionError for a schema of a newer version or of another program, which is left as it is.
 */
export async function migrate(query: Query, schema: string, where: string): Promise<void> {
  // A user that may not make anything can use what is there.
  if ((await currentVersion(query, schema, where)) === version) return;
  await query("BEGIN");
  await query("SELECT pg_advisory_xact_lock(hashtext($1))", [`farthing store ${schema}`]);
  await query(`CREATE SCHEMA IF NOT EXISTS ${schema}`);
  const current = await currentVersion(query, schema, where);
  await query(`CREATE TABLE IF NOT EXISTS ${schema}.migrations (
    version integer PRIMARY KEY, applied_at timestamptz NOT NULL DEFAULT clock_timestamp())`);
  for (const [index, migration] of migrations.entries()) {
    if (index < current) continue;
    await query(migration.replaceAll("%s", schema));
    await query(`INSERT INTO ${schema}.migrations (version) VALUES ($1)`, [index + 1]);
  }
  await query("COMMIT");
}

/** 0 for a schema that is empty or not there. */
async function currentVersion(query: Query, schema: string, where: string): Promise<number> {
  const tables = await query("SELECT relname::text AS name FROM pg_class WHERE relnamespace = to_regnamespace($1)", [
    schema,
  ]);
  if (tables.length === 0) return 0;
  if (!tables.some(({ name }) => name === "migrations"))
    throw new StoreVersionError(where, "a schema of another program", "its own schemas only");
  const [newest] = await query(`SELECT coalesce(max(version), 0)::text AS version FROM ${schema}.migrations`);
  const found = Number(newest?.version);
  if (found > version) throw new StoreVersionError(where, `of version ${found}`, `version ${version}`);
  return found;
}
