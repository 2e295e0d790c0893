import { StoreReplacedError, StoreSettingError, StoreUnavailableError, StoreVersionError } from "./errors.ts";
import type { Query } from "./postgresLane.ts";

/** What the server really does, read from a connection of the store. */
export type PostgresDurability = {
  /** `on`: a commit waits for the disk. */
  fsync: string;
  /** `on`: a page that was torn by a power cut is mended. */
  fullPageWrites: string;
  /** `on` or `remote_apply`: nothing is acknowledged before it is in the log, and in that of the synchronous replicas, if any. */
  synchronousCommit: string;
};

/** Oldest that is tested against, https://www.postgresql.org/support/versioning/ */
const oldestVersion = 140_000;

/**
 * Sets up a fresh connection, and refuses a server that would forget what it has acknowledged.
 * @param timeout Of any statement, milliseconds.
 */
export async function prepareSession(
  query: Query,
  options: { where: string; timeout: number; continuity: Continuity },
): Promise<PostgresDurability> {
  const { where, timeout, continuity } = options;
  await query(`
    SELECT set_config('synchronous_commit',
      CASE current_setting('synchronous_commit') WHEN 'remote_apply' THEN 'remote_apply' ELSE 'on' END, false);
    SET statement_timeout = ${timeout};
    SET idle_in_transaction_session_timeout = ${timeout};
    SET default_transaction_isolation = 'read committed';
    SET log_parameter_max_length_on_error = 0;
    -- Batches differ in length alone. Rows are locked in the order of the batch, which is by id: none wait for each other in a circle.
    SET plan_cache_mode = force_generic_plan;
    SET enable_hashjoin = off;
    SET enable_mergejoin = off;
    -- A list comes from an index of its own, or it would crawl over closed channels.
    SET enable_seqscan = off;
    SET enable_bitmapscan = off`);
  const [facts] = await query(`
    SELECT current_setting('fsync') AS fsync, current_setting('full_page_writes') AS pages,
      current_setting('synchronous_commit') AS commits, current_setting('server_version_num') AS version,
      pg_is_in_recovery()::text AS replica, current_setting('transaction_read_only') AS readonly,
      (current_setting('log_parameter_max_length') <> '0' AND (current_setting('log_statement') IN ('mod', 'all')
        OR current_setting('log_min_duration_statement') <> '-1'
        OR current_setting('log_min_duration_sample') <> '-1'
        OR current_setting('log_transaction_sample_rate') <> '0'))::text AS logged`);
  const { fsync, pages, commits, version, replica, readonly, logged } = facts as Record<string, string>;
  if (Number(version) < oldestVersion)
    throw new StoreVersionError(where, `on PostgreSQL ${Number(version) / 10_000}`, "14 and later");
  if (replica === "true" || readonly === "on")
    throw new StoreUnavailableError(where, "it takes no writes: it is a replica, or set to read only");
  if (fsync !== "on") throw new StoreSettingError(where, `fsync is ${fsync}`, "Set it on, and restart the server.");
  if (pages !== "on") throw new StoreSettingError(where, `full_page_writes is ${pages}`, "Set it on, and reload.");
  if (logged === "true") await keepParametersOut(query, where, Number(version));
  await continuity.check(query);
  return { fsync, fullPageWrites: pages as string, synchronousCommit: commits as string };
}

/** The server's log is to hold no signature: they are money. */
async function keepParametersOut(query: Query, where: string, version: number): Promise<void> {
  const name = "log_parameter_max_length";
  const superuser = "(SELECT rolsuper FROM pg_roles WHERE rolname = current_user)";
  // Before version 15 there is no such privilege, and no function to ask for it.
  const granted = version < 150_000 ? "false" : `has_parameter_privilege('${name}', 'SET')`;
  const [right] = await query(`SELECT (${superuser} OR ${granted})::text AS granted`);
  if (right?.granted === "true") await query(`SET ${name} = 0`);
  else {
    throw new StoreSettingError(
      where,
      "the server logs statements with their parameters, and those hold signatures, which are money",
      `Set ${name} to 0, or let the user do so: GRANT SET ON PARAMETER ${name} TO it.`,
    );
  }
}

/**
 * Whether the database that a new connection leads to is the one of the connections before it, and no older. One that was restored
 * from a backup, or a replica that took over before it had everything, would sell again what was paid for.
 */
export class Continuity {
  readonly #where: string;
  #origin: { cluster: string; timeline: string } | undefined;
  /** Highest position in the write-ahead log that is known to have been reached before something was acknowledged. */
  #reached = 0n;
  #broken: StoreReplacedError | undefined;

  constructor(where: string) {
    this.#where = where;
  }

  /** Notes how far the log had come when a statement, now acknowledged, ran. */
  reach(position: string): void {
    const reached = parsePosition(position);
    if (reached > this.#reached) this.#reached = reached;
  }

  /** @throws StoreReplacedError now and for ever, once it was another. */
  async check(query: Query): Promise<void> {
    if (this.#broken) throw this.#broken;
    const [facts] = await query(
      `SELECT system_identifier::text AS cluster, pg_current_wal_flush_lsn()::text AS position,
         substr(pg_walfile_name(pg_current_wal_insert_lsn()), 1, 8) AS timeline FROM pg_control_system()`,
    );
    const { cluster, timeline, position } = facts as Record<"cluster" | "timeline" | "position", string>;
    this.#origin ??= { cluster, timeline };
    this.#broken = this.#verdict(cluster, timeline, parsePosition(position));
    if (this.#broken) throw this.#broken;
  }

  #verdict(cluster: string, timeline: string, position: bigint): StoreReplacedError | undefined {
    const { origin, reached } = { origin: this.#origin, reached: this.#reached };
    if (cluster !== origin?.cluster) return new StoreReplacedError(this.#where, "this is another database cluster");
    if (timeline !== origin.timeline) {
      const fact = `its timeline is ${timeline} and was ${origin.timeline}, as after a restored backup or a replica's promotion`;
      return new StoreReplacedError(this.#where, fact);
    }
    if (position < reached) return new StoreReplacedError(this.#where, "its log is shorter than it was");
    return undefined;
  }
}

/** `16/B374D848`, a byte position in the log in two halves of 32 bits. */
function parsePosition(text: string): bigint {
  const [high = "", low = ""] = text.split("/");
  return (BigInt(`0x${high}`) << 32n) + BigInt(`0x${low}`);
}
