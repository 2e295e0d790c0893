import { type Address, type Log, parseEventLogs } from "viem";
import { paymentChannelsAbi } from "../../abi/paymentChannels.ts";

/** The escrow's events among some logs, decoded; logs of other contracts and malformed ones are left out. */
export function decodeChannelEvents(logs: readonly Log[], parameters: { address: Address }) {
  const own = logs.filter((log) => log.address.toLowerCase() === parameters.address.toLowerCase());
  return parseEventLogs({ abi: paymentChannelsAbi, logs: own, strict: true });
}

export type ChannelEvent = ReturnType<typeof decodeChannelEvents>[number];
