import type { Client } from "viem";
import { getBlock } from "viem/actions";
import { chainFailure } from "./failure.ts";

/**
 * The chain's time: the newest block's timestamp, Unix seconds. Deadlines are decided by it, never by the host's clock.
 * Where confirmations matter, use the `timestamp` of `Observer.block()`.
 */
export async function chainNow(client: Client): Promise<bigint> {
  try {
    return (await getBlock(client, { blockTag: "latest" })).timestamp;
  } catch (error) {
    throw chainFailure(error, "reading the chain's time");
  }
}
