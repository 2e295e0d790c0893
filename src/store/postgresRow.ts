import { chargeSchema } from "./chargeSchema.ts";
import { corrupt, recordSchema } from "./codec.ts";
import type { Row } from "./postgresLane.ts";
import type { ChannelRecord, Charge } from "./record.ts";

/** A record together with which of its revisions it is. */
export type Stored = {
  readonly record: ChannelRecord;
  readonly revision: string;
  /** Position of the first of its charges. */
  readonly first: number;
};

/** Columns of {@link decodeRow}, of `c` in `schema`; the charges belong to the same snapshot, so it must be one statement. */
export function columns(schema: string): string {
  return `c.revision::text, c.payer::text, c.payee::text, c.token::text, c.authorized::text, c.settled::text,
    c.finalized::text, c.first_charge::text AS first, c.next_charge::text AS next, c.body::text,
    (SELECT json_agg(h.charge ORDER BY h.position) FROM ${schema}.charges h
      WHERE h.channel = c.key AND h.position >= c.first_charge AND h.position < c.next_charge)::text AS charges`;
}

/** Charges as one JSON text. */
export function encodeCharges(charges: readonly Charge[]): string {
  return JSON.stringify(charges.map((charge) => chargeSchema.encode(charge)));
}

/**
 * The record of a row.
 * @throws StoreCorruptError naming the channel and the field that is not as written.
 */
export function decodeRow(row: Row, where: string): Stored {
  const { id, revision, payer, payee, token, authorized, settled, finalized, body, charges, first, next } = row;
  const fail = corrupt(`${where}, channel ${id}`);
  const rest = JSON.parse(body ?? "null");
  const list: unknown[] = JSON.parse(charges ?? "[]");
  if (list.length !== Number(next) - Number(first)) return fail("the list of charges", "whole");
  if (typeof rest !== "object" || rest === null) return fail("the body", "an object");
  const channel = { ...rest.channel, payer, payee, token };
  const record = { ...rest, id, channel, authorized, settled, finalized: finalized === "true", charges: list };
  return { record: recordSchema.decode(record, "", fail), revision: revision as string, first: Number(first) };
}
