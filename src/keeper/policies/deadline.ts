import { claimFee, worth } from "../fees.ts";
import type { ClaimPolicy } from "../policy.ts";

export type DeadlineOptions = {
  /** Act once no more than this is left of the grace period, seconds; at once unless told. */
  within?: bigint;
  /** Value below this is written off, wei; 0 unless told: every unit is paid. Tokens without a price are always paid. */
  minimum?: bigint;
  /**
   * Once a settlement costs more than it brings, the most that the fees of one channel may come to in all, wei; unlimited
   * unless told. It bounds what a payer can make a keeper waste by asking to close and cancelling in a loop.
   */
  maxFees?: bigint;
};

/**
 * Settles before a payer who asked to close can take the money back. Whether it pays is not asked, only whether it is
 * above the floor that its options set.
 */
export function deadline(options: DeadlineOptions = {}): ClaimPolicy {
  const { minimum = 0n, maxFees } = options;
  return (channel, env) => {
    if (channel.unsettled === 0n) return { action: "wait", reason: "nothing unsettled" };
    if (channel.closeRequestedAt === 0n) return { action: "wait", reason: "no close is pending" };

    const left = graceLeft(channel.closeRequestedAt, env);
    if (left > (options.within ?? env.grace)) {
      return { action: "wait", reason: `a close is pending, ${left} s are left` };
    }
    const value = worth(channel.record.channel.token, channel.unsettled, env);
    if (value !== undefined && value < minimum) {
      return { action: "writeoff", reason: `worth ${value} wei, below the floor of ${minimum} wei` };
    }
    const fee = claimFee(env);
    if (maxFees !== undefined && value !== undefined && value < fee && channel.feesPaid + fee > maxFees) {
      return {
        action: "writeoff",
        reason: `worth less than its fee, and ${channel.feesPaid} wei of fees were paid before`,
      };
    }
    return { action: "settle", reason: `a close is pending, ${left} s are left` };
  };
}

/** Seconds until `withdraw` is possible; negative once it is. */
export function graceLeft(closeRequestedAt: bigint, env: { timestamp: bigint; grace: bigint }): bigint {
  return closeRequestedAt + env.grace - env.timestamp;
}
