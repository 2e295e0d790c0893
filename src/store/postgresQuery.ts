import { asked, defaultLimit } from "./standing.ts";
import type { ChannelQuery } from "./store.ts";

/** The statement of a query, for ids and nothing else. What it asks of standing is in its own words, as partial indexes need it. */
export function selection(query: ChannelQuery, schema: string): { text: string; values: unknown[] } {
  const names = asked(query);
  const conditions: string[] = names.filter((name) => name !== "live");
  const values: unknown[] = [];
  if (names.length > 0) conditions.push("NOT finalized");
  for (const column of ["payee", "token", "payer"] as const) {
    const address = query[column];
    if (address !== undefined) conditions.push(`${column} = $${values.push(address.toLowerCase())}`);
  }
  if (query.after !== undefined) conditions.push(`id > $${values.push(query.after.toLowerCase())}`);
  const filter = conditions.length > 0 ? `WHERE ${conditions.join(" AND ")}` : "";
  const limit = `$${values.push(query.limit ?? defaultLimit)}`;
  return { text: `SELECT id::text FROM ${schema}.channels ${filter} ORDER BY id LIMIT ${limit}`, values };
}
