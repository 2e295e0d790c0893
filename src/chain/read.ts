import type { Address } from "viem";
import { chainFailure, type DecodeRevert } from "./failure.ts";

/** Which contract to read, and when. */
export type At = {
  /** The contract. */
  address: Address;
  /** Read as of this block; the newest unless told. */
  blockNumber?: bigint | undefined;
};

/** The parameters that viem reads a contract by. */
export function at({ address, blockNumber }: At): { address: Address; blockNumber?: bigint } {
  return blockNumber === undefined ? { address } : { address, blockNumber };
}

/** Reads, and gives failures as errors of this library. */
export async function read<T>(doing: string, call: () => Promise<T>, decode?: DecodeRevert): Promise<T> {
  try {
    return await call();
  } catch (error) {
    throw chainFailure(error, doing, decode);
  }
}
