import { amount, name, type Symbols, table } from "../table.ts";
import type { EvidenceReport } from "./report.ts";

/** Gifts without a project that a table shows; JSON has them all. */
const unattributedShown = 10;

/** What an export proves: one line, its projects, and by name what no project will be given. */
export function formatEvidence(report: EvidenceReport | undefined, symbols?: Symbols): string {
  if (!report) return "";
  const { pool, token, verdict, channels, gifts, projects, unattributed, beside } = report;
  const show = (value: bigint) => amount(value, token, symbols);
  const head = table(
    ["collector of round", "token", "verdict", "channels", "gifts", "beside", "their gifts"],
    [[pool, name(token, symbols), verdict, `${channels}`, show(gifts), `${beside.channels}`, show(beside.gifts)]],
  );
  const rows = projects.map((row) => [
    `${row.projectId}`,
    `${row.donors}`,
    show(row.gifts),
    show(row.attributed),
    show(row.gifts - row.attributed),
  ]);
  const listed = unattributed.slice(0, unattributedShown).map(({ channelId, projectId, amount: value, reason }) => {
    return `  ${show(value)} of channel ${channelId} for project ${projectId}: ${reason}`;
  });
  const sum = unattributed.reduce((total, one) => total + one.amount, 0n);
  const left = unattributed.length === 0 ? "" : `${unattributed.length} gifts of ${show(sum)} stay their donors':`;
  const rest = unattributed.length - listed.length;
  const sections = [
    head,
    table(["signed for project", "donors", "gifts", "attributed", "not yet"], rows),
    [left, ...listed, rest > 0 ? `  … and ${rest} more` : ""].filter((text) => text !== "").join("\n"),
  ];
  return sections.filter((section) => section !== "").join("\n\n");
}
