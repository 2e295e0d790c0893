import { type Address, type Hex, zeroAddress } from "viem";
import type { RawLog } from "./events.ts";
import type { Fact } from "./fact.ts";
import type { Movement } from "./replay.ts";

/** What a token's own `Transfer` logs say of the escrow, beside what the escrow's events claim. Base units. */
export type TokenFlow = {
  received: bigint;
  sent: bigint;
  /** Received beyond what events claim: gifts to the escrow. */
  donated: bigint;
  /** Where logs and claims differ; void for a token that logs no transfers at all. */
  readonly facts: Fact[];
  /** How many facts in all; a token can make any number of them up, so only the first 100 are kept. */
  broken: number;
};

/** `keccak256("Transfer(address,address,uint256)")`, ERC-20. */
export const transferTopic = "0xddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef";

/**
 * Compares, transaction by transaction, what events claim with what tokens logged: every receiver got exactly what the
 * events say, and at least the claimed deposits arrived. Movements and transfers must be of the same whole blocks.
 * The native coin has no logs and is left out.
 */
export function reconcile(
  flows: Map<Address, TokenFlow>,
  movements: readonly Movement[],
  transfers: readonly RawLog[],
  escrow: Address,
): void {
  const claims = new Map<string, Claim>();
  for (const { kind, token, account, amount, at } of movements) {
    if (token === zeroAddress) continue;
    const direction = kind === "deposit" ? "in" : "out";
    const { transactionHash, blockNumber } = at;
    enter(claims, { direction, token, account, transactionHash, blockNumber }).claimed += amount;
  }
  for (const log of transfers) {
    const transfer = decodeTransfer(log);
    if (!transfer || transfer.from === transfer.to) continue;
    const direction = transfer.from === escrow ? "out" : "in";
    const account = direction === "out" ? transfer.to : transfer.from;
    const { token, transactionHash, blockNumber, amount } = transfer;
    enter(claims, { direction, token, account, transactionHash, blockNumber }).moved += amount;
    const flow = flowOf(flows, token);
    if (direction === "out") flow.sent += amount;
    else flow.received += amount;
  }
  for (const claim of claims.values()) judge(flowOf(flows, claim.token), claim);
}

type Claim = {
  direction: "in" | "out";
  token: Address;
  /** The receiver of a payout; for what comes in it does not matter who sent it. */
  account: Address;
  transactionHash: Hex;
  blockNumber: bigint;
  claimed: bigint;
  moved: bigint;
};

function enter(claims: Map<string, Claim>, of: Omit<Claim, "claimed" | "moved">): Claim {
  const key = `${of.transactionHash}${of.token}${of.direction === "out" ? of.account : ""}`;
  const present = claims.get(key);
  if (present) return present;
  const claim = { ...of, claimed: 0n, moved: 0n };
  claims.set(key, claim);
  return claim;
}

function note(flow: TokenFlow, fact: Fact): void {
  flow.broken += 1;
  if (flow.broken <= 100) flow.facts.push(fact);
}

function judge(flow: TokenFlow, claim: Claim): void {
  const { direction, token, account, transactionHash, blockNumber, claimed: expected, moved: actual } = claim;
  if (direction === "in" && actual >= expected) {
    flow.donated += actual - expected;
    return;
  }
  if (actual === expected) return;
  const found = { token, account, expected, actual, blockNumber, transactionHash };
  if (direction === "in") {
    const message = `Deposits of ${expected} were recorded and ${actual} arrived.`;
    note(flow, { code: "deposit-not-received", message, ...found });
  } else {
    const message = `The events of the transaction owe ${account} ${expected}, the token sent it ${actual}.`;
    note(flow, { code: "payout-mismatch", message, ...found });
  }
}

/** A token of which nothing was read yet. */
export function createFlow(): TokenFlow {
  return { received: 0n, sent: 0n, donated: 0n, facts: [], broken: 0 };
}

/** Some tokens log no transfers; then their balance alone can tell. */
export function logsTransfers(flow: TokenFlow): boolean {
  return flow.received > 0n || flow.sent > 0n;
}

function flowOf(flows: Map<Address, TokenFlow>, token: Address): TokenFlow {
  const present = flows.get(token);
  if (present) return present;
  const flow = createFlow();
  flows.set(token, flow);
  return flow;
}

/** Undefined for a `Transfer` that is not an ERC-20's: an NFT's has its number as a third topic and no data. */
export function decodeTransfer(log: RawLog) {
  const [, from, to] = log.topics;
  if (log.topics.length !== 3 || log.data.length !== 66 || !from || !to) return undefined;
  return {
    token: log.address.toLowerCase() as Address,
    from: `0x${from.slice(26).toLowerCase()}` as Address,
    to: `0x${to.slice(26).toLowerCase()}` as Address,
    amount: BigInt(log.data),
    transactionHash: log.transactionHash,
    blockNumber: BigInt(log.blockNumber),
  };
}
