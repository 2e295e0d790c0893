/** How a sender prices and paces. Times in milliseconds, percentages whole. */
export type Policy = {
  /** Between looks at the chain while waiting: 2,000, one block of an OP-stack L2. */
  pollMs: number;
  /** After this long without a receipt the fee is raised: 30,000. */
  bumpAfterMs: number;
  /** After this long an unmined transaction is broadcast again: 10,000. */
  rebroadcastAfterMs: number;
  /** Added to both fees by a replacement: 13; nodes want 10, some 12.5. */
  bumpPercent: bigint;
  /** Added to the gas estimate: 20. */
  gasMarginPercent: bigint;
  /** The first maximum fee, as percent of the base fee, priority fee on top: 200 rides out six full blocks. */
  baseFeePercent: bigint;
  /** Least priority fee, wei a gas: 1,000,000 (0.001 gwei), what OP-stack sequencers order by. */
  minPriorityFee: bigint;
  /** Where a request names no `maxCost`: how many times its first price a transaction may come to cost: 5. */
  maxBumpFactor: bigint;
  /** Looks, one after the other, that must find a nonce used and no receipt before an entry counts as dropped: 3. */
  dropAfterLooks: number;
};

const defaults: Policy = {
  pollMs: 2_000,
  bumpAfterMs: 30_000,
  rebroadcastAfterMs: 10_000,
  bumpPercent: 13n,
  gasMarginPercent: 20n,
  baseFeePercent: 200n,
  minPriorityFee: 1_000_000n,
  maxBumpFactor: 5n,
  dropAfterLooks: 3,
};

export function withDefaults(policy: Partial<Policy> | undefined): Policy {
  return { ...defaults, ...policy };
}
