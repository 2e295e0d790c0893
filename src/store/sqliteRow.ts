import { corrupt, recordSchema } from "./codec.ts";
import type { ChannelRecord, Charge } from "./record.ts";
import type { Json } from "./schema.ts";
import { standing } from "./standing.ts";

/** A row of `channels`: what queries compare has a column, the rest is JSON. */
export type Row = Record<"id" | "payer" | "payee" | "token" | "authorized" | "settled" | "body", string> &
  Record<"row" | "finalized" | "first_charge" | "next_charge", number>;

/** A row of `charges`, without its channel. */
export type ChargeRow = Record<"key" | "cumulative_amount" | "amount" | "spent", string> &
  Record<"position" | "at", number>;

/** Payer, payee, token, finalized, unsettled, closing, leaving: the columns that have an index. */
export function indexed(record: ChannelRecord): (string | number)[] {
  const { payer, payee, token } = record.channel;
  const { live, unsettled, closing, leaving } = standing(record);
  return [payer, payee, token, Number(!live), Number(unsettled), Number(closing), Number(leaving)];
}

/** What has no column, as JSON. */
export function body(record: ChannelRecord): string {
  const { id: _id, channel, authorized: _a, settled: _s, finalized: _f, charges: _c, ...rest } = record;
  const { salt, authorizedSigner } = channel;
  return JSON.stringify({ ...rest, channel: { salt, authorizedSigner } }, bigintAsText);
}

/**
 * The record of a row and of its charges, in order.
 * @throws StoreCorruptError naming the channel and the field that is not as written.
 */
export function decodeRow(row: Row, charges: readonly ChargeRow[], where: string): ChannelRecord {
  const fail = corrupt(`${where}, channel ${row.id}`);
  let rest: { channel?: object };
  try {
    rest = JSON.parse(row.body);
  } catch {
    return fail("the body", "JSON");
  }
  const { payer, payee, token } = row;
  const record = {
    ...rest,
    id: row.id,
    channel: { ...rest?.channel, payer, payee, token },
    authorized: unpad(row.authorized),
    settled: unpad(row.settled),
    finalized: row.finalized === 1,
    charges: charges.map(({ key, at, cumulative_amount, amount, spent }) => {
      return { key, cumulativeAmount: cumulative_amount, amount, spent, at };
    }),
  };
  if (charges.length !== row.next_charge - row.first_charge) return fail("the list of charges", "whole");
  return recordSchema.decode(record, "", fail);
}

/** The columns of a charge. */
export function chargeColumns({ key, cumulativeAmount, amount, spent, at }: Charge) {
  return [key, String(cumulativeAmount), String(amount), String(spent), at] as const;
}

/** An amount as 39 digits, the width of 2^128 - 1, so that text compares like the number. */
export function pad(amount: bigint): string {
  return amount.toString().padStart(39, "0");
}

/** The decimal string of a padded amount; undefined, for the decoder to refuse, when it is none. */
function unpad(padded: string): string | undefined {
  return /^[0-9]{39}$/.test(padded) ? padded.replace(/^0{1,38}/, "") : undefined;
}

function bigintAsText(_key: string, value: unknown): Json {
  return typeof value === "bigint" ? value.toString() : (value as Json);
}
