import type { Address } from "viem";
import { type Call, encodeSettleTicks } from "../chain/channels/encode.ts";
import { owedByTicks } from "../protocol/tick.ts";
import type { ChannelRecord, RevealedTicks } from "../store/record.ts";
import type { ClaimEnv } from "./policy.ts";

/** Gas of a `settleTicks` before its ticks, and of each. Source: the gas snapshot, about 53,700 and 84, and a tenth more. */
const baseGas = 59_000n;
const tickGas = 93n;

/** The ticks that prove what a channel owes; undefined where a voucher does, which costs less and shares its transaction. */
export function provingTicks({ signature, ticks, authorized }: ChannelRecord): RevealedTicks | undefined {
  const proves = signature === undefined && ticks !== undefined && owedByTicks(ticks, ticks.ticks) === authorized;
  return proves ? ticks : undefined;
}

/** Gas of settling a channel that ticks prove; 0 for any other. */
export function ticksGas(record: ChannelRecord): bigint {
  const proof = provingTicks(record);
  return proof ? baseGas + tickGas * BigInt(proof.ticks) : 0n;
}

/** The world for a channel whose settlement has a transaction of its own, because ticks prove it. */
export function aloneByTicks(record: ChannelRecord, env: ClaimEnv): ClaimEnv {
  const row = ticksGas(record);
  return row === 0n ? env : { ...env, batch: 1, gas: { batch: 0n, row } };
}

/** The settlement of a channel by its ticks. */
export function settleByTicks(escrow: Address, { id, channel }: ChannelRecord, proof: RevealedTicks): Call {
  const { ticks, link, ...offer } = proof;
  const voucher = { channelId: id, ...offer };
  return encodeSettleTicks({ address: escrow, channel, voucher, revealed: { ticks, link } });
}
