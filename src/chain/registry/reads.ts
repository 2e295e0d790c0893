import type { Address, Client, Hex } from "viem";
import { readContract } from "viem/actions";
import { projectRegistryAbi as abi } from "../../abi/projectRegistry.ts";
import { type At, at, read } from "../read.ts";
import { decodeRegistryError } from "./decodeError.ts";

/** Where a project stands. */
export type ProjectStatus = "none" | "submitted" | "challenged" | "accepted" | "suspended" | "rejected" | "closed";

/** The contract's numbers of them. */
export const projectStatuses: readonly ProjectStatus[] = [
  "none",
  "submitted",
  "challenged",
  "accepted",
  "suspended",
  "rejected",
  "closed",
];

/** What the registry holds of a project. Times in Unix seconds, 0 for never; addresses zero for nobody. */
export type RegisteredProject = {
  manager: Address;
  submittedAt: number;
  challengedAt: number;
  status: ProjectStatus;
  payout: Address;
  payoutChangesAt: number;
  pendingPayout: Address;
  pendingManager: Address;
  challenger: Address;
  metadataHash: Hex;
};

/** What a registry asks of projects; it never changes. Durations in seconds. */
export type RegistryTerms = {
  depositToken: Address;
  /** What an application costs, and a challenge, base units. */
  applicationDeposit: bigint;
  challengeWindow: bigint;
  decisionWindow: bigint;
  payoutDelay: bigint;
};

/** What a registry asks of projects. */
export async function getRegistryTerms(client: Client, parameters: At): Promise<RegistryTerms> {
  const contract = { abi, ...at(parameters) };
  const [depositToken, applicationDeposit, challengeWindow, decisionWindow, payoutDelay] = await reading(() =>
    Promise.all([
      readContract(client, { ...contract, functionName: "depositToken" }),
      readContract(client, { ...contract, functionName: "applicationDeposit" }),
      readContract(client, { ...contract, functionName: "challengeWindow" }),
      readContract(client, { ...contract, functionName: "decisionWindow" }),
      readContract(client, { ...contract, functionName: "payoutDelay" }),
    ]),
  );
  return { depositToken, applicationDeposit, challengeWindow, decisionWindow, payoutDelay };
}

/** A project as it is in that block. */
export async function getProject(client: Client, parameters: At & { projectId: bigint }): Promise<RegisteredProject> {
  const args = [parameters.projectId] as const;
  const project = await reading(() =>
    readContract(client, { abi, functionName: "getProject", args, ...at(parameters) }),
  );
  return { ...project, status: projectStatuses[project.status] as ProjectStatus };
}

/** How many projects ever applied; their ids are 1 to this number. */
export function getProjectCount(client: Client, parameters: At): Promise<bigint> {
  return reading(() => readContract(client, { abi, functionName: "projectCount", ...at(parameters) }));
}

/** Which of the projects `256 * wordIndex` to `256 * wordIndex + 255` take gifts: one bit each. */
export function getAcceptedBits(client: Client, parameters: At & { wordIndex: bigint }): Promise<bigint> {
  const args = [parameters.wordIndex] as const;
  return reading(() => readContract(client, { abi, functionName: "acceptedBits", args, ...at(parameters) }));
}

/** Where a project's money goes in that block. */
export function getPayout(client: Client, parameters: At & { projectId: bigint }): Promise<Address> {
  const args = [parameters.projectId] as const;
  return reading(() => readContract(client, { abi, functionName: "payoutOf", args, ...at(parameters) }));
}

/** The timelock that decides. */
export function getStewards(client: Client, parameters: At): Promise<Address> {
  return reading(() => readContract(client, { abi, functionName: "stewards", ...at(parameters) }));
}

/** What an account can withdraw, base units of the deposit's token. */
export function getOwedDeposit(client: Client, parameters: At & { owner: Address }): Promise<bigint> {
  const args = [parameters.owner] as const;
  return reading(() => readContract(client, { abi, functionName: "owedTo", args, ...at(parameters) }));
}

function reading<T>(call: () => Promise<T>): Promise<T> {
  return read("reading the registry", call, decodeRegistryError);
}
