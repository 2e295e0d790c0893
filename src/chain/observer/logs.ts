import { type Address, getAbiItem, type Hex } from "viem";
import { getLogs } from "viem/actions";
import { paymentChannelsAbi as abi } from "../../abi/paymentChannels.ts";
import { ChainUnavailableError, reasonOf } from "../failure.ts";
import type { Reader } from "./reader.ts";

const channelOpened = getAbiItem({ abi, name: "ChannelOpened" });

/** Events after which a channel's state is another. `SettlementSkipped` is not one: anyone can cause it. */
const changes = [
  channelOpened,
  getAbiItem({ abi, name: "ChannelToppedUp" }),
  getAbiItem({ abi, name: "ChannelSettled" }),
  getAbiItem({ abi, name: "CloseRequested" }),
  getAbiItem({ abi, name: "CloseCancelled" }),
  getAbiItem({ abi, name: "ChannelClosed" }),
];

/** Ids of the channels that changed in a span of blocks, by log. */
export async function changedIds(reader: Reader, span: Span): Promise<Set<Hex>> {
  const { address } = reader.escrow;
  const logs = await getLogs(reader.client, { address, events: changes, strict: true, ...blocks(span) });
  return new Set(logs.filter((log) => isWithin(log, address, span)).map((log) => log.args.channelId));
}

/** `ChannelOpened` logs of one payee in a span of blocks. */
export async function openedLogs(reader: Reader, payee: Address, span: Span) {
  const { address } = reader.escrow;
  const args = { payee };
  const logs = await getLogs(reader.client, { address, event: channelOpened, args, strict: true, ...blocks(span) });
  return logs.filter((log) => isWithin(log, address, span));
}

/** Both ends inclusive. */
export type Span = { from: bigint; to: bigint };

/**
 * Walks a range in spans of at most `chunk` blocks, one after the other. A span that the provider refuses, for its width
 * or for the size of the answer, is halved until it passes; later ones grow again.
 * @throws {@link ChainUnavailableError} when a single block is refused.
 */
export async function eachSpan(range: Span, chunk: bigint, visit: (span: Span) => Promise<void>): Promise<void> {
  let width = chunk;
  for (let from = range.from; from <= range.to; ) {
    const to = from + width - 1n < range.to ? from + width - 1n : range.to;
    const refusal = await visit({ from, to }).then(
      () => undefined,
      (error: unknown) => ({ error }),
    );
    if (!refusal) {
      from = to + 1n;
      width = width * 2n < chunk ? width * 2n : chunk;
    } else if (to === from) {
      throw new ChainUnavailableError(`reading the logs of block ${from}`, reasonOf(refusal.error));
    } else {
      width = (to - from + 1n) / 2n;
    }
  }
}

function blocks(span: Span) {
  return { fromBlock: span.from, toBlock: span.to };
}

// A provider that ignores the filter must not make us read channels of somebody else's contract.
export function isWithin(
  log: { address: Address; blockNumber: bigint | null; removed: boolean },
  address: Address,
  span: Span,
) {
  const { blockNumber, removed } = log;
  if (removed || blockNumber === null || log.address.toLowerCase() !== address) return false;
  return blockNumber >= span.from && blockNumber <= span.to;
}
