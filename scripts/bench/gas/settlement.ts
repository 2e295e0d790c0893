// Settling a round and paying it out. Two donors gave to each project, so that each has a subsidy; amounts differ by a
// tenth from project to project, and every tenth project, the best supported, reaches the cap.
import { encodeClaim, encodeSettleRound } from "../../../src/chain/pool/encode.ts";
import { findCapped, settle } from "../../../src/protocol/quadratic/index.ts";
import { day } from "./projects.ts";
import { setRound } from "./round.ts";
import type { GasRow } from "./row.ts";
import { type Stage, withStage } from "./stage.ts";

/** Base units of the pot for each project; about half of what would match each gift in full. */
const potShare = 500_000n;
const cap = 750_000n;

export const settlementRows: readonly GasRow[] = [
  { key: "settle_round_row", atMost: 3_000, measure: settleRow },
  { key: "settle_round_1000", atMost: 5_000_000, measure: (stage) => settleRound(stage, 1_000) },
  { key: "claim", measure: claim },
];

/** What one project more adds: the difference between rounds of 1,000 and of 100 over 900, rounded up. */
async function settleRow(stage: Stage): Promise<number> {
  const thousand = await withStage((another) => settleRound(another, 1_000), stage.venue);
  const hundred = await settleRound(stage, 100);
  return Math.ceil((thousand - hundred) / 900);
}

/** The gas of settling a round of so many projects. */
export async function settleRound(stage: Stage, projectCount: number): Promise<number> {
  return (await settled(stage, projectCount)).gas;
}

async function settled(stage: Stage, projectCount: number) {
  const round = await setRound(stage, projectCount, { cap });
  const { pool, projectIds, tally } = round;
  const pot = potShare * BigInt(projectCount);
  await round.sponsor(pot);
  const gift = (projectId: bigint) => 250_000n + (projectId % 10n) * 75_000n;
  await round.crowd(
    2,
    projectIds.map((projectId) => ({ projectId, cumulativeAmount: gift(projectId) })),
  );
  stage.travel(33n * day);

  const terms = { pot, cap };
  const pair = findCapped(tally.subsidies(), terms);
  if (pair.cappedCount !== projectCount / 10) throw new Error(`${pair.cappedCount} projects reach the cap`);
  const { lambda, matches, unused } = settle(tally.subsidies(), terms, pair);
  const args = { cappedCount: BigInt(pair.cappedCount), cappedSubsidy: pair.cappedSubsidy, ...lambda, unused };
  const gas = await round.measure(stage.relayer, encodeSettleRound({ address: pool, ...pair }), {
    gains: {},
    events: [{ eventName: "Settled", args }],
  });
  return { round, matches, gas };
}

/** A project that is matched below the cap pulls gifts and match for the first time. */
async function claim(stage: Stage): Promise<number> {
  const { round, matches } = await settled(stage, 10);
  const { pool, given } = round;
  const projectId = 1n;
  const amount = (given.get(projectId) ?? 0n) + (matches.get(projectId) ?? 0n);
  return round.measure(stage.relayer, encodeClaim({ address: pool, projectId }), {
    gains: { payee: amount, pool: -amount },
    events: [{ eventName: "Claimed", args: { projectId, payout: stage.payee.address, amount } }],
    paid: { projectId, amount },
  });
}
