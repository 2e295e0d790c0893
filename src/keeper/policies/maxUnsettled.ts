import type { ClaimPolicy } from "../policy.ts";

/**
 * Settles a channel that owes too much, whatever it costs: the most that a payee is ready to have at stake.
 * @param options.amount Base units of the channel's token.
 */
export function maxUnsettled(options: { amount: bigint }): ClaimPolicy {
  return ({ unsettled }) => {
    if (unsettled === 0n) return { action: "wait", reason: "nothing unsettled" };
    return unsettled >= options.amount
      ? { action: "settle", reason: `${unsettled} unsettled, the cap is ${options.amount}` }
      : { action: "wait", reason: `${unsettled} unsettled, below the cap of ${options.amount}` };
  };
}
