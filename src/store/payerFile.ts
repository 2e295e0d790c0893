import { createHash } from "node:crypto";
import type { Hex } from "viem";
import { corrupt, payerRecordSchema } from "./codec.ts";
import { StoreCorruptError, StoreVersionError } from "./errors.ts";
import type { PayerRecord } from "./payerStore.ts";

const format = "farthing payer channels";
const version = 2;
/** Had no ticks: what it wrote is read as it is. */
const firstVersion = 1;

/** The text of a payer's file: a header with the checksum of the rest, then one record a line, by id. */
export function formatPayerFile(records: ReadonlyMap<Hex, PayerRecord>): string {
  const ordered = [...records.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
  const lines = ordered.map((record) => `${JSON.stringify(payerRecordSchema.encode(record))}\n`).join("");
  return `${JSON.stringify({ format, version, sha256: checksum(lines) })}\n${lines}`;
}

/**
 * Reads what {@link formatPayerFile} made, whole and unchanged.
 * @param where Names the file in errors.
 * @throws {@link StoreCorruptError}, {@link StoreVersionError}
 */
export function parsePayerFile(text: string, where: string): Map<Hex, PayerRecord> {
  const end = text.indexOf("\n");
  const lines = text.slice(end + 1);
  checkHeader(json(text.slice(0, Math.max(end, 0)), where, "its first line"), lines, where);
  const records = new Map<Hex, PayerRecord>();
  for (const [index, line] of lines.split("\n").slice(0, -1).entries()) {
    const number = `line ${index + 2}`;
    const record = payerRecordSchema.decode(json(line, where, number), "", corrupt(`${where}, ${number}`));
    records.set(record.id, record);
  }
  return records;
}

function checkHeader(header: unknown, lines: string, where: string): void {
  const fields: Record<string, unknown> = typeof header === "object" && header !== null ? { ...header } : {};
  if (fields.format !== format) throw new StoreVersionError(where, "a file of another program", `"${format}"`);
  if (fields.version !== version && fields.version !== firstVersion)
    throw new StoreVersionError(where, "of another version", `version ${version}`);
  if (fields.sha256 !== checksum(lines)) throw new StoreCorruptError(where, "its checksum does not fit its content");
}

function json(text: string, where: string, what: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Without the parser's own message, which quotes the text: it may hold a signature.
    throw new StoreCorruptError(where, `${what} is not JSON`);
  }
}

function checksum(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
