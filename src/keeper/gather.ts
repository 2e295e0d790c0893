import type { Address, Hex } from "viem";
import type { Observed, Observer } from "../chain/observer.ts";
import type { ChannelRecord } from "../store/record.ts";
import type { ChannelQuery, ChannelStore } from "../store/store.ts";
import type { Ledger } from "./ledger.ts";
import type { ClaimChannel } from "./policy.ts";

/** Which channels a pass looks at: `urgent` those with value under a close, `exits` those that leave, `full` every live one. */
export type Scope = "urgent" | "exits" | "full";

/** Records read at once. */
const page = 1_000;

/**
 * The channels of a scope as the chain has them now: what the stores say of them is read again from every endpoint, since
 * a store is written by others too.
 * @param context.except Payees whose channels others look after: rounds' pools.
 */
export async function gather(
  stores: readonly ChannelStore[],
  scope: Scope,
  context: { observer: Observer; ledger: Ledger; timestamp: bigint; except?: ReadonlySet<Address> | undefined },
): Promise<ClaimChannel[]> {
  const { except = new Set() } = context;
  const records = new Map<Hex, ChannelRecord>();
  for (const store of stores) {
    for (const query of queries[scope]) {
      for await (const record of eachRecord(store, query)) {
        if (!except.has(record.channel.payee)) records.set(record.id, record);
      }
    }
  }
  const observed = await context.observer.read([...records.keys()]);
  return observed.map((state) => overlay(records.get(state.id) as ChannelRecord, state, context));
}

function overlay(
  stored: ChannelRecord,
  state: Observed,
  { ledger, timestamp }: { ledger: Ledger; timestamp: bigint },
): ClaimChannel {
  const record = overlaid(stored, state);
  const { settled, closeRequestedAt } = record;
  const unsettled = record.authorized > settled ? record.authorized - settled : 0n;
  const since = unsettled > 0n ? ledger.since(record, timestamp) : timestamp;
  return { record, unsettled, closeRequestedAt, since, feesPaid: ledger.feesPaid(record.id) };
}

/** A record with the chain's part as it was observed. */
export function overlaid(
  stored: ChannelRecord,
  { deposit, settled, closeRequestedAt, finalized }: Observed,
): ChannelRecord {
  return { ...stored, deposit, settled, closeRequestedAt, finalized };
}

/** Every record that a query finds, page by page. */
export async function* eachRecord(store: ChannelStore, query: ChannelQuery): AsyncGenerator<ChannelRecord> {
  for (let after: Hex | undefined; ; ) {
    const records = await store.list({ ...query, limit: page, ...(after ? { after } : {}) });
    yield* records;
    after = records.at(-1)?.id;
    if (records.length < page || !after) return;
  }
}

const queries: Record<Scope, readonly ChannelQuery[]> = {
  urgent: [{ closing: true, unsettled: true }],
  exits: [{ leaving: true }, { closing: true }],
  full: [{ live: true }],
};
