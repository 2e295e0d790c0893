import { size } from "viem";
import type { Transaction } from "./provider.ts";
import type { Costs } from "./report.ts";

/** The parts of {@link Costs} while they are being summed. */
export type Tally = {
  -readonly [key in keyof Costs]: key extends "settling"
    ? { -readonly [inner in keyof Costs["settling"]]: Costs["settling"][inner] }
    : Costs[key];
};

/** Bytes that a signed EIP-1559 transaction has around its calldata, about. */
const envelope = 110;

export function createTally(): Tally {
  const settling = { transactions: 0, settlements: 0, gasUsed: 0n, fee: 0n, bytes: 0n };
  return { transactions: 0, gasUsed: 0n, fee: 0n, l1Fee: 0n, bytes: 0n, settling };
}

/** Adds one transaction, and the number of payments to a payee that it made. */
export function addTransaction(tally: Tally, transaction: Transaction, settlements: number): void {
  const { gasUsed, fee, l1Fee, input } = transaction;
  const bytes = BigInt(size(input) + envelope);
  tally.transactions += 1;
  tally.gasUsed += gasUsed;
  tally.fee += fee;
  tally.l1Fee += l1Fee;
  tally.bytes += bytes;
  if (settlements === 0) return;
  tally.settling.transactions += 1;
  tally.settling.settlements += settlements;
  tally.settling.gasUsed += gasUsed;
  tally.settling.fee += fee;
  tally.settling.bytes += bytes;
}
