import { type Address, type Client, encodeFunctionData, type Hex, type Log, parseEventLogs } from "viem";
import { readContract, simulateContract } from "viem/actions";
import { donationPoolFactoryAbi as abi } from "../../abi/donationPoolFactory.ts";
import { decodePoolError } from "../pool/decodeError.ts";
import type { RoundTerms } from "../pool/reads.ts";
import { type At, at, read } from "../read.ts";
import { type Call, type Write, write } from "../write.ts";

export type CreateRoundParameters = {
  terms: RoundTerms;
  /** The projects that take part from the start. */
  projectIds: readonly bigint[];
  /** Any value of the creator's, 32 bytes. */
  salt: Hex;
};

export function encodeCreateRound(parameters: { address: Address } & CreateRoundParameters): Call {
  const { address, terms, projectIds, salt } = parameters;
  const data = encodeFunctionData({ abi, functionName: "createRound", args: [terms, projectIds, salt] });
  return { to: address, data, value: 0n };
}

/** Makes a round at the address of {@link previewRound}; the sender is its creator. */
export const createRound: Write<CreateRoundParameters> = (client, parameters) =>
  write(client, parameters, encodeCreateRound(parameters), "creating a round", decodePoolError);

/**
 * The address that a round will have, told by making it in a simulation.
 * @throws {@link PoolRevertError} for terms that no round can have, and for a round that was made already.
 */
export async function previewRound(
  client: Client,
  parameters: At & CreateRoundParameters & { creator: Address },
): Promise<Address> {
  const { creator, terms, projectIds, salt } = parameters;
  const args = [terms, projectIds, salt] as const;
  const { result } = await reading(() =>
    simulateContract(client, { abi, functionName: "createRound", args, account: creator, ...at(parameters) }),
  );
  return result;
}

/** Whether a round was made by this factory: its code and terms were then checked. */
export function isRound(client: Client, parameters: At & { pool: Address }): Promise<boolean> {
  const args = [parameters.pool] as const;
  return reading(() => readContract(client, { abi, functionName: "isRound", args, ...at(parameters) }));
}

/** The address of a round, in the order of their making. */
export function getRound(client: Client, parameters: At & { index: bigint }): Promise<Address> {
  const args = [parameters.index] as const;
  return reading(() => readContract(client, { abi, functionName: "rounds", args, ...at(parameters) }));
}

/** How many rounds the factory made. */
export function getRoundCount(client: Client, parameters: At): Promise<bigint> {
  return reading(() => readContract(client, { abi, functionName: "roundCount", ...at(parameters) }));
}

/** The escrow of every round of this factory. */
export function getFactoryEscrow(client: Client, parameters: At): Promise<Address> {
  return reading(() => readContract(client, { abi, functionName: "channels", ...at(parameters) }));
}

/** A factory's events among some logs, decoded; logs of other contracts and malformed ones are left out. */
export function decodeFactoryEvents(logs: readonly Log[], parameters: { address: Address }) {
  const own = logs.filter((log) => log.address.toLowerCase() === parameters.address.toLowerCase());
  return parseEventLogs({ abi, logs: own, strict: true });
}

export type FactoryEvent = ReturnType<typeof decodeFactoryEvents>[number];

function reading<T>(call: () => Promise<T>): Promise<T> {
  return read("reading the factory", call, decodePoolError);
}
