import type { Hex } from "viem";
import { PayerLimitError } from "../store/errors.ts";
import { owedBy } from "../store/payerLimit.ts";
import type { ChannelRecord } from "../store/record.ts";
import { withObserved } from "./chainState.ts";
import type { Context } from "./context.ts";
import { refusal } from "./refusal.ts";
import type { Refusal } from "./types.ts";

/**
 * Judges a sale by what its payer owes, then writes it. The store holds the write to the limit once more, together with whatever other
 * requests and other processes have written since; what it refuses is judged again, on that.
 */
export async function withinPayerLimit<T>(
  limit: bigint,
  judge: () => Promise<Refusal | undefined>,
  write: () => Promise<T>,
): Promise<T | Refusal> {
  for (let attempt = 1; ; attempt++) {
    const fault = await judge();
    if (fault) return fault;
    try {
      return await write();
    } catch (error) {
      if (!(error instanceof PayerLimitError)) throw error;
      if (attempt === mostAttempts) return owesTooMuch(error.owed, limit);
    }
  }
}

/**
 * Whether a payer would owe more than the terms allow over all of its channels of one token, when this one owes `authorized`. What the
 * store thinks is too much is asked of the chain once, and the answer kept.
 */
export async function payerFault(
  context: Context,
  record: ChannelRecord,
  authorized: bigint,
): Promise<Refusal | undefined> {
  const limit = context.terms.maxUnsettledPerPayer;
  if (limit === undefined) return undefined;
  const own = max(authorized - record.settled, 0n);
  const others = await owedElsewhere(context, record);
  if (own + sum(others) <= limit) return undefined;
  const newest = await Promise.all(others.map((other) => refreshed(context, other)));
  const owed = own + sum(newest);
  return owed > limit ? owesTooMuch(owed, limit) : undefined;
}

/** The record with what the chain says now, stored where that is news. */
async function refreshed({ chainState, store }: Context, record: ChannelRecord): Promise<ChannelRecord> {
  const observed = await chainState.read(record.id);
  if (withObserved(record, observed) === record) return record;
  return (await store.update(record.id, (stored) => stored && withObserved(stored, observed))) ?? record;
}

/** What the payer's other channels of the token owe. */
async function owedElsewhere({ store }: Context, { id, channel }: ChannelRecord): Promise<ChannelRecord[]> {
  const { payer, payee, token } = channel;
  const owing: ChannelRecord[] = [];
  let after: Hex | undefined;
  do {
    const page = await store.list({ payer, payee, token, unsettled: true, limit: pageSize, ...(after && { after }) });
    for (const each of page) if (each.id !== id) owing.push(each);
    after = page.length === pageSize ? page.at(-1)?.id : undefined;
  } while (after);
  return owing;
}

function sum(owing: readonly ChannelRecord[]): bigint {
  return owing.reduce((total, record) => total + owedBy(record), 0n);
}

function owesTooMuch(owed: bigint, limit: bigint): Refusal {
  return refusal(
    "exposure-limit",
    `This payer would owe ${owed} unsettled over all of its channels; this payee holds at most ${limit}. Try again once some of it has settled.`,
  );
}

function max(a: bigint, b: bigint): bigint {
  return a > b ? a : b;
}

const pageSize = 500;

/** Whoever is refused so often has lost to others each time, and is told so. */
const mostAttempts = 5;
