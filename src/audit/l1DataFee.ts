/** What an OP-stack chain charges a transaction for its place in L1 blobs, before the Fjord estimator or with it. */
export type L1DataFeeParameters = {
  /** Size of the signed transaction, bytes. Its compression is not modelled: the result is an upper bound. */
  bytes: bigint;
  /** L1 base fee, wei a gas. */
  baseFee: bigint;
  /** L1 blob base fee, wei a gas. */
  blobBaseFee: bigint;
  /** The chain's own two factors, millionths. */
  scalars: { baseFee: bigint; blobBaseFee: bigint };
  /** Which rules: `fjord` when absent. */
  rules?: "ecotone" | "fjord" | undefined;
};

/**
 * Model of the L1 data fee of an OP-stack transaction, wei.
 *
 * Ecotone: `bytes * (16 * baseFee * scalars.baseFee + blobBaseFee * scalars.blobBaseFee) / (16 * 10^6)`, where a byte
 * counts 16 when not zero and 4 when zero; here every byte counts 16.
 * Fjord: `max(100 * 10^6, -42,585,600 + 836,500 * bytes) * (16 * baseFee * scalars.baseFee + blobBaseFee *
 * scalars.blobBaseFee) / 10^12`, where `bytes` is the size after FastLZ; here before it.
 * Source: OP Stack specification, Ecotone and Fjord, "L1-Cost fees".
 */
export function l1DataFee({ bytes, baseFee, blobBaseFee, scalars, rules = "fjord" }: L1DataFeeParameters): bigint {
  const price = 16n * baseFee * scalars.baseFee + blobBaseFee * scalars.blobBaseFee;
  if (rules === "ecotone") return (bytes * 16n * price) / 16_000_000n;
  const estimate = fastLzFactor * bytes + intercept;
  return ((estimate > leastSize ? estimate : leastSize) * price) / 1_000_000_000_000n;
}

const intercept = -42_585_600n; // Bytes, millionths.
const fastLzFactor = 836_500n; // Millionths.
const leastSize = 100n * 1_000_000n; // 100 bytes, millionths.
