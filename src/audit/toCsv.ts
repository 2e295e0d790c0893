import type { AuditReport, PayeeReport, TokenReport } from "./report.ts";
import type { RegistryReport, RoundReport } from "./round/report.ts";

/**
 * The report's totals as comma-separated values with a line of names: a `token` row for each token, a `payee` row for each
 * payee and token, a `round` row for each round, a `project` row for each of its projects, a `registry` row for each
 * registry. Base units; a field that a row has no value for is empty. No field ever needs quotes.
 */
export function toCsv(report: AuditReport): string {
  const rows: Row[] = [
    ...report.tokens.map(tokenRow),
    ...report.payees.map(payeeRow),
    ...report.rounds.flatMap((round) => [roundRow(round), ...projectRows(round)]),
    ...report.registries.map(registryRow),
  ];
  const lines = rows.map((row) => columns.map((column) => `${row[column] ?? ""}`).join(","));
  return `${[columns.join(","), ...lines].join("\n")}\n`;
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
  "pool",
  "project",
  "status",
  "donors",
  "gifts",
  "rootSum",
  "subsidy",
  "pot",
  "match",
  "paid",
  "owed",
  "registry",
] as const;

type Row = Partial<Record<(typeof columns)[number], unknown>>;

function tokenRow({ token, verdict, channels, closed, deposited, settled, ...rest }: TokenReport): Row {
  const { given, refunded, locked, credits, balance, surplus } = rest;
  const sums = { deposited, settled, given, refunded, locked, credits, balance, surplus };
  return { row: "token", token, verdict, channels, closed, ...sums };
}

function payeeRow({ payee, token, channels, settled, given }: PayeeReport): Row {
  return { row: "payee", token, payee, channels, settled, given };
}

function roundRow({ pool, token, registry, verdict, status, donors, gifts, pot, ...rest }: RoundReport): Row {
  const { matched, claimed, refunded, owed, credit, balance, surplus } = rest;
  const sums = { refunded, match: matched, paid: claimed, owed, credits: credit, balance, surplus };
  return { row: "round", token, verdict, pool, registry, status, donors, gifts, pot, ...sums };
}

function projectRows({ pool, token, projects }: RoundReport): Row[] {
  return projects.map(({ projectId, disqualified, donors, gifts, rootSum, subsidy, match, paid }) => {
    const status = disqualified ? "disqualified" : "";
    return { row: "project", token, pool, project: projectId, status, donors, gifts, rootSum, subsidy, match, paid };
  });
}

function registryRow({ registry, token, verdict, deposited, locked, owed, balance, surplus }: RegistryReport): Row {
  return { row: "registry", token, verdict, registry, deposited, locked, owed, balance, surplus };
}
