import type { Client } from "viem";
import { getProjectState } from "../../chain/index.ts";
import type { Gift } from "../../protocol/allocation.ts";
import { attributionOf } from "../../protocol/line.ts";
import { inParts } from "../inParts.ts";
import type { Round } from "./round.ts";

/**
 * What `refund` would pay a channel's donor once anyone may call it, base units: what was settled and is not kept for a
 * project that stands.
 * @param everything While refunding no project keeps anything.
 */
export function refundableOf(
  line: readonly Gift[],
  settled: bigint,
  everything: boolean,
  disqualified: ReadonlySet<bigint>,
): bigint {
  const { gifts, refunded } = attributionOf(line);
  const kept = everything ? [] : gifts.filter(({ projectId }) => !disqualified.has(projectId));
  return kept.reduce((rest, { cumulativeAmount }) => rest - cumulativeAmount, settled - refunded);
}

/** What stands on a line once everything refundable was refunded. */
export function refundedLine(
  line: readonly Gift[],
  amount: bigint,
  everything: boolean,
  disqualified: ReadonlySet<bigint>,
): Gift[] {
  const { gifts, refunded } = attributionOf(line);
  const kept = everything ? [] : gifts.filter(({ projectId }) => !disqualified.has(projectId));
  return [{ projectId: 0n, cumulativeAmount: refunded + amount }, ...kept];
}

/** The projects of a round that its stewards took out. */
export async function readDisqualified(client: Client, { pool, projects, block }: Round): Promise<ReadonlySet<bigint>> {
  const at = { address: pool, blockNumber: block.number };
  const states = await inParts(projects, (projectId) => getProjectState(client, { ...at, projectId }));
  return new Set(projects.filter((_, index) => states[index]?.disqualified));
}
