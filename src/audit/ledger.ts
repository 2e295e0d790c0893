import type { Address, Hex } from "viem";
import type { Channel, Escrow } from "../protocol/channel.ts";
import type { Fact } from "./fact.ts";

/** A channel as its events tell it. Amounts are base units of its token. */
export type LedgerChannel = {
  readonly channel: Channel;
  deposit: bigint;
  settled: bigint;
  refunded: bigint;
  /** When the grace period of a pending close ends, Unix seconds; 0 while none is pending. */
  readyAt: bigint;
  finalized: boolean;
};

/** Everything that ever happened in one token, base units. */
export type LedgerToken = {
  channels: number;
  closed: number;
  /** Deposits that channels were opened with. */
  opened: bigint;
  toppedUp: bigint;
  /** Made over to payees, whether pushed or left as a credit. */
  settled: bigint;
  /** Made over to payers on closing, whether pushed or left as a credit. */
  refunded: bigint;
  /** Payouts that reverted and became credits. */
  credited: bigint;
  creditWithdrawn: bigint;
};

/** What waits for an account. `asPayee` is the part that it earned; the rest are refunds. Base units. */
export type LedgerCredit = { token: Address; account: Address; amount: bigint; asPayee: bigint };

export type LedgerPayee = { token: Address; payee: Address; channels: number; settled: bigint };

/** The books of an escrow, rebuilt from its events alone. Maps keep the order of first appearance. */
export type Ledger = {
  readonly rules: LedgerRules;
  readonly channels: Map<Hex, LedgerChannel>;
  readonly tokens: Map<Address, LedgerToken>;
  /** By `token:account`; an emptied credit stays, with 0. */
  readonly credits: Map<string, LedgerCredit>;
  /** By `token:payee`. */
  readonly payees: Map<string, LedgerPayee>;
  /** Events by name. */
  readonly counts: Map<string, number>;
  /** Closes before the end of grace whose consent a contract in between hides. */
  unprovenCloses: number;
  /** Broken rules, in the order found. None is left out: a hostile token must not crowd out what matters. */
  readonly facts: Fact[];
  /** What the verbs of the transaction being read still owe to whom: a credit can come from nothing else. */
  readonly owed: { transactionHash: Hex; readonly amounts: Map<string, { asPayee: bigint; asPayer: bigint }> };
};

export type LedgerRules = {
  readonly escrow: Escrow;
  /** Seconds. */
  readonly gracePeriod: bigint;
};

/** Empty books. */
export function createLedger(rules: LedgerRules): Ledger {
  return {
    rules,
    channels: new Map(),
    tokens: new Map(),
    credits: new Map(),
    payees: new Map(),
    counts: new Map(),
    unprovenCloses: 0,
    facts: [],
    owed: { transactionHash: "0x", amounts: new Map() },
  };
}

/** The totals of a token, made when first asked for. */
export function tokenOf(ledger: Ledger, token: Address): LedgerToken {
  return ensure(ledger.tokens, token, () => ({
    channels: 0,
    closed: 0,
    opened: 0n,
    toppedUp: 0n,
    settled: 0n,
    refunded: 0n,
    credited: 0n,
    creditWithdrawn: 0n,
  }));
}

/** The totals of a payee in a token, made when first asked for. */
export function payeeOf(ledger: Ledger, token: Address, payee: Address): LedgerPayee {
  return ensure(ledger.payees, `${token}:${payee}`, () => ({ token, payee, channels: 0, settled: 0n }));
}

/** What waits for an account in a token, made when first asked for. */
export function creditOf(ledger: Ledger, token: Address, account: Address): LedgerCredit {
  return ensure(ledger.credits, `${token}:${account}`, () => ({ token, account, amount: 0n, asPayee: 0n }));
}

/** What the transaction being read owes an account in a token. */
export function owedTo(ledger: Ledger, token: Address, account: Address): { asPayee: bigint; asPayer: bigint } {
  return ensure(ledger.owed.amounts, `${token}:${account}`, () => ({ asPayee: 0n, asPayer: 0n }));
}

function ensure<key, value>(map: Map<key, value>, key: key, make: () => value): value {
  const present = map.get(key);
  if (present !== undefined) return present;
  const made = make();
  map.set(key, made);
  return made;
}
