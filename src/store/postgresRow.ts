import { chargeSchema } from "./chargeSchema.ts";
import { withRead } from "./charges.ts";
import { corrupt, recordSchema } from "./codec.ts";
import type { Row } from "./postgresLane.ts";
import type { ChannelRecord, Charge } from "./record.ts";

/** A record together with which of its revisions it is. */
export type Stored = {
  readonly record: ChannelRecord;
  readonly revision: string;
  /** Of its row: no other ever has it. */
  readonly key: string;
  /** Position of the first of its charges. */
  readonly first: number;
};

/**
 * Columns of {@link decodeRow}, of `c` in `schema`; the charges belong to the same snapshot, so it must be one statement. Those before
 * `k.next` of the row `k.key` are at hand: a position, once written, is never written again.
 */
export function columns(schema: string): string {
  return `c.key::text, c.revision::text, c.payer::text, c.payee::text, c.token::text, c.authorized::text,
    c.settled::text, c.finalized::text, c.first_charge::text AS first, c.next_charge::text AS next, c.body::text,
    (SELECT json_agg(h.charge ORDER BY h.position) FROM ${schema}.charges h
      WHERE h.channel = c.key AND h.position < c.next_charge AND h.position >=
        CASE WHEN c.key = k.key THEN greatest(c.first_charge, k.next) ELSE c.first_charge END)::text AS charges`;
}

/** Charges as one JSON text. */
export function encodeCharges(charges: readonly Charge[]): string {
  return JSON.stringify(charges.map((charge) => chargeSchema.encode(charge)));
}

/**
 * The record of a row.
 * @param known What was at hand of it when it was asked for.
 * @throws StoreCorruptError naming the channel and the field that is not as written.
 */
export function decodeRow(row: Row, known: Stored | undefined, where: string): Stored {
  const { id, key, revision, payer, payee, token, authorized, settled, finalized, body, charges } = row;
  const [first, next] = [Number(row.first), Number(row.next)];
  const fail = corrupt(`${where}, channel ${id}`);
  const rest = JSON.parse(body ?? "null");
  if (typeof rest !== "object" || rest === null) return fail("the body", "an object");
  const isSame = known !== undefined && known.key === key;
  const atHand = isSame ? known.record.charges : [];
  const dropped = isSame ? Math.max(first - known.first, 0) : 0;
  const keeps = Math.max(atHand.length - dropped, 0);
  const added: unknown[] = JSON.parse(charges ?? "[]");
  if (keeps + added.length !== next - first) return fail("the list of charges", "whole");
  const channel = { ...rest.channel, payer, payee, token };
  const plain = { ...rest, id, channel, authorized, settled, finalized: finalized === "true", charges: [] };
  const fresh = added.map((charge, index) => chargeSchema.decode(charge, `charges[${keeps + index}]`, fail));
  const record = { ...recordSchema.decode(plain, "", fail), charges: withRead(atHand, dropped, fresh) };
  return { record: Object.freeze(record), revision: revision as string, key: key as string, first };
}
