import type { SQLInputValue } from "node:sqlite";
import { asked, defaultLimit, type Standing } from "./standing.ts";
import type { ChannelQuery } from "./store.ts";

/** The statement of a query. It names its index, so that a plan which scans closed channels fails instead of crawling. */
export function selection(query: ChannelQuery): { sql: string; values: SQLInputValue[] } {
  const names = asked(query);
  const conditions: string[] = names.filter((name) => name !== "live").map((name) => `${name} = 1`);
  const values: SQLInputValue[] = [];
  if (names.length > 0) conditions.push("finalized = 0");
  for (const column of ["payee", "token", "payer"] as const) {
    const address = query[column];
    if (address === undefined) continue;
    conditions.push(`${column} = ?`);
    values.push(address.toLowerCase());
  }
  if (query.after !== undefined) {
    conditions.push("id > ?");
    values.push(query.after.toLowerCase());
  }
  values.push(query.limit ?? defaultLimit);
  const filter = conditions.length > 0 ? ` WHERE ${conditions.join(" AND ")}` : "";
  return { sql: `SELECT * FROM channels${index(query, names)}${filter} ORDER BY id LIMIT ?`, values };
}

function index({ payer, payee }: ChannelQuery, [name]: readonly (keyof Standing)[]): string {
  if (name === "leaving" || name === "closing") return ` INDEXED BY channels_${name}`;
  if (payer !== undefined) return " INDEXED BY channels_by_payer";
  if (name === undefined) return "";
  return ` INDEXED BY channels_${name}${payee === undefined ? "" : "_by_payee"}`;
}
