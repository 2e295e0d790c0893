import type { Address } from "viem";
import type { RoundTerms } from "../chain/index.ts";
import { canonicalJson, type Escrow, type Json } from "../protocol/index.ts";
import type { CollectorRelay, FullCollectorTerms } from "./options.ts";
import type { RoundFacts } from "./round.ts";
import type { Totals } from "./totals.ts";

/** `GET /round`: all that a giver needs to know, amounts, ids and times as decimal strings. */
export function presentRound(options: {
  pool: Address;
  escrow: Escrow;
  round: RoundTerms;
  terms: FullCollectorTerms;
  relay: CollectorRelay | undefined;
  facts: RoundFacts;
}): string {
  const { pool, escrow, round, terms, relay, facts } = options;
  const { token, registry, gate, closer, matching, acceptsSybil } = round;
  return canonicalJson({
    pool: lower(pool),
    escrow: lower(escrow.address),
    chainId: escrow.chainId,
    token: lower(token),
    registry: lower(registry),
    block: facts.block.toString(),
    time: facts.time.toString(),
    status: facts.status,
    terms: {
      token: lower(token),
      registry: lower(registry),
      gate: lower(gate),
      closer: lower(closer),
      start: round.start.toString(),
      end: round.end.toString(),
      challengeEnd: round.challengeEnd.toString(),
      settleBy: round.settleBy.toString(),
      matching,
      acceptsSybil,
      cap: round.cap.toString(),
      minCounted: round.minCounted.toString(),
      maxCounted: round.maxCounted.toString(),
    },
    projects: facts.projects.map((projectId) => ({
      projectId: projectId.toString(),
      accepted: facts.takes(projectId),
    })),
    margin: terms.margin.toString(),
    leastGift: terms.leastGift.toString(),
    mostGifts: terms.mostGifts,
    minDeposit: terms.minDeposit.toString(),
    suggestedDeposit: terms.suggestedDeposit?.toString(),
    maxUnsettledPerChannel: terms.maxUnsettledPerChannel?.toString(),
    closing: {
      leastRemainder: terms.closing.leastRemainder.toString(),
      perPayer: terms.closing.perPayer,
      window: Math.ceil(terms.closing.window / 1000),
    },
    relay: relay && presentRelay(relay),
  });
}

function presentRelay({ policy }: CollectorRelay): Json {
  const { minDeposit, perPayer = 3, window = 3_600_000 } = policy;
  return { minDeposit: minDeposit.toString(), perPayer, window: Math.ceil(window / 1000) };
}

/** `GET /totals`: every project of the round, with a gift or without, and every other that was given to. */
export function presentTotals(pool: Address, totals: Totals, facts: RoundFacts): string {
  const rows = new Map(totals.projects.map((row) => [row.projectId, row]));
  for (const projectId of facts.projects) {
    if (!rows.has(projectId)) rows.set(projectId, { projectId, gifts: 0n, donors: 0 });
  }
  const projects = [...rows.values()].sort((a, b) => (a.projectId < b.projectId ? -1 : 1));
  return canonicalJson({
    pool: lower(pool),
    block: facts.block.toString(),
    channels: totals.channels,
    sum: totals.sum.toString(),
    projects: projects.map(({ projectId, gifts, donors }) => ({
      projectId: projectId.toString(),
      gifts: gifts.toString(),
      donors,
    })),
  });
}

function lower(address: Address): string {
  return address.toLowerCase();
}
