import type { Address, Hex } from "viem";
import { type Channel, canonicalChannel, channelId } from "../../protocol/channel.ts";
import { eachSpan, openedLogs } from "./logs.ts";
import type { Reader } from "./reader.ts";

/** Channels of a payee ever opened, oldest first. A log whose descriptor does not hash to its id is no channel. */
export async function readOpened(
  reader: Reader,
  query: { payee: Hex; fromBlock: bigint; chunk: bigint },
): Promise<{ id: Hex; channel: Channel; deposit: bigint }[]> {
  const { number } = await reader.block();
  const found = new Map<Hex, { id: Hex; channel: Channel; deposit: bigint }>();
  await eachSpan({ from: query.fromBlock, to: number }, query.chunk, async (span) => {
    for (const { args } of await openedLogs(reader, query.payee as Address, span)) {
      const channel = canonicalChannel(args);
      const id = channelId(channel, reader.escrow);
      if (id !== args.channelId || channel.payee !== query.payee.toLowerCase()) continue;
      found.set(id, { id, channel, deposit: args.deposit });
    }
  });
  return [...found.values()];
}
