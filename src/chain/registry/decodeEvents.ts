import { type Address, type Log, parseEventLogs } from "viem";
import { projectRegistryAbi } from "../../abi/projectRegistry.ts";

/** The registry's events among some logs, decoded; logs of other contracts and malformed ones are left out. */
export function decodeRegistryEvents(logs: readonly Log[], parameters: { address: Address }) {
  const own = logs.filter((log) => log.address.toLowerCase() === parameters.address.toLowerCase());
  return parseEventLogs({ abi: projectRegistryAbi, logs: own, strict: true });
}

export type RegistryEvent = ReturnType<typeof decodeRegistryEvents>[number];
