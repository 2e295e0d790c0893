import type { Address } from "viem";
import { FarthingError } from "../protocol/errors.ts";
import type { PayerRecord, PayerStore } from "../store/payerStore.ts";

/**
 * Hard caps on what a payer signs, whatever a server asks. Amounts are base units, counted for each token on its own.
 * Counted over the payer's store: payers in separate processes share a cap only as far as they share a store.
 */
export type Policy = {
  /** Most for one payment. */
  perRequest?: bigint;
  /** Most for one UTC day of the payer's clock, over all channels. */
  perDay?: bigint;
  /** Most for one payee ever, over all channels. */
  perPayee?: bigint;
  /** The only tokens that are paid in; any, unless told. */
  tokens?: readonly Address[];
};

/** The UTC day of a time in Unix milliseconds, as `2026-11-05`. */
export function dayOf(time: number): string {
  return new Date(time).toISOString().slice(0, 10);
}

/** @throws {@link BudgetExceededError} when paying `amount` more on `record`'s channel breaks a cap. */
export async function checkBudget(
  policy: Policy,
  store: PayerStore,
  record: PayerRecord,
  amount: bigint,
  now: number,
): Promise<void> {
  checkToken(policy, record.channel.token);
  const { perRequest, perDay, perPayee } = policy;
  if (perRequest !== undefined && amount > perRequest) {
    throw new BudgetExceededError("perRequest", perRequest, 0n, amount);
  }
  if (perDay === undefined && perPayee === undefined) return;
  const records = await store.list({ token: record.channel.token });
  if (perDay !== undefined) {
    const day = dayOf(now);
    const spent = sum(records, ({ spentToday }) => (spentToday.day === day ? spentToday.amount : 0n));
    if (spent + amount > perDay) throw new BudgetExceededError("perDay", perDay, spent, amount);
  }
  if (perPayee !== undefined) {
    const { payee } = record.channel;
    const spent = sum(records, ({ channel, authorized }) => (channel.payee === payee ? authorized : 0n));
    if (spent + amount > perPayee) throw new BudgetExceededError("perPayee", perPayee, spent, amount);
  }
}

/** @throws {@link TokenNotAllowedError} for a token outside the policy. */
export function checkToken(policy: Policy, token: Address): void {
  const allowed = policy.tokens;
  if (allowed && !allowed.some((one) => one.toLowerCase() === token.toLowerCase())) {
    throw new TokenNotAllowedError(token);
  }
}

function sum(records: readonly PayerRecord[], amountOf: (record: PayerRecord) => bigint): bigint {
  return records.reduce((total, record) => total + amountOf(record), 0n);
}

/** A payment would break one of the payer's own caps. Nothing was signed. */
export class BudgetExceededError extends FarthingError {
  override readonly name = "BudgetExceededError";
  /** Which cap: `perRequest`, `perDay`, `perPayee` or a caller's own `budget`. */
  readonly limit: string;
  /** The cap, base units. */
  readonly cap: bigint;
  /** What counts against it already, base units. */
  readonly spent: bigint;
  /** What was asked for, base units. */
  readonly amount: bigint;

  constructor(limit: string, cap: bigint, spent: bigint, amount: bigint) {
    super(
      "budget-exceeded",
      `Paying ${amount} would break the ${limit} cap of ${cap} base units, of which ${spent} are spent. ` +
        "Nothing was signed; raise the cap if you mean to pay.",
    );
    this.limit = limit;
    this.cap = cap;
    this.spent = spent;
    this.amount = amount;
  }
}

/** The payer's policy does not list this token. */
export class TokenNotAllowedError extends FarthingError {
  override readonly name = "TokenNotAllowedError";
  constructor(token: Address) {
    super("token-not-allowed", `The policy does not allow paying in ${token}; add it to \`tokens\` if you mean to.`);
  }
}
