import type { Client, Hex } from "viem";
import { askGate } from "../chain/askGate.ts";
import { chainNow } from "../chain/chainNow.ts";
import {
  getPot,
  getProjectState,
  getRoundProjects,
  getRoundStatus,
  getRoundTerms,
  getStanding,
  getVoice,
  type RoundTerms,
} from "../chain/pool/reads.ts";
import { weighDonor } from "../chain/weighDonor.ts";
import type { Payer } from "../payer/payer.ts";
import type { Gift, Pool } from "../protocol/allocation.ts";
import { keyId } from "../protocol/line.ts";
import { entryOf } from "../protocol/quadratic/entry.ts";
import { beyond } from "./list.ts";
import { type MatchRange, matchRange, type Standing } from "./matching.ts";

/** What a gift would be worth to its project. Base units. */
export type Estimate = {
  /** The gift itself: what reaches the project whatever others do. */
  guaranteed: bigint;
  /**
   * What it would add to the project's match: `high` if the round were settled now, `low` if everybody else's support grew to
   * the end as it did so far, their `R` with the square of the elapsed time. An estimate, no promise: others decide.
   */
  range: MatchRange;
};

export type EstimateParameters = {
  projectId: bigint;
  amount: bigint;
  gateData: Hex;
  /** Own gifts that a collector holds, and those on the chain: the first may be ahead. */
  acknowledged: readonly Gift[];
  collected: readonly Gift[];
};

/**
 * Reads the round and counts the gift in, with the donor's own voice. What others gave and nobody collected yet is not in
 * it: nobody can see that on the chain.
 */
export async function estimate(payer: Payer, pool: Pool, parameters: EstimateParameters): Promise<Estimate> {
  const { projectId, amount, gateData, acknowledged, collected } = parameters;
  const { client } = payer;
  const none = { guaranteed: amount, range: { low: 0n, high: 0n } };
  const [terms, status] = await Promise.all([getRoundTerms(client, pool), getRoundStatus(client, pool)]);
  if (!terms.matching || status !== "running" || gateData === "0x") return none;
  const voice = await voiceOf(payer, pool, terms, gateData);
  if (!voice) return none;
  const uncollected = beyond(acknowledged, collected)
    .filter((gift) => gift.projectId !== 0n)
    .map((gift) => ({ projectId: gift.projectId, amount: gift.cumulativeAmount }));
  const touched = new Set([
    projectId,
    ...acknowledged.map((gift) => gift.projectId),
    ...collected.map((gift) => gift.projectId),
  ]);
  const standing = await readStanding(client, pool, { terms, touched, ...voice });
  return { guaranteed: amount, range: matchRange(standing, uncollected, { projectId, amount }) };
}

type Voice = { keyId: Hex; weightBps: number };

/** As whom the donor counts: what was frozen at its first counted gift, what the gate says before. A gate that says no counts nobody. */
async function voiceOf(payer: Payer, pool: Pool, terms: RoundTerms, gateData: Hex): Promise<Voice | undefined> {
  const { client, address: donor } = payer;
  const asked = { pool: pool.address, donor, gateData };
  if ((await weighDonor(client, { gate: terms.gate, ...asked })) === 0) return undefined;
  const standing = await getStanding(client, { address: pool.address, donor });
  if (standing.weightBps > 0) return standing;
  const { key, weightBps } = await askGate(client, { address: terms.gate, ...asked });
  return { keyId: keyId(key), weightBps };
}

async function readStanding(
  client: Client,
  pool: Pool,
  of: Voice & { terms: RoundTerms; touched: ReadonlySet<bigint> },
): Promise<Standing> {
  const { address } = pool;
  const { terms, touched, keyId: key, weightBps } = of;
  const [ids, pot, now] = await Promise.all([
    getRoundProjects(client, { address }),
    getPot(client, { address }),
    chainNow(client),
  ]);
  const states = await Promise.all(
    ids.map(async (projectId) => [projectId, await getProjectState(client, { address, projectId })] as const),
  );
  const entries = await Promise.all(
    ids
      .filter((projectId) => touched.has(projectId))
      .map(async (projectId) => {
        const { weighted } = await getVoice(client, { address, keyId: key, projectId });
        return [projectId, entryOf(weighted, terms)] as const;
      }),
  );
  const projects = states
    .filter(([, { disqualified }]) => !disqualified)
    .map(([id, { rootSum, subsidy, donors }]) => [id, { rootSum, subsidy, donors, counted: 0n }] as const);
  const { start, end, cap, minCounted, maxCounted } = terms;
  const counted = { projects: new Map(projects), entries: new Map(entries), weightBps };
  return { start, end, now, pot, cap, minCounted, maxCounted, ...counted };
}
