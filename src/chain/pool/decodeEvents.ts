import { type Address, type Log, parseEventLogs } from "viem";
import { donationPoolAbi } from "../../abi/donationPool.ts";

/** A pool's events among some logs, decoded; logs of other contracts and malformed ones are left out. */
export function decodePoolEvents(logs: readonly Log[], parameters: { address: Address }) {
  const own = logs.filter((log) => log.address.toLowerCase() === parameters.address.toLowerCase());
  return parseEventLogs({ abi: donationPoolAbi, logs: own, strict: true });
}

export type PoolEvent = ReturnType<typeof decodePoolEvents>[number];
