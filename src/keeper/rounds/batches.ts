import { type CollectItem, collectBatchGas } from "../../chain/pool/encode.ts";
import type { RoundChannel } from "./decide.ts";
import { bytesOf } from "./gas.ts";

/** A channel with what is to be brought to its pool. */
export type Collecting = { readonly channel: RoundChannel; readonly item: CollectItem };

/** What one transaction may hold. */
export type BatchLimits = {
  /** Gas that a transaction may name. */
  gas: bigint;
  /** Bytes of calldata. */
  bytes: number;
};

/** Most gas that a transaction may name on chains that follow EIP-7825: 2^24. */
const maxTransactionGas = 2n ** 24n;

/** Nodes take transactions up to 128 kB (131,072 bytes); signature and envelope need some of that. */
const maxBytes = 120_000;

/** At most half a block, because a block has to have that much room left for the whole that a transaction names. */
export function limitsOf(block: { gasLimit: bigint }): BatchLimits {
  const half = block.gasLimit / 2n;
  return { gas: half < maxTransactionGas ? half : maxTransactionGas, bytes: maxBytes };
}

/**
 * Fills transactions in the order given, as far as gas and calldata allow. A batch names the gas of its dearest item for
 * each, so long lists do not share with short ones: lists of 1 gift, 2, 3 or 4, 5 to 8, … fill batches of their own.
 */
export function planCollects(collecting: readonly Collecting[], limits: BatchLimits): Collecting[][] {
  type Filling = { items: Collecting[]; bytes: number };
  const batches: Filling[] = [];
  const open = new Map<number, Filling>();
  for (const entry of collecting) {
    const size = Math.ceil(Math.log2(Math.max(1, entry.item.gifts.length)));
    const bytes = bytesOf(entry.item);
    const filling = open.get(size);
    if (filling && filling.bytes + bytes <= limits.bytes && gasOf([...filling.items, entry]) <= limits.gas) {
      filling.items.push(entry);
      filling.bytes += bytes;
      continue;
    }
    const started = { items: [entry], bytes: bytes + callBytes };
    open.set(size, started);
    batches.push(started);
  }
  return batches.map(({ items }) => items);
}

/** Selector, offset and length of the list. */
const callBytes = 4 + 64;

function gasOf(collecting: readonly Collecting[]): bigint {
  return collectBatchGas(collecting.map(({ item }) => item));
}
