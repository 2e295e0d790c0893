import type { Address, Hex } from "viem";
import type { RawLog } from "../events.ts";
import type { Fact } from "../fact.ts";
import { decodeTransfer, type TokenFlow } from "../flows.ts";
import type { Payment } from "./ledger.ts";

/** A pool or a registry, and the one token that it holds money of. */
export type Holder = { address: Address; token: Address; of: "pool" | "registry" };

/**
 * Compares, transaction by transaction, what a holder's events claim with what its token logged: each transfer out is exactly
 * one of the claimed payouts, to its receiver and to the unit, and each account paid in at least what the events say.
 * Payments and transfers must be of the same whole blocks. Payouts of nothing are left out: not every token logs them.
 */
export function reconcileHolder(
  holder: Holder,
  flow: TokenFlow,
  payments: readonly Payment[],
  transfers: readonly RawLog[],
): void {
  const outgoing = new Map<string, Entry>();
  const incoming = new Map<string, Entry>();
  for (const { direction, account, amount, at } of payments) {
    if (amount === 0n) continue;
    const { transactionHash, blockNumber } = at;
    const of = { account, transactionHash, blockNumber };
    // Payouts are counted, each by its amount; what comes in is summed by its account.
    if (direction === "out") enter(outgoing, `${transactionHash}${account}:${amount}`, of, amount).claimed += 1n;
    else enter(incoming, `${transactionHash}${account}`, of, amount).claimed += amount;
  }
  for (const log of transfers) {
    const transfer = decodeTransfer(log);
    if (!transfer || transfer.amount === 0n) continue;
    const { from, to, amount, transactionHash, blockNumber } = transfer;
    if (from === holder.address) {
      flow.sent += amount;
      const of = { account: to, transactionHash, blockNumber };
      enter(outgoing, `${transactionHash}${to}:${amount}`, of, amount).moved += 1n;
    }
    if (to === holder.address) {
      flow.received += amount;
      if (from === holder.address) continue;
      const of = { account: from, transactionHash, blockNumber };
      enter(incoming, `${transactionHash}${from}`, of, amount).moved += amount;
    }
  }
  for (const entry of outgoing.values()) judgeOutgoing(holder, flow, entry);
  for (const entry of incoming.values()) judgeIncoming(holder, flow, entry);
}

type Entry = {
  account: Address;
  transactionHash: Hex;
  blockNumber: bigint;
  /** Of each of the payouts that an outgoing entry counts. */
  amount: bigint;
  claimed: bigint;
  moved: bigint;
};

function enter(
  entries: Map<string, Entry>,
  key: string,
  of: Pick<Entry, "account" | "transactionHash" | "blockNumber">,
  amount: bigint,
): Entry {
  const present = entries.get(key);
  if (present) return present;
  const entry = { ...of, amount, claimed: 0n, moved: 0n };
  entries.set(key, entry);
  return entry;
}

function judgeOutgoing(holder: Holder, flow: TokenFlow, entry: Entry): void {
  const { account, amount, claimed, moved } = entry;
  const found = { account, expected: claimed * amount, actual: moved * amount };
  if (moved < claimed) {
    const message = `${claimed} payouts of ${amount} to ${account} were recorded, and the token made ${moved}.`;
    note(holder, flow, entry, { code: "payout-mismatch", message, ...found });
  } else if (moved > claimed) {
    const message = `The token sent ${account} ${amount} ${moved} times, which events explain ${claimed} times.`;
    note(holder, flow, entry, { code: "unexplained-transfer", message, ...found });
  }
}

function judgeIncoming(holder: Holder, flow: TokenFlow, entry: Entry): void {
  const { account, claimed: expected, moved: actual } = entry;
  if (actual >= expected) {
    flow.donated += actual - expected;
    return;
  }
  const message = `Payments of ${expected} by ${account} were recorded and ${actual} arrived.`;
  note(holder, flow, entry, { code: "deposit-not-received", message, account, expected, actual });
}

function note(holder: Holder, flow: TokenFlow, { blockNumber, transactionHash }: Entry, fact: Fact): void {
  flow.broken += 1;
  if (flow.broken > 100) return;
  flow.facts.push({ ...fact, [holder.of]: holder.address, token: holder.token, blockNumber, transactionHash });
}
