import type { Address, Hex } from "viem";
import type { RoundStatus, RoundTerms } from "../../chain/pool/reads.ts";
import type { Gift } from "../../protocol/allocation.ts";
import type { DonorEntry } from "../../protocol/quadratic/entry.ts";
import type { ProjectTally } from "../../protocol/quadratic/tally.ts";
import type { Fact, FactCode } from "../fact.ts";
import type { Ledger } from "../ledger.ts";
import type { RegistryLedger } from "../registry/ledger.ts";
import type { PoolEvent } from "./events.ts";

/** What a round is; its terms' addresses are lower case. */
export type RoundRules = { pool: Address; roundId: Hex; terms: RoundTerms };

/** What stands of a channel or of a donation: the gifts attributed and, under project 0, what was refunded. */
export type RoundLine = { of: "channel" | "donation"; donor: Address; gifts: readonly Gift[] };

export type RoundProject = { gifts: bigint; paid: bigint; tally: ProjectTally; disqualified: boolean };

/** The key under which a donor counts, `keyId` as the pool stores it, and its weight. */
export type Standing = { key: Hex; keyId: Hex; weightBps: number };

export type RoundReceipt = { sponsor: Address; refunded: boolean; prefix: bigint; deposit: bigint };

/** The books of a round, rebuilt from events alone. Amounts are base units of the round's token. */
export type RoundLedger = {
  readonly rules: RoundRules;
  status: RoundStatus;
  pot: bigint;
  /** By id, in the order of admission. */
  readonly projects: Map<bigint, RoundProject>;
  /** By channel id or donation id. */
  readonly lines: Map<Hex, RoundLine>;
  /** What the newest collection of a line left out of it, by `line:project`. */
  readonly skipped: Map<string, bigint>;
  readonly standings: Map<Address, Standing>;
  /** By `keyId:project`. */
  readonly voices: Map<string, DonorEntry>;
  readonly receipts: RoundReceipt[];
  settlement: { numerator: bigint; denominator: bigint; unused: bigint };
  /** Given at once. */
  donated: bigint;
  /** Paid out to projects, donors and sponsors. */
  claimed: bigint;
  refunded: bigint;
  sponsorRefunded: bigint;
  readonly counts: Map<string, number>;
  readonly facts: Fact[];
};

/** All that is replayed together: rounds rest on the escrow's channels and on what the registry accepts. */
export type Books = {
  readonly ledger: Ledger;
  readonly rounds: Map<Address, RoundLedger>;
  readonly registries: Map<Address, RegistryLedger>;
};

/** Money that an event of a pool or of a registry claims to have moved in from an account or out to it. */
export type Payment = { direction: "in" | "out"; account: Address; amount: bigint; at: PoolEvent["at"] };

/** Empty books. */
export function createRoundLedger(rules: RoundRules): RoundLedger {
  return {
    rules,
    status: "running",
    pot: 0n,
    projects: new Map(),
    lines: new Map(),
    skipped: new Map(),
    standings: new Map(),
    voices: new Map(),
    receipts: [],
    settlement: { numerator: 0n, denominator: 0n, unused: 0n },
    donated: 0n,
    claimed: 0n,
    refunded: 0n,
    sponsorRefunded: 0n,
    counts: new Map(),
    facts: [],
  };
}

/** The sum of a list, base units. */
export function sumOf(gifts: readonly Gift[]): bigint {
  return gifts.reduce((sum, { cumulativeAmount }) => sum + cumulativeAmount, 0n);
}

/** Notes a broken rule where an event shows it. */
export function broken(
  round: RoundLedger,
  event: PoolEvent,
  code: FactCode,
  message: string,
  found: Partial<Fact> = {},
) {
  const { pool, terms } = round.rules;
  const { blockNumber, transactionHash } = event.at;
  const at = { pool, token: terms.token, blockNumber, transactionHash };
  round.facts.push({ code, message: `${event.name}: ${message}`, ...at, ...found });
}
