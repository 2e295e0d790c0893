import { corrupt, entrySchema } from "./codec.ts";
import { InvalidRecordError } from "./errors.ts";
import type { Query } from "./postgresLane.ts";
import type { Journal, JournalEntry, Lease, LeaseRequest } from "./store.ts";

/** The journal, leases and facts of a schema: each call one statement. */
export class PostgresLedgers {
  readonly #schema: string;
  readonly #where: string;

  constructor(schema: string, where: string) {
    this.#schema = schema;
    this.#where = where;
  }

  async putEntry(query: Query, entry: JournalEntry): Promise<void> {
    const { id, chainId, account, nonce, createdAt, status } = entry;
    await query(
      `INSERT INTO ${this.#schema}.journal (id, chain_id, account, nonce, created_at, status, body)
       VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (id) DO UPDATE SET chain_id = excluded.chain_id,
       account = excluded.account, nonce = excluded.nonce, created_at = excluded.created_at,
       status = excluded.status, body = excluded.body`,
      [id, chainId, account, nonce, createdAt, status, JSON.stringify(entrySchema.encode(entry))],
    );
  }

  async entries(
    query: Query,
    { chainId, account, status }: Parameters<Journal["list"]>[0],
  ): Promise<() => JournalEntry[]> {
    const conditions = ["chain_id = $1"];
    const values: unknown[] = [chainId];
    if (account !== undefined) conditions.push(`account = $${values.push(account.toLowerCase())}`);
    // In the statement's own words, so that the index of pending ones is seen to hold them.
    if (status !== undefined) conditions.push(`status = '${entryStatus(status)}'`);
    const rows = await query(
      `SELECT id::text, body::text FROM ${this.#schema}.journal WHERE ${conditions.join(" AND ")}
       ORDER BY account, nonce, created_at, id`,
      values,
    );
    return () =>
      rows.map(({ id, body }) => {
        return entrySchema.decode(JSON.parse(body ?? "null"), "", corrupt(`${this.#where}, journal entry ${id}`));
      });
  }

  /** By the database's clock, which is one for all. The answer tells the end by the caller's, read before it asked: never later. */
  async lease(query: Query, { name, holder, ttl, now }: LeaseRequest): Promise<Lease | undefined> {
    const time = `${this.#schema}.store_time()`;
    const taken = await query(
      `INSERT INTO ${this.#schema}.leases AS l (name, holder, expires_at)
       VALUES ($1, $2, ${time} + $3 * interval '1 millisecond') ON CONFLICT (name)
       DO UPDATE SET holder = excluded.holder, expires_at = excluded.expires_at
       WHERE l.holder = excluded.holder OR l.expires_at <= ${time} RETURNING name::text`,
      [name, holder, ttl],
    );
    return taken.length === 1 ? { name, holder, expiresAt: now + ttl } : undefined;
  }

  async release(query: Query, name: string, holder: string): Promise<void> {
    await query(`DELETE FROM ${this.#schema}.leases WHERE name = $1 AND holder = $2`, [name, holder]);
  }

  async fact(query: Query, key: string): Promise<string | undefined> {
    const [row] = await query(`SELECT value::text FROM ${this.#schema}.meta WHERE key = $1`, [key]);
    return row?.value ?? undefined;
  }

  async setFact(query: Query, key: string, value: string): Promise<void> {
    await query(
      `INSERT INTO ${this.#schema}.meta (key, value) VALUES ($1, $2)
       ON CONFLICT (key) DO UPDATE SET value = excluded.value`,
      [key, value],
    );
  }
}

/**
 * PostgreSQL's text holds no NUL, and no half of a surrogate pair.
 * @throws InvalidRecordError rather than keep something else than was given.
 */
export function requireText(fields: Readonly<Record<string, string>>): void {
  for (const [name, value] of Object.entries(fields)) {
    if (/[\0\p{Surrogate}]/u.test(value)) throw new InvalidRecordError(name, "text without NUL and lone surrogates");
  }
}

function entryStatus(status: JournalEntry["status"]): string {
  const known: readonly string[] = ["pending", "mined", "reverted", "dropped"] satisfies JournalEntry["status"][];
  if (!known.includes(status)) throw new InvalidRecordError("status", `one of ${known.join(", ")}`);
  return status;
}
