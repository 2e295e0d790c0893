import type { Address, Client, Hex } from "viem";
import { readContract } from "viem/actions";
import { donationPoolAbi as abi } from "../../abi/donationPool.ts";
import type { Gift } from "../../protocol/allocation.ts";
import { type CappedPair, findCapped } from "../../protocol/quadratic/settlement.ts";
import { type At, at, read } from "../read.ts";
import { decodePoolError } from "./decodeError.ts";

/** A round's immutable terms: times in Unix seconds, amounts in base units. */
export type RoundTerms = {
  token: Address;
  registry: Address;
  /** Who counts for matching; zero without matching. */
  gate: Address;
  /** May consent to early closes; zero for nobody. */
  closer: Address;
  start: bigint;
  end: bigint;
  challengeEnd: bigint;
  settleBy: bigint;
  matching: boolean;
  acceptsSybil: boolean;
  /** The most that one project is matched. */
  cap: bigint;
  minCounted: bigint;
  maxCounted: bigint;
};

/** What a pool stores of a project. Amounts in base units. */
export type ProjectState = {
  gifts: bigint;
  paid: bigint;
  /** `S`. */
  rootSum: bigint;
  /** `R`. */
  subsidy: bigint;
  /** Keys with a root above 0. */
  donors: number;
  admitted: boolean;
  disqualified: boolean;
};

/** A sponsor's payment into the pot, base units. */
export type SponsorReceiptState = { sponsor: Address; refunded: boolean; prefix: bigint; deposit: bigint };

/** What settlement wrote: `lambda = numerator / denominator`, and base units that no project draws. */
export type SettlementState = { numerator: bigint; denominator: bigint; unused: bigint };

/** Where a round stands. */
export type RoundStatus = "running" | "refunding" | "settled";

/** The contract's numbers of them. */
export const roundStatuses: readonly RoundStatus[] = ["running", "refunding", "settled"];

/** A round's terms. */
export function getRoundTerms(client: Client, parameters: At): Promise<RoundTerms> {
  return reading(() => readContract(client, { abi, functionName: "terms", ...at(parameters) }));
}

/** The round's name: the hash of its creator and salt. */
export function getRoundId(client: Client, parameters: At): Promise<Hex> {
  return reading(() => readContract(client, { abi, functionName: "roundId", ...at(parameters) }));
}

/** The escrow whose channels the pool collects. */
export function getRoundEscrow(client: Client, parameters: At): Promise<Address> {
  return reading(() => readContract(client, { abi, functionName: "channels", ...at(parameters) }));
}

/** Where a round stands. */
export async function getRoundStatus(client: Client, parameters: At): Promise<RoundStatus> {
  const status = await reading(() => readContract(client, { abi, functionName: "status", ...at(parameters) }));
  return roundStatuses[status] as RoundStatus;
}

/** What sponsors paid in, base units. */
export function getPot(client: Client, parameters: At): Promise<bigint> {
  return reading(() => readContract(client, { abi, functionName: "pot", ...at(parameters) }));
}

/** Ids of the round's projects, in the order of their admission. */
export function getRoundProjects(client: Client, parameters: At): Promise<readonly bigint[]> {
  return reading(() => readContract(client, { abi, functionName: "projects", ...at(parameters) }));
}

/** What a pool stores of a project. */
export function getProjectState(client: Client, parameters: At & { projectId: bigint }): Promise<ProjectState> {
  const args = [parameters.projectId] as const;
  return reading(() => readContract(client, { abi, functionName: "getProject", args, ...at(parameters) }));
}

/** A project's match, base units; 0 before settlement. */
export function getMatch(client: Client, parameters: At & { projectId: bigint }): Promise<bigint> {
  const args = [parameters.projectId] as const;
  return reading(() => readContract(client, { abi, functionName: "matchOf", args, ...at(parameters) }));
}

/** Hash of the gifts that stand on a channel's or a donation's line. */
export function getGiftsHash(client: Client, parameters: At & { lineId: Hex }): Promise<Hex> {
  const args = [parameters.lineId] as const;
  return reading(() => readContract(client, { abi, functionName: "giftsHash", args, ...at(parameters) }));
}

/** The name under which a donor counts, 30 bytes, and its weight in basis points; zeros before its first counted gift. */
export async function getStanding(client: Client, parameters: At & { donor: Address }) {
  const args = [parameters.donor] as const;
  const [keyId, weightBps] = await reading(() =>
    readContract(client, { abi, functionName: "standingOf", args, ...at(parameters) }),
  );
  return { keyId, weightBps };
}

/** What a key has given to a project as far as it counts: `weighted` in base units times 10,000, and its root. */
export async function getVoice(client: Client, parameters: At & { keyId: Hex; projectId: bigint }) {
  const args = [parameters.keyId, parameters.projectId] as const;
  const [weighted, root] = await reading(() =>
    readContract(client, { abi, functionName: "voiceOf", args, ...at(parameters) }),
  );
  return { weighted, root };
}

/** A sponsor's payment. */
export function getReceipt(client: Client, parameters: At & { index: bigint }): Promise<SponsorReceiptState> {
  const args = [parameters.index] as const;
  return reading(() => readContract(client, { abi, functionName: "getReceipt", args, ...at(parameters) }));
}

/** How many payments the pot had. */
export function getReceiptCount(client: Client, parameters: At): Promise<bigint> {
  return reading(() => readContract(client, { abi, functionName: "receiptCount", ...at(parameters) }));
}

/** What settlement wrote; zeros before. */
export function getSettlement(client: Client, parameters: At): Promise<SettlementState> {
  return reading(() => readContract(client, { abi, functionName: "settlement", ...at(parameters) }));
}

/** The digest that a donor signs for an allocation, as the pool computes it. */
export function poolAllocationDigest(
  client: Client,
  parameters: At & { channelId: Hex; gateDataHash: Hex; gifts: readonly Gift[] },
): Promise<Hex> {
  const { channelId, gateDataHash, gifts } = parameters;
  const args = [channelId, gateDataHash, gifts] as const;
  return reading(() => readContract(client, { abi, functionName: "allocationDigest", args, ...at(parameters) }));
}

/** The one pair that `settleRound` takes now, found from the state of the round's projects. */
export async function findPair(client: Client, parameters: At): Promise<CappedPair> {
  const [ids, { cap }, pot] = await Promise.all([
    getRoundProjects(client, parameters),
    getRoundTerms(client, parameters),
    getPot(client, parameters),
  ]);
  const states = await Promise.all(ids.map((projectId) => getProjectState(client, { ...parameters, projectId })));
  const standing = states.flatMap((state, index): [bigint, bigint][] =>
    state.disqualified ? [] : [[ids[index] as bigint, state.subsidy]],
  );
  return findCapped(new Map(standing), { pot, cap });
}

function reading<T>(call: () => Promise<T>): Promise<T> {
  return read("reading a round", call, decodePoolError);
}
