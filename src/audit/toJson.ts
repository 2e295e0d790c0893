import type { AuditReport } from "./report.ts";

/** The report as JSON, one object; amounts are decimal strings, because JSON's numbers lose digits. */
export function toJson(report: AuditReport): string {
  return `${JSON.stringify(report, (_key, value) => (typeof value === "bigint" ? value.toString() : value), 2)}\n`;
}
