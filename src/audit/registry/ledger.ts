import type { Address, Hex } from "viem";
import type { ProjectStatus, RegistryTerms } from "../../chain/registry/reads.ts";
import type { Fact, FactCode } from "../fact.ts";
import type { RegistryEvent } from "../round/events.ts";

/** What a registry is; addresses are lower case. */
export type RegistryRules = RegistryTerms & { registry: Address };

/** A project as its events tell it. Times in Unix seconds, 0 for never. */
export type LedgerProject = {
  manager: Address;
  pendingManager: Address;
  challenger: Address;
  status: ProjectStatus;
  submittedAt: bigint;
  challengedAt: bigint;
  payout: Address;
  pendingPayout: Address;
  payoutChangesAt: bigint;
  metadataHash: Hex;
  /** What decision or silence freed, by account, and what events have said of it; base units. */
  due: Map<Address, bigint>;
  released: Map<Address, bigint>;
};

/** The books of a registry, rebuilt from its events alone. Amounts are base units of the deposits' token. */
export type RegistryLedger = {
  readonly rules: RegistryRules;
  stewards: Address;
  /** By id. */
  readonly projects: Map<bigint, LedgerProject>;
  /** What accounts can withdraw; an emptied one stays, with 0. */
  readonly owed: Map<Address, bigint>;
  /** Paid in by applicants and challengers. */
  deposited: bigint;
  withdrawn: bigint;
  readonly counts: Map<string, number>;
  readonly facts: Fact[];
};

/** Empty books. */
export function createRegistryLedger(rules: RegistryRules): RegistryLedger {
  return {
    rules,
    stewards: "0x",
    projects: new Map(),
    owed: new Map(),
    deposited: 0n,
    withdrawn: 0n,
    counts: new Map(),
    facts: [],
  };
}

/** Where a project's money goes at that time; undefined for one that never applied. */
export function payoutAt(registry: RegistryLedger, projectId: bigint, timestamp: bigint): Address | undefined {
  const project = registry.projects.get(projectId);
  if (!project) return undefined;
  const { payout, pendingPayout, payoutChangesAt } = project;
  return payoutChangesAt !== 0n && timestamp >= payoutChangesAt ? pendingPayout : payout;
}

/** Deposits of applications that are still open, base units. */
export function lockedDeposits({ projects, rules }: RegistryLedger): bigint {
  const stakes = { submitted: 1n, challenged: 2n } as Record<ProjectStatus, bigint | undefined>;
  return [...projects.values()].reduce(
    (sum, { status }) => sum + (stakes[status] ?? 0n) * rules.applicationDeposit,
    0n,
  );
}

/** Notes a broken rule where an event shows it. */
export function brokenRegistry(
  { rules, facts }: RegistryLedger,
  event: RegistryEvent,
  code: FactCode,
  message: string,
  found: Partial<Fact> = {},
): void {
  const { blockNumber, transactionHash } = event.at;
  const project = "projectId" in event.args ? { projectId: event.args.projectId } : {};
  const where = { registry: rules.registry, token: rules.depositToken, blockNumber, transactionHash };
  facts.push({ code, message: `${event.name}: ${message}`, ...where, ...project, ...found });
}
