import { readFile, writeFile } from "node:fs/promises";
import { formatTable } from "../formatTable.ts";
import type { GasRow } from "./row.ts";
import { measureWhere } from "./where.ts";

/** The page that shows rows taken apart. */
export const pageFile = new URL("../../../docs/gas.md", import.meta.url);

/** A row's place in the page: a comment that names it, then the table as printed. */
const block = /(<!-- (\w+) -->\n```text\n)[\s\S]*?(?=```)/g;

/** The page's text with each of its tables as it is now. */
export async function renderPage(text: string, rows: readonly GasRow[]): Promise<string> {
  const tables = new Map<string, string>();
  for (const [, , key = ""] of text.matchAll(block)) {
    const row = rows.find((each) => each.key === key);
    if (!row) throw new Error(`docs/gas.md shows a row ${key}, and there is none`);
    const { work, rows: parts } = await measureWhere(row);
    const lines = formatTable({ bench: "gas", work, versions: {}, rows: parts }).split("\n");
    tables.set(key, lines.slice(4).join("\n"));
  }
  return text.replace(block, (_, head: string, key: string) => `${head}${tables.get(key)}`);
}

export async function updatePage(rows: readonly GasRow[]): Promise<void> {
  await writeFile(pageFile, await renderPage(await readFile(pageFile, "utf8"), rows));
}
