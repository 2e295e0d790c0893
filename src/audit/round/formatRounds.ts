import { amount, name, type Symbols, table } from "../table.ts";
import type { RegistryReport, RoundReport } from "./report.ts";

/** Projects that a table shows; JSON and CSV have them all. */
const projectsShown = 20;

/** One line a round. */
export function formatRounds(rounds: readonly RoundReport[], symbols?: Symbols): string {
  const amounts = ["gifts", "pot", "matched", "claimed", "refunded", "owed", "balance", "surplus"] as const;
  const rows = rounds.map((round) => [
    round.pool,
    name(round.token, symbols),
    round.verdict,
    round.status,
    `${round.projects.length}`,
    `${round.donors}`,
    ...amounts.map((field) => amount(round[field], round.token, symbols)),
  ]);
  return table(["round", "token", "verdict", "status", "projects", "donors", ...amounts], rows);
}

/** A round's projects, those given most first. */
export function formatRoundProjects({ pool, token, projects }: RoundReport, symbols?: Symbols): string {
  const byGifts = projects.toSorted((a, b) => (a.gifts < b.gifts ? 1 : a.gifts > b.gifts ? -1 : 0));
  const rows = byGifts
    .slice(0, projectsShown)
    .map(({ projectId, donors, gifts, match, paid, disqualified }) => [
      `${projectId}`,
      `${donors}`,
      ...[gifts, match, paid].map((value) => amount(value, token, symbols)),
      disqualified ? "disqualified" : "",
    ]);
  const text = table([`project of ${pool}`, "donors", "gifts", "match", "paid", ""], rows);
  const rest = projects.length - rows.length;
  return rest > 0 ? `${text}\n… and ${rest} more` : text;
}

/** One line a registry. */
export function formatRegistries(registries: readonly RegistryReport[], symbols?: Symbols): string {
  const amounts = ["deposited", "locked", "owed", "withdrawn", "balance", "surplus"] as const;
  const rows = registries.map((row) => [
    row.registry,
    name(row.token, symbols),
    row.verdict,
    `${row.projects}`,
    `${row.accepted}`,
    ...amounts.map((field) => amount(row[field], row.token, symbols)),
  ]);
  return table(["registry", "token", "verdict", "projects", "accepted", ...amounts], rows);
}
