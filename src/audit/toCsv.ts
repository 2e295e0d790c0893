import type { AuditReport, PayeeReport, TokenReport } from "./report.ts";

/**
 * The report's totals as comma-separated values with a line of names: a `token` row for each token, then a `payee` row for
 * each payee and token. Base units; a field that a row has no value for is empty. No field ever needs quotes.
 */
export function toCsv(report: AuditReport): string {
  const rows = [...report.tokens.map(tokenRow), ...report.payees.map(payeeRow)];
  return `${[columns, ...rows].map((row) => row.join(",")).join("\n")}\n`;
}

const columns = [
  "row",
  "token",
  "payee",
  "verdict",
  "channels",
  "closed",
  "deposited",
  "settled",
  "given",
  "refunded",
  "locked",
  "credits",
  "balance",
  "surplus",
];

function tokenRow(row: TokenReport): unknown[] {
  const { token, verdict, channels, closed, deposited, settled, given, refunded, locked, credits, balance } = row;
  const counts = [channels, closed, deposited, settled, given, refunded, locked, credits];
  return ["token", token, "", verdict, ...counts, balance ?? "", row.surplus ?? ""];
}

function payeeRow({ payee, token, channels, settled, given }: PayeeReport): unknown[] {
  return ["payee", token, payee, "", channels, "", "", settled, given, "", "", "", "", ""];
}
