import { claimFee, worth } from "../fees.ts";
import type { ClaimPolicy } from "../policy.ts";

/**
 * Settles once the unsettled value is worth `times` the whole fee, the channel's part of the L1 data fee included.
 * @param options.times How many times the fee; 10 unless told, so that a tenth of the money at most goes on fees.
 */
export function profitable(options: { times?: bigint } = {}): ClaimPolicy {
  const { times = 10n } = options;
  return (channel, env) => {
    if (channel.unsettled === 0n) return { action: "wait", reason: "nothing unsettled" };
    const value = worth(channel.record.channel.token, channel.unsettled, env);
    if (value === undefined) return { action: "wait", reason: "the token has no price, so its fee cannot be weighed" };
    const threshold = claimFee(env) * times;
    return value >= threshold && value > 0n
      ? { action: "settle", reason: `worth ${value} wei, at least ${times} times its fee` }
      : { action: "wait", reason: `worth ${value} wei, less than ${times} times its fee (${threshold} wei)` };
  };
}
