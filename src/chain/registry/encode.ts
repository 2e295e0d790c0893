import { type Address, encodeFunctionData, type Hex } from "viem";
import { projectRegistryAbi as abi } from "../../abi/projectRegistry.ts";
import type { Call } from "../write.ts";

type At = { /** The registry. */ address: Address };

export type SubmitParameters = {
  /** Where the project's money is to go. */
  payout: Address;
  /** Hash of its published description. */
  metadataHash: Hex;
};

/** `reasonHash` is that of a published reason. */
export type ReasonedParameters = { projectId: bigint; reasonHash: Hex };

export function encodeSubmitProject({ address, payout, metadataHash }: At & SubmitParameters): Call {
  return call(address, encodeFunctionData({ abi, functionName: "submit", args: [payout, metadataHash] }));
}

export function encodeChallengeProject({ address, projectId, reasonHash }: At & ReasonedParameters): Call {
  return call(address, encodeFunctionData({ abi, functionName: "challenge", args: [projectId, reasonHash] }));
}

export function encodeAcceptProject({ address, projectId }: At & { projectId: bigint }): Call {
  return call(address, encodeFunctionData({ abi, functionName: "accept", args: [projectId] }));
}

export function encodeWithdrawDeposit({ address, owner }: At & { owner: Address }): Call {
  return call(address, encodeFunctionData({ abi, functionName: "withdrawDeposit", args: [owner] }));
}

/** For the stewards: a timelock schedules and executes it. */
export function encodeDecideProject(parameters: At & ReasonedParameters & { accepted: boolean }): Call {
  const { address, projectId, accepted, reasonHash } = parameters;
  return call(address, encodeFunctionData({ abi, functionName: "decide", args: [projectId, accepted, reasonHash] }));
}

/** For the stewards: a timelock schedules and executes it. */
export function encodeSuspendProject({ address, projectId, reasonHash }: At & ReasonedParameters): Call {
  return call(address, encodeFunctionData({ abi, functionName: "suspend", args: [projectId, reasonHash] }));
}

/** For the stewards: a timelock schedules and executes it. */
export function encodeReinstateProject({ address, projectId, reasonHash }: At & ReasonedParameters): Call {
  return call(address, encodeFunctionData({ abi, functionName: "reinstate", args: [projectId, reasonHash] }));
}

/** For the stewards: a timelock schedules and executes it. */
export function encodeReplaceStewards(parameters: At & { newStewards: Address; reasonHash: Hex }): Call {
  const { address, newStewards, reasonHash } = parameters;
  return call(address, encodeFunctionData({ abi, functionName: "replaceStewards", args: [newStewards, reasonHash] }));
}

export function encodeChangePayout(parameters: At & { projectId: bigint; newPayout: Address }): Call {
  const { address, projectId, newPayout } = parameters;
  return call(address, encodeFunctionData({ abi, functionName: "changePayout", args: [projectId, newPayout] }));
}

export function encodeTransferManager(parameters: At & { projectId: bigint; newManager: Address }): Call {
  const { address, projectId, newManager } = parameters;
  return call(address, encodeFunctionData({ abi, functionName: "transferManager", args: [projectId, newManager] }));
}

export function encodeAcceptManager({ address, projectId }: At & { projectId: bigint }): Call {
  return call(address, encodeFunctionData({ abi, functionName: "acceptManager", args: [projectId] }));
}

export function encodeChangeMetadata(parameters: At & { projectId: bigint; metadataHash: Hex }): Call {
  const { address, projectId, metadataHash } = parameters;
  return call(address, encodeFunctionData({ abi, functionName: "changeMetadata", args: [projectId, metadataHash] }));
}

export function encodeCloseProject({ address, projectId }: At & { projectId: bigint }): Call {
  return call(address, encodeFunctionData({ abi, functionName: "close", args: [projectId] }));
}

function call(to: Address, data: Hex): Call {
  return { to, data, value: 0n };
}
