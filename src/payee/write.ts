import type { Observed } from "../chain/observer.ts";
import type { ChannelRecord } from "../store/record.ts";
import { withObserved } from "./chainState.ts";
import type { Context } from "./context.ts";
import { dependsOnChain, type Entry, post } from "./ledger.ts";
import { channelNotFound, closePending } from "./refusal.ts";
import type { Acceptance, Refusal } from "./types.ts";

/**
 * The last steps of every sale: what evidence is looked into for, a chain state that is fresh enough, then one conditional durable write of voucher and charge
 * together. Whatever changed since `record` was read is judged again inside the write.
 */
export async function write(context: Context, record: ChannelRecord, entry: Entry): Promise<Acceptance | Refusal> {
  const { terms, chainState } = context;
  const known = post(record, entry, context);
  // A receipt that is kept buys nothing and needs no chain: so a client that lost its answer is served even during an outage.
  if (known.record === record && known.result.ok && known.result.charge) return known.result;

  if (context.appraise && entry.voucher?.evidence !== undefined) {
    const { cumulativeAmount, evidence } = entry.voucher;
    const fault = await context.appraise(record, { cumulativeAmount, evidence });
    if (fault) return fault;
  }

  let observed = await chainState.fresh(record.id);
  // What would be refused for want of deposit or for too much unsettled is asked of the chain itself, once.
  if (dependsOnChain(withObserved(record, observed), entry, terms)) observed = await chainState.read(record.id);
  return commit(context, record, entry, observed);
}

async function commit(
  context: Context,
  { id }: ChannelRecord,
  entry: Entry,
  observed: Observed | undefined,
): Promise<Acceptance | Refusal> {
  let result: Acceptance | Refusal = channelNotFound;
  await context.store.update(id, (stored) => {
    if (!stored) {
      result = channelNotFound;
      return undefined;
    }
    const seen = withObserved(stored, observed);
    const posting = post(seen, entry, context);
    if (context.closing.has(id) && posting.record !== seen) {
      result = closePending;
      return seen;
    }
    result = posting.result;
    return posting.record;
  });
  return result;
}
