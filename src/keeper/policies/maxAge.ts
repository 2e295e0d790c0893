import type { ClaimPolicy } from "../policy.ts";

/**
 * Settles value that has waited long enough, whatever it costs.
 * @param options.seconds Of block time since the keeper first saw the value.
 */
export function maxAge(options: { seconds: bigint }): ClaimPolicy {
  return (channel, env) => {
    if (channel.unsettled === 0n) return { action: "wait", reason: "nothing unsettled" };
    const age = env.timestamp - channel.since;
    return age >= options.seconds
      ? { action: "settle", reason: `unsettled for ${age} s, the cap is ${options.seconds} s` }
      : { action: "wait", reason: `unsettled for ${age} s, below the cap of ${options.seconds} s` };
  };
}
