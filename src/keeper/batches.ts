import type { Address } from "viem";
import { type SettleRow, toSettleRow } from "../chain/channels/settleRow.ts";
import type { ChannelRecord } from "../store/record.ts";

/** Channels of one payee and token that one transaction can pay. Without `rows` it is a single channel for `settle` or `settleTicks`. */
export type Batch = {
  readonly payee: Address;
  readonly token: Address;
  readonly records: readonly ChannelRecord[];
  readonly rows: readonly SettleRow[] | undefined;
};

/**
 * Groups records by payee and token into batches of at most `size`, in the order given: the first batch holds the first
 * record, and each is filled with the next records that can share it. A record that cannot be a row, because its signature
 * is not an ECDSA one or ticks prove what it owes, is a batch of its own.
 */
export function planBatches(records: readonly ChannelRecord[], size: number): Batch[] {
  type Filling = Batch & { records: ChannelRecord[]; rows: SettleRow[] | undefined };
  const batches: Filling[] = [];
  const open = new Map<string, Filling>();
  for (const record of records) {
    const { payee, token } = record.channel;
    const row = rowOf(record);
    const key = `${payee}:${token}`;
    const filling = row && open.get(key);
    if (row && filling?.rows && filling.records.length < size) {
      filling.records.push(record);
      filling.rows.push(row);
      continue;
    }
    const started: Filling = { payee, token, records: [record], rows: row && [row] };
    if (row) open.set(key, started);
    batches.push(started);
  }
  return batches;
}

function rowOf(record: ChannelRecord): SettleRow | undefined {
  if (record.signature === undefined) return undefined;
  try {
    return toSettleRow(record.channel, { cumulativeAmount: record.authorized, signature: record.signature });
  } catch {
    // A contract's signature, of a length or with a `v` that ECDSA does not have: `settle` alone asks the contract.
    return undefined;
  }
}
