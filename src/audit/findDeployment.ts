import type { Address, Client } from "viem";
import { getCode } from "viem/actions";

/** The block in which a contract that has code at `toBlock` got it: a bisection over `eth_getCode`, some 25 requests. */
export async function findDeployment(client: Client, address: Address, toBlock: bigint): Promise<bigint> {
  let without = -1n; // Highest block known to have no code.
  let withCode = toBlock;
  while (withCode - without > 1n) {
    const middle = (withCode + without) / 2n;
    if (await hasCode(client, address, middle)) withCode = middle;
    else without = middle;
  }
  return withCode;
}

/** Whether there is a contract at a block. */
export async function hasCode(client: Client, address: Address, blockNumber: bigint): Promise<boolean> {
  const code = await getCode(client, { address, blockNumber });
  return code !== undefined && code !== "0x";
}
