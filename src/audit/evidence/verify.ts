import type { Client } from "viem";
import type { Fact } from "../fact.ts";
import { concurrently } from "../provider.ts";
import type { AuditReport } from "../report.ts";
import { type Books, type RoundLedger, sumOf } from "../round/ledger.ts";
import { compareLine } from "./compareLine.ts";
import type { EvidenceLine, ReadEvidence } from "./read.ts";
import type { EvidenceReport } from "./report.ts";
import { compareTotals, sumUp } from "./totals.ts";
import { verifyLine } from "./verifyLine.ts";

export type EvidenceCheck = { report: EvidenceReport; facts: Fact[]; doubts: string[] };

/**
 * Proves a collector's export against the audited books of its round: each line by itself, each against what the round
 * attributed, and the published totals against their sum.
 */
export async function verifyEvidence(
  client: Client,
  books: Books,
  round: RoundLedger,
  given: ReadEvidence,
  block: AuditReport["block"],
): Promise<EvidenceCheck> {
  const { pool, terms } = round.rules;
  const facts: Fact[] = given.facts.map((fact) => ({ ...fact, pool, token: terms.token }));
  const sound: EvidenceLine[] = [];
  const verdicts = await concurrently(given.lines, async (line) => ({
    line,
    fact: await verifyLine(client, books, round, line, block.number),
  }));
  for (const { line, fact } of verdicts) {
    if (fact) facts.push(fact);
    else sound.push(line);
  }
  const compared = sound.map((line) => compareLine(books, round, line, block.timestamp));
  facts.push(...compared.flatMap(({ fact }) => (fact ? [fact] : [])));
  const projects = sumUp(sound, round);
  const proven = { projects, channels: sound.length, gifts: projects.reduce((sum, { gifts }) => sum + gifts, 0n) };
  facts.push(...compareTotals(proven, given.totals, round));
  const exported = new Set(given.lines.map(({ channelId }) => channelId));
  const others = [...round.lines].filter(([id, { of }]) => of === "channel" && !exported.has(id));
  return {
    report: {
      pool,
      token: terms.token,
      verdict: facts.length > 0 ? "broken" : "balanced",
      ...proven,
      unattributed: compared.flatMap(({ unattributed }) => unattributed),
      beside: {
        channels: others.length,
        gifts: others.reduce(
          (sum, [, { gifts }]) => sum + sumOf(gifts.filter(({ projectId }) => projectId !== 0n)),
          0n,
        ),
      },
    },
    facts,
    doubts: compared.flatMap(({ doubt }) => (doubt ? [doubt] : [])),
  };
}
