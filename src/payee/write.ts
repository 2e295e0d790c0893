import type { Hex } from "viem";
import type { Observed } from "../chain/observer.ts";
import type { ChannelRecord } from "../store/record.ts";
import { withObserved } from "./chainState.ts";
import type { Context } from "./context.ts";
import { payerFault, withinPayerLimit } from "./exposure.ts";
import { dependsOnChain, type Entry, keptReceipt, offeredBy, post } from "./ledger.ts";
import { channelNotFound, closePending } from "./refusal.ts";
import type { Acceptance, Refusal } from "./types.ts";

/**
 * The last steps of every sale: what evidence is looked into for, a chain state that is fresh enough, then one conditional durable write of voucher and charge
 * together. Whatever changed since `record` was read is judged again inside the write.
 * @param options.isAtHand Whether `record` is one that others may have changed: what is told of it without a write is read first.
 */
export async function write(
  context: Context,
  record: ChannelRecord,
  entry: Entry,
  { isAtHand = false } = {},
): Promise<Acceptance | Refusal> {
  const { terms, chainState } = context;
  // A receipt that is kept buys nothing and needs no chain: so a client that lost its answer is served even during an outage.
  const receipt = keptReceipt(record, entry);
  const { evidence } = entry.voucher ?? {};
  if (isAtHand && (receipt || (context.appraise && evidence !== undefined)))
    return write(context, (await context.store.get(record.id)) ?? record, entry);
  if (receipt) return receipt;

  if (context.appraise && entry.voucher && evidence !== undefined) {
    const { cumulativeAmount } = entry.voucher;
    const fault = await context.appraise(record, { cumulativeAmount, evidence });
    if (fault) return fault;
  }

  const reading = chainState.fresh(record.id);
  let observed = reading && (await reading);
  // What would be refused for want of deposit or for too much unsettled is asked of the chain itself, once.
  if (dependsOnChain(withObserved(record, observed), entry, terms)) observed = await chainState.read(record.id);

  if (terms.maxUnsettledPerPayer === undefined) return commit(context, record.id, entry, observed);
  const judge = async () => {
    const current = withObserved((await context.store.get(record.id)) ?? record, observed);
    const offered = offeredBy(entry) ?? 0n;
    const authorized = offered > current.authorized ? offered : current.authorized;
    return payerFault(context, current, authorized);
  };
  return withinPayerLimit(terms.maxUnsettledPerPayer, judge, () => commit(context, record.id, entry, observed));
}

async function commit(
  context: Context,
  id: Hex,
  entry: Entry,
  observed: Observed | undefined,
): Promise<Acceptance | Refusal> {
  const { maxUnsettledPerPayer: payerLimit } = context.terms;
  let result: Acceptance | Refusal = channelNotFound;
  const change = (stored: ChannelRecord | undefined) => {
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
  };
  await context.store.update(id, change, payerLimit === undefined ? {} : { payerLimit });
  // Not for a charge: whoever waits for credit asks by charging, and must not wake itself.
  if (entry.voucher || entry.ticks) context.waiting.wake(id);
  return result;
}
