import type { Channel } from "../protocol/channel.ts";
import { PayerLimitError } from "./errors.ts";
import type { ChannelRecord } from "./record.ts";

/** Who owes whom, and in what. */
export type Parties = Pick<Channel, "payer" | "payee" | "token">;

/** What a channel owes and the chain has not paid out, base units; a finalized one owes nothing. */
export function owedBy({ finalized, authorized, settled }: ChannelRecord): bigint {
  return finalized || authorized < settled ? 0n : authorized - settled;
}

export function isSameParties(a: Parties, b: Parties): boolean {
  return a.payer === b.payer && a.payee === b.payee && a.token === b.token;
}

/**
 * Holds an update to its `payerLimit`: one that lets its channel owe no more than before is never refused.
 * @param owedElsewhere What the other channels of the same parties owe; asked only where it matters.
 * @throws PayerLimitError
 */
export function holdToLimit(
  before: ChannelRecord | undefined,
  after: ChannelRecord,
  limit: bigint,
  owedElsewhere: () => bigint,
): void {
  const own = owedBy(after);
  if (before && own <= owedBy(before)) return;
  const owed = own + owedElsewhere();
  if (owed > limit) throw new PayerLimitError(owed, limit);
}
