import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { Hex } from "viem";
import { difference, sweep } from "./chargeDifference.ts";
import { isSameParties, owedBy } from "./payerLimit.ts";
import type { ChannelRecord } from "./record.ts";
import { selection } from "./sqliteQuery.ts";
import { body, type ChargeRow, chargeColumns, decodeRow, indexed, pad, type Row } from "./sqliteRow.ts";
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

  /**
   * What the other channels of the same parties owe, base units.
   * @param dirty Records that the running transaction has changed and not written yet.
   */
  owedElsewhere({ id, channel }: ChannelRecord, dirty: ReadonlyMap<Hex, ChannelRecord>): bigint {
    const rows = this.#statements.owing.all(channel.payer, channel.payee, channel.token) as Owing[];
    const written = rows.filter((row) => row.id !== id && !dirty.has(row.id));
    const changed = [...dirty.values()].filter((other) => other.id !== id && isSameParties(other.channel, channel));
    return (
      written.reduce((sum, { authorized, settled }) => sum + BigInt(authorized) - BigInt(settled), 0n) +
      changed.reduce((sum, record) => sum + owedBy(record), 0n)
    );
  }

  /** Writes `record` over what is stored under its id, touching only what differs. */
  write(before: Stored | undefined, record: ChannelRecord): Stored {
    const { dropped, appended } = difference(before?.record.charges ?? [], record.charges);
    const first = (before?.first ?? 0) + dropped;
    const next = first + record.charges.length;
    const row = before ? this.#update(before, record, first, next) : this.#insert(record, next);
    appended.forEach((charge, index) => {
      this.#statements.addCharge.run(row, next - appended.length + index, ...chargeColumns(charge));
    });
    if (before && Math.floor(first / sweep) > Math.floor(before.first / sweep)) {
      this.#statements.dropCharges.run(row, first);
    }
    return { record, row, first };
  }

  #insert(record: ChannelRecord, next: number): number {
    const { id, authorized, settled } = record;
    const columns = [id, pad(authorized), pad(settled), 0, next, body(record), ...indexed(record)];
    return Number(this.#statements.insert.run(...columns).lastInsertRowid);
  }

  #update({ record: before, row }: Stored, record: ChannelRecord, first: number, next: number): number {
    const { authorized, settled } = record;
    const are = indexed(record);
    const were = indexed(before);
    const rest = [pad(authorized), pad(settled), first, next, body(record)];
    // Setting an indexed column rewrites its indexes even where the value stays.
    if (are.every((value, index) => value === were[index])) {
      this.#statements.advance.run(...rest, row);
    } else {
      this.#statements.replace.run(...rest, ...are, row);
    }
    return row;
  }

  #decode(row: Row): Stored {
    const { row: number, first_charge: first, next_charge: next } = row;
    const charges = this.#statements.charges.all(number, first, next) as ChargeRow[];
    return { record: decodeRow(row, charges, this.#where), row: number, first };
  }
}

type Owing = { id: Hex; authorized: string; settled: string };

function prepare(database: DatabaseSync) {
  const advancing = "authorized = ?, settled = ?, first_charge = ?, next_charge = ?, body = ?";
  return {
    read: database.prepare("SELECT * FROM channels WHERE id = ?"),
    insert: database.prepare(
      `INSERT INTO channels (id, authorized, settled, first_charge, next_charge, body, payer, payee, token,
       finalized, unsettled, closing, leaving) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    ),
    advance: database.prepare(`UPDATE channels SET ${advancing} WHERE row = ?`),
    replace: database.prepare(
      `UPDATE channels SET ${advancing}, payer = ?, payee = ?, token = ?, finalized = ?, unsettled = ?, closing = ?,
       leaving = ? WHERE row = ?`,
    ),
    charges: database.prepare(
      "SELECT * FROM charges WHERE channel = ? AND position >= ? AND position < ? ORDER BY position",
    ),
    addCharge: database.prepare("INSERT INTO charges VALUES (?, ?, ?, ?, ?, ?, ?)"),
    owing: database.prepare(
      `SELECT id, authorized, settled FROM channels INDEXED BY channels_by_payer
       WHERE payer = ? AND finalized = 0 AND payee = ? AND token = ? AND unsettled = 1`,
    ),
    dropCharges: database.prepare("DELETE FROM charges WHERE channel = ? AND position < ?"),
  };
}
