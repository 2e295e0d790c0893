import type { DatabaseSync } from "node:sqlite";
import { corrupt, entrySchema } from "./codec.ts";
import type { Journal, JournalEntry, Lease, LeaseRequest } from "./store.ts";

/** The journal, leases and facts of one connection. Writes belong inside a transaction. */
export class SqliteLedgers {
  readonly #where: string;
  readonly #statements: ReturnType<typeof prepare>;

  constructor(database: DatabaseSync, where: string) {
    this.#where = where;
    this.#statements = prepare(database);
  }

  putEntry(entry: JournalEntry): void {
    const { id, chainId, account, nonce, createdAt, status } = entry;
    const body = JSON.stringify(entrySchema.encode(entry));
    this.#statements.putEntry.run(id, chainId, account, nonce, createdAt, status, body);
  }

  entries({ chainId, account, status }: Parameters<Journal["list"]>[0]): JournalEntry[] {
    const { ofAccount, pending, all } = this.#statements;
    const who = account?.toLowerCase() ?? null;
    const rows =
      status === "pending"
        ? pending.all(chainId, who, who)
        : who === null
          ? all.all(chainId, status ?? null, status ?? null)
          : ofAccount.all(chainId, who, status ?? null, status ?? null);
    return (rows as { id: string; body: string }[]).map(({ id, body }) => {
      const fail = corrupt(`${this.#where}, journal entry ${id}`);
      let json: unknown;
      try {
        json = JSON.parse(body);
      } catch {
        return fail("the body", "JSON");
      }
      return entrySchema.decode(json, "", fail);
    });
  }

  lease({ name, holder, ttl, now }: LeaseRequest): Lease | undefined {
    const lease = { name, holder, expiresAt: now + ttl };
    const { changes } = this.#statements.takeLease.run(name, holder, lease.expiresAt, now);
    return changes === 1 ? lease : undefined;
  }

  release(name: string, holder: string): void {
    this.#statements.release.run(name, holder);
  }

  fact(key: string): string | undefined {
    return (this.#statements.fact.get(key) as { value: string } | undefined)?.value;
  }

  setFact(key: string, value: string): void {
    this.#statements.setFact.run(key, value);
  }
}

function prepare(database: DatabaseSync) {
  const order = "ORDER BY account, nonce, created_at, id";
  return {
    putEntry: database.prepare("INSERT OR REPLACE INTO journal VALUES (?, ?, ?, ?, ?, ?, ?)"),
    ofAccount: database.prepare(
      `SELECT id, body FROM journal WHERE chain_id = ? AND account = ? AND (? IS NULL OR status = ?) ${order}`,
    ),
    all: database.prepare(`SELECT id, body FROM journal WHERE chain_id = ? AND (? IS NULL OR status = ?) ${order}`),
    pending: database.prepare(
      `SELECT id, body FROM journal INDEXED BY journal_pending
       WHERE status = 'pending' AND chain_id = ? AND (? IS NULL OR account = ?) ${order}`,
    ),
    takeLease: database.prepare(
      `INSERT INTO leases VALUES (?, ?, ?) ON CONFLICT (name)
       DO UPDATE SET holder = excluded.holder, expires_at = excluded.expires_at
       WHERE holder = excluded.holder OR expires_at <= ?`,
    ),
    release: database.prepare("DELETE FROM leases WHERE name = ? AND holder = ?"),
    fact: database.prepare("SELECT value FROM meta WHERE key = ?"),
    setFact: database.prepare("INSERT OR REPLACE INTO meta VALUES (?, ?)"),
  };
}
