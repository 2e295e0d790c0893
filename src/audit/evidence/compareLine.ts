import type { Gift } from "../../protocol/allocation.ts";
import type { Fact, FactCode } from "../fact.ts";
import type { Books, RoundLedger } from "../round/ledger.ts";
import type { EvidenceLine } from "./read.ts";
import type { UnattributedGift } from "./report.ts";

/** What the round says of a line. */
export type LineComparison = {
  fact: Fact | undefined;
  /** What could not be told. */
  doubt: string | undefined;
  unattributed: UnattributedGift[];
};

/**
 * Compares a channel's signed gifts with those that its round attributed. While gifts are taken either may be ahead, the other
 * contained in it; after the end, and on a closed channel, all must be attributed but what no project takes. More on the
 * chain than in the export is the donor's own doing, or the collector hides it: nobody can tell from here.
 */
export function compareLine(books: Books, round: RoundLedger, line: EvidenceLine, timestamp: bigint): LineComparison {
  const { pool, terms } = round.rules;
  const { channelId } = line;
  const attributed = amounts(round.lines.get(channelId)?.gifts ?? []);
  const signed = amounts(line.allocation.gifts);
  const comparison: LineComparison = { fact: undefined, doubt: undefined, unattributed: [] };
  const accuse = (code: FactCode, message: string, found: Partial<Fact> = {}) => {
    comparison.fact ??= { code, message: `The export: ${message}`, pool, token: terms.token, channelId, ...found };
  };
  const refunded = attributed.get(0n) ?? 0n;
  const listed = signed.get(0n) ?? 0n;
  if (listed > refunded) {
    const message = `Channel ${channelId} lists ${listed} as refunded, of which ${refunded} was.`;
    accuse("evidence-diverges", message, { projectId: 0n, expected: refunded, actual: listed });
  }
  const ids = [...new Set([...attributed.keys(), ...signed.keys()])].filter((projectId) => projectId !== 0n);
  const gaps = ids.map((projectId) => ({
    projectId,
    amount: (signed.get(projectId) ?? 0n) - (attributed.get(projectId) ?? 0n),
  }));
  const open = gaps.filter(({ amount }) => amount > 0n);
  const ahead = gaps.filter(({ amount }) => amount < 0n);
  const due = open.filter((gap) => {
    const reason = whyNot(books, round, line, gap);
    if (reason) comparison.unattributed.push({ channelId, donor: line.channel.payer, ...gap, reason });
    return !reason;
  });
  const [first] = ahead;
  const [missing] = due;
  if (first && missing) {
    const message = `Channel ${channelId} signed ${missing.amount} more for project ${missing.projectId} than was attributed, and ${-first.amount} less for project ${first.projectId}.`;
    accuse("evidence-diverges", message, { projectId: first.projectId });
  } else if (missing && isOver(books, round, line, timestamp)) {
    const message = `${missing.amount} of channel ${channelId} for project ${missing.projectId} was never collected.`;
    accuse("uncollected-gift", message, { projectId: missing.projectId, actual: missing.amount });
  } else if (first) {
    comparison.doubt = `Channel ${channelId} gave project ${first.projectId} ${-first.amount} more than the export has: by another way, or the collector hides it.`;
  }
  return comparison;
}

/** Whether nothing of the line can be collected any more. */
function isOver({ ledger }: Books, round: RoundLedger, line: EvidenceLine, timestamp: bigint): boolean {
  const state = ledger.channels.get(line.channelId);
  return timestamp >= round.rules.terms.end || (state?.finalized === true && state.settled < line.cumulativeAmount);
}

/** Why a signed gift need not be attributed; undefined where it must. */
function whyNot(
  books: Books,
  round: RoundLedger,
  { channelId }: EvidenceLine,
  { projectId, amount }: { projectId: bigint; amount: bigint },
): UnattributedGift["reason"] | undefined {
  if (round.status === "refunding") return "round refunded";
  const project = round.projects.get(projectId);
  if (!project) return "not in the round";
  if (project.disqualified) return "disqualified";
  const registry = books.registries.get(round.rules.terms.registry);
  if (registry && registry.projects.get(projectId)?.status !== "accepted") return "not accepted";
  return round.skipped.get(`${channelId}:${projectId}`) === amount ? "skipped" : undefined;
}

function amounts(gifts: readonly Gift[]): Map<bigint, bigint> {
  return new Map(gifts.map(({ projectId, cumulativeAmount }) => [projectId, cumulativeAmount]));
}
