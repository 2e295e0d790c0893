import { randomUUID } from "node:crypto";
import type { Hex } from "viem";
import { difference, sweep } from "./chargeDifference.ts";
import { StoreCorruptError } from "./errors.ts";
import type { Parties } from "./payerLimit.ts";
import type { Query, Row, Statement } from "./postgresLane.ts";
import { columns, decodeRow, encodeCharges, type Stored } from "./postgresRow.ts";
import type { ChannelRecord } from "./record.ts";
import { body } from "./sqliteRow.ts";
import { standing } from "./standing.ts";

/** A record that is to replace `before`, or to be the first of its id. */
export type Write = { readonly before: Stored | undefined; readonly record: ChannelRecord };

/** The channels of a schema. */
export class PostgresChannels {
  readonly #where: string;
  readonly #statements: Record<StatementName, Statement>;

  constructor(schema: string, where: string) {
    this.#where = where;
    this.#statements = statements(schema);
  }

  /**
   * What is stored under each of `ids`, in one snapshot; nothing for those that are not there, an error for those that are damaged.
   * @param known What the caller has at hand: sent again only if it has changed.
   */
  async read(
    query: Query,
    ids: readonly Hex[],
    known: ReadonlyMap<Hex, Stored>,
  ): Promise<Map<Hex, Stored | StoreCorruptError>> {
    if (ids.length === 0) return new Map();
    const revisions = ids.map((id) => known.get(id)?.revision ?? null);
    const keys = ids.map((id) => known.get(id)?.key ?? null);
    const nexts = ids.map((id) => nextOf(known.get(id)));
    const rows = await query(this.#statements.read, [ids, revisions, keys, nexts]);
    return new Map(rows.map((row) => [row.id as Hex, this.#decode(row, known)]));
  }

  /** Those of `ids` that are there and in nobody's hands: until the transaction ends nobody else changes them. Waits for none. */
  async lock(query: Query, ids: readonly Hex[]): Promise<Set<Hex>> {
    const rows = await query(this.#statements.lock, [ids]);
    return new Set(rows.map(({ id }) => id as Hex));
  }

  /**
   * What these parties owe, base units, in their order. Until the transaction ends, nobody else who asks for the same is answered: so
   * it stands still for all who write under a limit.
   */
  async owed(query: Query, parties: readonly Parties[]): Promise<bigint[]> {
    const columns = (["payer", "payee", "token"] as const).map((name) => parties.map((each) => each[name]));
    await query(this.#statements.claim, columns);
    // A statement of its own: it sees what was written before the claim was had.
    const rows = await query(this.#statements.owed, columns);
    return rows.map(({ owed }) => BigInt(owed as string));
  }

  /**
   * Makes each write whose `before` is still what is stored, durable when it resolves. Gives what is stored now for those; the others
   * did nothing.
   * @param reach Told how far the server's log had come.
   */
  async write(query: Query, writes: readonly Write[], reach: (position: string) => void): Promise<Map<Hex, Stored>> {
    const rows = writes.map(toRow).sort((a, b) => (a.id < b.id ? -1 : 1));
    const written = new Map<Hex, Stored>();
    const groups = [
      [this.#statements.update, rows.filter(({ was }) => was !== null)],
      [this.#statements.insert, rows.filter(({ was }) => was === null)],
    ] as const;
    for (const [statement, group] of groups) {
      if (group.length === 0) continue;
      const made = await query(statement, parameters(group));
      if (made[0]) reach(made[0].position as string);
      const byId = new Map(group.map((row) => [row.id, row]));
      for (const { id, key } of made) {
        const { record, revision, first } = byId.get(id as Hex) as WriteRow;
        written.set(record.id, { record, revision, key: key as string, first });
      }
    }
    return written;
  }

  #decode(row: Row, known: ReadonlyMap<Hex, Stored>): Stored | StoreCorruptError {
    const atHand = known.get(row.id as Hex);
    if (row.revision === null && atHand) return atHand;
    try {
      return decodeRow(row, atHand, this.#where);
    } catch (error) {
      if (error instanceof StoreCorruptError) return error;
      throw error;
    }
  }
}

/** Position behind the last of its charges. */
function nextOf(stored: Stored | undefined): number | null {
  return stored ? stored.first + stored.record.charges.length : null;
}

type WriteRow = ReturnType<typeof toRow>;

function toRow({ before, record }: Write) {
  const { dropped, appended } = difference(before?.record.charges ?? [], record.charges);
  const first = (before?.first ?? 0) + dropped;
  return {
    id: record.id,
    was: before?.revision ?? null,
    revision: randomUUID(),
    record,
    first,
    next: first + record.charges.length,
    sweeps: before !== undefined && Math.floor(first / sweep) > Math.floor(before.first / sweep),
    appended: encodeCharges(appended),
  };
}

/** One array a column, in the order of `given`. */
function parameters(rows: readonly WriteRow[]): unknown[][] {
  const stands = rows.map(({ record }) => standing(record));
  return [
    rows.map(({ id }) => id),
    rows.map(({ was }) => was),
    rows.map(({ revision }) => revision),
    rows.map(({ record }) => record.channel.payer),
    rows.map(({ record }) => record.channel.payee),
    rows.map(({ record }) => record.channel.token),
    rows.map(({ record }) => String(record.authorized)),
    rows.map(({ record }) => String(record.settled)),
    stands.map(({ live }) => !live),
    stands.map(({ unsettled }) => unsettled),
    stands.map(({ closing }) => closing),
    stands.map(({ leaving }) => leaving),
    rows.map(({ first }) => first),
    rows.map(({ next }) => next),
    rows.map(({ record }) => body(record)),
    rows.map(({ sweeps }) => sweeps),
    rows.map(({ appended }) => appended),
  ];
}

type StatementName = "read" | "lock" | "claim" | "owed" | "update" | "insert";

function statements(schema: string): Record<StatementName, Statement> {
  const parties = "unnest($1::text[], $2::text[], $3::text[]) WITH ORDINALITY AS p (payer, payee, token, place)";
  const given = `unnest($1::text[], $2::uuid[], $3::uuid[], $4::text[], $5::text[], $6::text[], $7::numeric[],
    $8::numeric[], $9::boolean[], $10::boolean[], $11::boolean[], $12::boolean[], $13::bigint[], $14::bigint[],
    $15::json[], $16::boolean[], $17::json[]) AS g (id, was, revision, payer, payee, token, authorized, settled,
    finalized, unsettled, closing, leaving, first_charge, next_charge, body, sweeps, appended)`;
  const fields = `revision, payer, payee, token, authorized, settled, finalized, unsettled, closing, leaving,
    first_charge, next_charge, body`;
  const replacing = fields.replace(/\w+/g, "g.$&");
  const keep = `INSERT INTO ${schema}.charges (channel, position, charge)
    SELECT w.key, w.next_charge - json_array_length(w.appended) + e.ordinality - 1, e.value
    FROM written w CROSS JOIN LATERAL json_array_elements(w.appended) WITH ORDINALITY AS e (value, ordinality)`;
  const answer = "SELECT id::text, key::text, pg_current_wal_insert_lsn()::text AS position FROM written";
  return {
    read: {
      name: "farthing-read",
      text: `SELECT k.id, f.* FROM unnest($1::text[], $2::uuid[], $3::bigint[], $4::bigint[]) AS k (id, known, key, next)
        JOIN ${schema}.channels c ON c.id = k.id
        LEFT JOIN LATERAL (SELECT ${columns(schema)} WHERE c.revision IS DISTINCT FROM k.known) f ON true`,
    },
    lock: {
      name: "farthing-lock",
      text: `SELECT id::text FROM ${schema}.channels WHERE id = ANY($1::text[]) FOR NO KEY UPDATE SKIP LOCKED`,
    },
    claim: {
      name: "farthing-claim",
      // In the order of the locks themselves, so that none wait for each other in a circle.
      text: `SELECT pg_advisory_xact_lock(claim) FROM (
        SELECT DISTINCT hashtextextended(concat_ws(' ', '${schema}', payer, payee, token), 0) AS claim
        FROM ${parties} ORDER BY claim OFFSET 0) claims`,
    },
    owed: {
      name: "farthing-owed",
      text: `SELECT coalesce(sum(c.authorized - c.settled), 0)::text AS owed FROM ${parties}
        LEFT JOIN ${schema}.channels c ON c.payer = p.payer AND NOT c.finalized
          AND c.payee = p.payee AND c.token = p.token AND c.unsettled
        GROUP BY p.place ORDER BY p.place`,
    },
    update: {
      name: "farthing-update",
      text: `WITH written AS (
          UPDATE ${schema}.channels c SET (${fields}) = ROW (${replacing}) FROM ${given}
          WHERE c.id = g.id AND c.revision = g.was
          RETURNING c.key, c.id, g.first_charge, g.next_charge, g.sweeps, g.appended
        ), kept AS (${keep}), dropped AS (
          DELETE FROM ${schema}.charges d USING written w
          WHERE w.sweeps AND d.channel = w.key AND d.position < w.first_charge
        ) ${answer}`,
    },
    insert: {
      name: "farthing-insert",
      text: `WITH given AS MATERIALIZED (SELECT * FROM ${given}), made AS (
          INSERT INTO ${schema}.channels (id, ${fields}) SELECT id, ${fields} FROM given
          ON CONFLICT (id) DO NOTHING RETURNING key, id
        ), written AS MATERIALIZED (
          SELECT m.key, m.id, g.next_charge, g.appended FROM made m JOIN given g ON g.id = m.id
        ), kept AS (${keep}) ${answer}`,
    },
  };
}
