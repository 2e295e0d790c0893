// The season's calendar and money: times in seconds of the chain, amounts in base units.
import { type Address, zeroAddress } from "viem";
import type { PoolsParameters } from "../../../deploy/deployPools.ts";
import type { RoundTerms } from "../../../src/chain/index.ts";
import { cent } from "./cast.ts";

const hour = 3_600n;
const day = 24n * hour;
const dollar = 100n * cent;

/** How long what the stewards propose is public before it can be done. */
export const stewardsDelay = 6n * hour;
export const challengeWindow = 2n * day;
export const payoutDelay = 2n * day;
export const applicationDeposit = 50n * dollar;

export const givingTime = 28n * day;
/** The end of a round that pages leave to the keeper. */
export const margin = 120n;
/** How long before the margin everybody taps at once. */
export const rush = 60n;

export const sponsorDeposits = [4_000n * dollar, 2_500n * dollar] as const;

/** The most that one project is matched, and the bounds between which one key's gifts to one project count. */
export const counting = { cap: 500n * dollar, minCounted: 2n * cent, maxCounted: 2n * dollar } as const;

export function poolsParameters(channels: Address, token: Address, safe: Address): PoolsParameters {
  return {
    channels,
    depositToken: token,
    applicationDeposit,
    challengeWindow,
    decisionWindow: 3n * day,
    payoutDelay,
    stewardsDelay,
    proposers: [safe],
  };
}

/** A matched round that starts at `start`. */
export function roundTerms(
  start: bigint,
  of: Pick<RoundTerms, "token" | "registry" | "gate"> & { closer?: Address; acceptsSybil?: boolean },
): RoundTerms {
  const end = start + givingTime;
  const challengeEnd = end + 2n * stewardsDelay;
  return {
    closer: zeroAddress,
    acceptsSybil: false,
    ...of,
    start,
    end,
    challengeEnd,
    settleBy: challengeEnd + 7n * day,
    matching: true,
    ...counting,
  };
}
