import type { Address, Client } from "viem";
import { readContract } from "viem/actions";
import { donationPoolAbi } from "../../abi/donationPool.ts";
import { donationPoolFactoryAbi } from "../../abi/donationPoolFactory.ts";
import { projectRegistryAbi } from "../../abi/projectRegistry.ts";
import type { RoundTerms } from "../../chain/pool/reads.ts";
import { AuditError } from "../errors.ts";
import type { Fact } from "../fact.ts";
import { findDeployment, hasCode } from "../findDeployment.ts";
import { concurrently, getLogs, unlessRefused } from "../provider.ts";
import { inOrder } from "../readPiece.ts";
import { readRanges } from "../readRanges.ts";
import type { RegistryRules } from "../registry/ledger.ts";
import { decodeFactoryLog, type FactoryEvent } from "./events.ts";
import type { RoundRules } from "./ledger.ts";

/** The rounds of an audit, and the registries that they rest on. */
export type Scope = {
  rounds: RoundRules[];
  registries: RegistryRules[];
  /** First block whose events matter to them. */
  fromBlock: bigint;
  facts: Fact[];
  doubts: string[];
};

export type Asked = {
  /** Audit every round that this factory made. */
  factory?: Address | undefined;
  /** Audit these rounds; with a factory, these alone of its rounds. */
  pools?: readonly Address[] | undefined;
  /** First block to read, where the caller insists. */
  fromBlock?: bigint | undefined;
};

type Subject = { escrow: Address; fromBlock: bigint; toBlock: bigint };

/**
 * Finds what there is to audit beside the escrow: the factory's rounds from its events, or the rounds given, with their terms
 * and registries.
 * @throws {@link AuditError} for a factory or a pool that is none, or of another escrow.
 */
export async function findRounds(client: Client, asked: Asked, subject: Subject): Promise<Scope> {
  const scope: Scope = { rounds: [], registries: [], fromBlock: subject.fromBlock, facts: [], doubts: [] };
  const given = asked.pools?.map(lower);
  const created = asked.factory && (await readFactory(client, lower(asked.factory), subject));
  const pools = [...new Set(given ?? created?.keys() ?? [])];
  await concurrently(pools, async (pool) => {
    const rules = await readRules(client, pool, subject);
    if (created) compare(scope, rules, created.get(pool));
    scope.rounds.push(rules);
  });
  scope.rounds.sort((a, b) => pools.indexOf(a.pool) - pools.indexOf(b.pool));
  for (const registry of new Set(scope.rounds.map(({ terms }) => terms.registry))) {
    const rules = await readRegistry(client, registry, subject.toBlock);
    if (!rules) {
      scope.doubts.push(
        `Registry ${registry} is of another kind: what it accepted, and where it pays, was not checked.`,
      );
      continue;
    }
    scope.registries.push(rules);
    const first = await firstBlock(client, registry, asked.fromBlock, subject.toBlock);
    if (first < scope.fromBlock) scope.fromBlock = first;
  }
  return scope;
}

type Created = Extract<FactoryEvent, { name: "RoundCreated" }>;

async function readFactory(client: Client, factory: Address, subject: Subject): Promise<Map<Address, Created>> {
  const { escrow, fromBlock: from, toBlock: to } = subject;
  const contract = { address: factory, abi: donationPoolFactoryAbi, blockNumber: to } as const;
  const channels = await unlessRefused(readContract(client, { ...contract, functionName: "channels" }));
  if (channels?.toLowerCase() !== escrow) {
    throw new AuditError("not-a-factory", `There is no factory of rounds of escrow ${escrow} at ${factory}.`);
  }
  const created = new Map<Address, Created>();
  const pieces = readRanges(
    { from, to },
    async (range) => {
      const logs = await getLogs(client, { address: factory }, range.from, range.to);
      inOrder(logs, range, (log) => log.address.toLowerCase() === factory);
      return logs;
    },
    (logs) => logs.length,
  );
  for await (const { piece } of pieces) {
    for (const event of piece.map(decodeFactoryLog)) {
      if (event.name === "RoundCreated") created.set(event.args.pool, event);
    }
  }
  return created;
}

async function readRules(client: Client, pool: Address, { escrow, toBlock }: Subject): Promise<RoundRules> {
  const contract = { address: pool, abi: donationPoolAbi, blockNumber: toBlock } as const;
  const [channels, roundId, terms] = await Promise.all([
    unlessRefused(readContract(client, { ...contract, functionName: "channels" })),
    unlessRefused(readContract(client, { ...contract, functionName: "roundId" })),
    unlessRefused(readContract(client, { ...contract, functionName: "terms" })),
  ]);
  if (!roundId || !terms || channels?.toLowerCase() !== escrow) {
    throw new AuditError(
      "not-a-round",
      `There is no round of escrow ${escrow} at ${pool}: check the address and the block.`,
    );
  }
  return { pool, roundId, terms: lowerTerms(terms) };
}

/** A factory's round is what the factory's event says, and nobody else's pool passes for one. */
function compare(scope: Scope, { pool, roundId, terms }: RoundRules, event: Created | undefined): void {
  const said = event && lowerTerms(event.args.terms);
  const same = said && Object.entries(terms).every(([name, value]) => said[name as keyof RoundTerms] === value);
  if (same && event.args.roundId === roundId) return;
  const message = event
    ? "Its id or terms are not those that the factory's event announced."
    : "The factory did not make this round: its code was not checked.";
  scope.facts.push({ code: "foreign-round", message: `Round ${pool}: ${message}`, pool, token: terms.token });
}

async function readRegistry(
  client: Client,
  registry: Address,
  blockNumber: bigint,
): Promise<RegistryRules | undefined> {
  const contract = { address: registry, abi: projectRegistryAbi, blockNumber } as const;
  const [depositToken, applicationDeposit, challengeWindow, decisionWindow, payoutDelay] = await Promise.all([
    unlessRefused(readContract(client, { ...contract, functionName: "depositToken" })),
    unlessRefused(readContract(client, { ...contract, functionName: "applicationDeposit" })),
    unlessRefused(readContract(client, { ...contract, functionName: "challengeWindow" })),
    unlessRefused(readContract(client, { ...contract, functionName: "decisionWindow" })),
    unlessRefused(readContract(client, { ...contract, functionName: "payoutDelay" })),
  ]);
  if (depositToken === undefined || applicationDeposit === undefined) return undefined;
  if (challengeWindow === undefined || decisionWindow === undefined || payoutDelay === undefined) return undefined;
  return {
    registry,
    depositToken: lower(depositToken),
    applicationDeposit,
    challengeWindow,
    decisionWindow,
    payoutDelay,
  };
}

/** A registry may be older than the escrow. */
async function firstBlock(client: Client, registry: Address, given: bigint | undefined, to: bigint): Promise<bigint> {
  if (given === undefined) return findDeployment(client, registry, to);
  if (given > 0n && (await hasCode(client, registry, given - 1n))) {
    throw new AuditError(
      "late-start",
      `Registry ${registry} was there before block ${given}: start at its deployment, or leave the first block out to have it found.`,
    );
  }
  return given;
}

function lowerTerms(terms: RoundTerms): RoundTerms {
  const { token, registry, gate, closer } = terms;
  return { ...terms, token: lower(token), registry: lower(registry), gate: lower(gate), closer: lower(closer) };
}

function lower(address: Address): Address {
  return address.toLowerCase() as Address;
}
