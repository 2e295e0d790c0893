import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { Hex } from "viem";
import type { ChannelRecord, Charge } from "./record.ts";
import { selection } from "./sqliteQuery.ts";
import { body, type ChargeRow, chargeColumns, decodeRow, flags, pad, type Row } from "./sqliteRow.ts";
import type { ChannelQuery } from "./store.ts";

/** A record together with where it lies in the tables. */
export type Stored = {
  readonly record: ChannelRecord;
  readonly row: number;
  /** Position of the first of its charges. */
  readonly first: number;
};

/** The channels of one connection. Writes belong inside a transaction. */
export class SqliteChannels {
  readonly #database: DatabaseSync;
  readonly #where: string;
  readonly #statements: ReturnType<typeof prepare>;
  readonly #queries = new Map<string, StatementSync>();

  constructor(database: DatabaseSync, where: string) {
    this.#database = database;
    this.#where = where;
    this.#statements = prepare(database);
  }

  read(id: Hex): Stored | undefined {
    const row = this.#statements.read.get(id) as Row | undefined;
    return row && this.#decode(row);
  }

  /** @param known Spares decoding what the caller has at hand. */
  list(query: ChannelQuery, known: (id: Hex) => Stored | undefined): ChannelRecord[] {
    const { sql, values } = selection(query);
    let statement = this.#queries.get(sql);
    if (!statement) {
      statement = this.#database.prepare(sql);
      this.#queries.set(sql, statement);
    }
    const rows = statement.all(...values) as Row[];
    return rows.map((row) => (known(row.id as Hex) ?? this.#decode(row)).record);
  }

  /** Writes `record` over what is stored under its id, touching only what differs. */
  write(before: Stored | undefined, record: ChannelRecord): Stored {
    const row = before ? this.#update(before, record) : this.#insert(record);
    const { dropped, appended } = difference(before?.record.charges ?? [], record.charges);
    const first = (before?.first ?? 0) + dropped;
    if (dropped > 0) this.#statements.dropCharges.run(row, first);
    for (let at = record.charges.length - appended.length, i = 0; i < appended.length; i++) {
      this.#statements.addCharge.run(row, first + at + i, ...chargeColumns(appended[i] as Charge));
    }
    return { record, row, first };
  }

  #insert(record: ChannelRecord): number {
    const { id, channel, authorized, settled } = record;
    const parties = [channel.payer, channel.payee, channel.token];
    const columns = [id, ...parties, pad(authorized), pad(settled), ...flags(record), body(record)];
    return Number(this.#statements.insert.run(...columns).lastInsertRowid);
  }

  #update({ record: before, row }: Stored, record: ChannelRecord): number {
    const { channel, authorized, settled } = record;
    const are = flags(record);
    const were = flags(before);
    // Setting an indexed column rewrites its indexes even where the value stays.
    if (channel === before.channel && are.every((flag, index) => flag === were[index])) {
      this.#statements.advance.run(pad(authorized), pad(settled), body(record), row);
    } else {
      const columns = [channel.payer, channel.payee, channel.token, pad(authorized), pad(settled), ...are];
      this.#statements.replace.run(...columns, body(record), row);
    }
    return row;
  }

  #decode(row: Row): Stored {
    const charges = this.#statements.charges.all(row.row) as ChargeRow[];
    return { record: decodeRow(row, charges, this.#where), row: row.row, first: charges[0]?.position ?? 0 };
  }
}

/** How many charges left at the front, and which came at the end; all of them when it is not that simple. */
function difference(before: readonly Charge[], after: readonly Charge[]) {
  const [oldest] = after;
  const dropped = oldest === undefined ? -1 : before.indexOf(oldest);
  const kept = before.length - dropped;
  const shifted =
    dropped >= 0 && kept <= after.length && before.slice(dropped).every((charge, i) => charge === after[i]);
  return shifted ? { dropped, appended: after.slice(kept) } : { dropped: before.length, appended: after };
}

function prepare(database: DatabaseSync) {
  return {
    read: database.prepare("SELECT * FROM channels WHERE id = ?"),
    insert: database.prepare(
      `INSERT INTO channels (id, payer, payee, token, authorized, settled, finalized, unsettled, closing, leaving, body)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    ),
    advance: database.prepare("UPDATE channels SET authorized = ?, settled = ?, body = ? WHERE row = ?"),
    replace: database.prepare(
      `UPDATE channels SET payer = ?, payee = ?, token = ?, authorized = ?, settled = ?, finalized = ?, unsettled = ?,
       closing = ?, leaving = ?, body = ? WHERE row = ?`,
    ),
    charges: database.prepare("SELECT * FROM charges WHERE channel = ? ORDER BY position"),
    addCharge: database.prepare("INSERT INTO charges VALUES (?, ?, ?, ?, ?, ?, ?)"),
    dropCharges: database.prepare("DELETE FROM charges WHERE channel = ? AND position < ?"),
  };
}
