import type { Address, Client, Hex } from "viem";
import { pad } from "viem";
import { AuditError } from "./errors.ts";
import { decodeEvent, type EscrowEvent, type Position, type RawLog } from "./events.ts";
import { transferTopic } from "./flows.ts";
import { concurrently, getBlock, getLogs, getTransaction, type Transaction } from "./provider.ts";
import type { Range } from "./readRanges.ts";

/** All that an audit reads of some blocks. */
export type Piece = { events: EscrowEvent[]; transfers: RawLog[] };

/** Tokens that one filter names: providers bound its length. */
const tokensAtOnce = 100;

/**
 * Reads the escrow's events of some blocks, and the transfers into and out of it of every token that it has ever held
 * and that concerns the audit, those of these blocks included.
 * @param known Tokens seen so far; those that open here are added.
 */
export async function readPiece(
  client: Client,
  escrow: Address,
  range: Range,
  known: Set<Address>,
  concerns: (token: Address) => boolean,
): Promise<Piece> {
  const logs = await getLogs(client, { address: escrow }, range.from, range.to);
  inOrder(logs, range, (log) => log.address.toLowerCase() === escrow);
  const events = logs.map(decodeEvent);
  for (const event of events) {
    if (event.name === "ChannelOpened" && concerns(event.args.token)) known.add(event.args.token);
  }
  const party = pad(escrow);
  const tokens = [...known];
  const filters: { address: Address[]; topics: (Hex | null)[] }[] = [];
  for (let start = 0; start < tokens.length; start += tokensAtOnce) {
    const address = tokens.slice(start, start + tokensAtOnce);
    filters.push({ address, topics: [transferTopic, party] }, { address, topics: [transferTopic, null, party] });
  }
  const answers = await concurrently(filters, async (filter) => {
    const transfers = await getLogs(client, filter, range.from, range.to);
    inOrder(transfers, range, (log) => known.has(log.address.toLowerCase() as Address));
    return transfers;
  });
  return { events, transfers: answers.flat() };
}

/** Transactions of some events with their gas and fees. */
export async function readTransactions(client: Client, events: readonly EscrowEvent[]): Promise<Map<Hex, Transaction>> {
  const hashes = [...new Set(events.map(({ at }) => at.transactionHash))];
  const transactions = await concurrently(hashes, async (hash) => {
    const transaction = await getTransaction(client, hash);
    if (transaction) return transaction;
    throw new AuditError(
      "transaction-missing",
      `The RPC provider gave a log of transaction ${hash} and not the transaction: use one that keeps old transactions.`,
    );
  });
  return new Map(transactions.map((transaction) => [transaction.hash, transaction]));
}

/** Whether a rule of the escrow hangs on an event's time. */
export const hangsOnTime = ({ name }: EscrowEvent) => name === "ChannelClosed" || name === "CloseRequested";

/** Adds the block's time to those events whose legality hangs on it, where the provider did not say it in the log. */
export async function withTimes<event extends { readonly at: Position }>(
  client: Client,
  events: readonly event[],
  timed: (event: event) => boolean,
): Promise<event[]> {
  const missing = events.filter((event) => timed(event) && event.at.timestamp === undefined);
  const numbers = [...new Set(missing.map(({ at }) => at.blockNumber))];
  const blocks = await concurrently(numbers, async (number) => {
    const block = await getBlock(client, number);
    if (!block)
      throw new AuditError("block-not-found", `The RPC provider gave a log of block ${number} and not the block.`);
    return [number, block.timestamp] as const;
  });
  const times = new Map(blocks);
  return events.map((event) => {
    const timestamp = times.get(event.at.blockNumber);
    return timestamp === undefined ? event : { ...event, at: { ...event.at, timestamp } };
  });
}

/** A provider that answers with other logs than asked for, or shuffled or doubled ones, cannot be audited through. */
export function inOrder(logs: readonly RawLog[], { from, to }: Range, asked: (log: RawLog) => boolean): void {
  let last = -1n;
  for (const log of logs) {
    const block = BigInt(log.blockNumber);
    const place = block * 2n ** 32n + BigInt(log.logIndex);
    if (log.removed || block < from || block > to || place <= last || !asked(log)) {
      throw new AuditError(
        "unreliable-provider",
        `The RPC provider's logs of blocks ${from} to ${to} are not what was asked for, in order and once each: use another.`,
      );
    }
    last = place;
  }
}
