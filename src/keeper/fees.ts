import type { Address } from "viem";
import { nativeCoin } from "../protocol/channel.ts";
import type { ClaimEnv } from "./policy.ts";

/** Gas of a `settleBatch` before its rows: 21,000 of the transaction, one payout, calldata of the call. */
export const batchGas = 45_000n;

/** Gas of one row of a `settleBatch`, calldata included. Source: the gas snapshot, about 13,000, and a tenth more. */
export const rowGas = 14_500n;

/** Gas of a single `close`, `withdraw` or close request, rounded up. Source: the gas snapshot, about 60,500. */
export const exitGas = 66_000n;

/** A channel's part of the whole fee of its settlement, L1 data fee included, wei. */
export function claimFee(env: ClaimEnv): bigint {
  const rows = BigInt(Math.max(1, env.batch));
  const gas = env.gas ?? { batch: batchGas, row: rowGas };
  const shared = gas.batch * env.gasPrice + env.l1Fee.base;
  return ceilDivide(shared, rows) + gas.row * env.gasPrice + env.l1Fee.row;
}

/** The whole fee of an exit's own transaction, L1 data fee included, wei. */
export function exitFee(env: ClaimEnv): bigint {
  return exitGas * env.gasPrice + env.l1Fee.base + env.l1Fee.row;
}

/** What an amount of a token is worth in wei, rounded down; undefined for a token without a price. */
export function worth(token: Address, amount: bigint, env: Pick<ClaimEnv, "prices">): bigint | undefined {
  if (token === nativeCoin) return amount;
  const price = env.prices.get(token);
  return price && (amount * price.wei) / price.units;
}

function ceilDivide(a: bigint, b: bigint): bigint {
  return (a + b - 1n) / b;
}
