import type { Address, Client, Hex } from "viem";
import { readContract } from "viem/actions";
import { eligibilityGateAbi as abi } from "../abi/eligibilityGate.ts";
import { type At, at, read } from "./read.ts";

/**
 * What a gate says of a donor: whom its gifts count as, and with how many basis points, 0 for not at all.
 * @param parameters.pool The pool that would ask: gates may be bound to one.
 * @throws {@link ChannelRevertError} for data that the gate can not read; a pool takes that as a weight of 0.
 */
export async function askGate(
  client: Client,
  parameters: At & { pool: Address; donor: Address; gateData: Hex },
): Promise<{ key: Hex; weightBps: number }> {
  const { pool, donor, gateData } = parameters;
  const args = [donor, gateData] as const;
  const [key, weightBps] = await read("asking a gate", () =>
    readContract(client, { abi, functionName: "check", args, account: pool, ...at(parameters) }),
  );
  return { key, weightBps };
}
