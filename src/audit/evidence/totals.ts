import type { Fact } from "../fact.ts";
import type { RoundLedger } from "../round/ledger.ts";
import type { EvidenceLine } from "./read.ts";
import type { EvidenceProject, PublishedTotals } from "./report.ts";

/** Adds lines up, project by project, by rising id. */
export function sumUp(lines: readonly EvidenceLine[], round: RoundLedger): EvidenceProject[] {
  const ids = [
    ...round.projects.keys(),
    ...lines.flatMap(({ allocation }) => allocation.gifts.map((g) => g.projectId)),
  ];
  const known = [...new Set(ids)].filter((projectId) => projectId !== 0n).sort((a, b) => (a < b ? -1 : 1));
  const rows = new Map(known.map((projectId) => [projectId, { gifts: 0n, attributed: 0n, donors: new Set<string>() }]));
  for (const { channel, channelId, allocation } of lines) {
    for (const { projectId, cumulativeAmount } of allocation.gifts) {
      const row = rows.get(projectId);
      if (!row) continue;
      row.gifts += cumulativeAmount;
      row.donors.add(channel.payer);
    }
    for (const { projectId, cumulativeAmount } of round.lines.get(channelId)?.gifts ?? []) {
      const row = rows.get(projectId);
      if (row) row.attributed += cumulativeAmount;
    }
  }
  return known.flatMap((projectId) => {
    const row = rows.get(projectId);
    return row ? [{ projectId, gifts: row.gifts, donors: row.donors.size, attributed: row.attributed }] : [];
  });
}

/** Holds what was published to what the export proves: no less than was published before it was read, no more than after. */
export function compareTotals(
  proven: { projects: readonly EvidenceProject[]; gifts: bigint; channels: number },
  published: readonly PublishedTotals[],
  round: RoundLedger,
): Fact[] {
  const facts: Fact[] = [];
  const { pool, terms } = round.rules;
  const [before, after] = published;
  if (!before || !after) return [];
  const hold = (what: string, least: bigint, actual: bigint, most: bigint, projectId?: bigint) => {
    if (least <= actual && actual <= most) return;
    const expected = actual < least ? least : most;
    const message = `Published were ${expected} as the ${what}, and signatures prove ${actual}.`;
    const found = { pool, token: terms.token, expected, actual, ...(projectId === undefined ? {} : { projectId }) };
    facts.push({ code: "totals-mismatch", message, ...found });
  };
  const rowOf = (totals: PublishedTotals, id: bigint) => totals.projects.find(({ projectId }) => projectId === id);
  const ids = [before, after, proven].flatMap(({ projects }) => projects.map(({ projectId }) => projectId));
  for (const id of [...new Set(ids)].sort((a, b) => (a < b ? -1 : 1))) {
    const [low, high] = [rowOf(before, id), rowOf(after, id)];
    const row = proven.projects.find(({ projectId }) => projectId === id);
    hold(`gifts to project ${id}`, low?.gifts ?? 0n, row?.gifts ?? 0n, high?.gifts ?? 0n, id);
    const donors = [low?.donors, row?.donors, high?.donors].map((count) => BigInt(count ?? 0)) as [
      bigint,
      bigint,
      bigint,
    ];
    hold(`donors of project ${id}`, ...donors, id);
  }
  hold("sum of all gifts", before.sum, proven.gifts, after.sum);
  hold("number of channels", BigInt(before.channels), BigInt(proven.channels), BigInt(after.channels));
  return facts;
}
