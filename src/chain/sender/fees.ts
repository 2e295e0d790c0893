import { estimateMaxPriorityFeePerGas, getBlock } from "viem/actions";
import { asking, type Context } from "./context.ts";
import type { Policy } from "./policy.ts";

/** Wei a gas. */
export type Fees = { maxFeePerGas: bigint; maxPriorityFeePerGas: bigint };

/** What a new transaction should offer now. */
export function currentFees({ client, policy }: Pick<Context, "client" | "policy">): Promise<Fees> {
  return asking("reading fees", async () => {
    const [head, tip] = await Promise.all([
      getBlock(client, { blockTag: "latest" }),
      estimateMaxPriorityFeePerGas(client, { chain: client.chain ?? null } as never),
    ]);
    const maxPriorityFeePerGas = larger(tip, policy.minPriorityFee);
    const base = head.baseFeePerGas ?? 0n;
    return { maxPriorityFeePerGas, maxFeePerGas: (base * policy.baseFeePercent) / 100n + maxPriorityFeePerGas };
  });
}

/** What a replacement must offer: both fees raised by the policy's percentage, and no less than `now`. */
export function raisedFees(last: Fees, now: Fees, policy: Pick<Policy, "bumpPercent">): Fees {
  return {
    maxFeePerGas: larger(raised(last.maxFeePerGas, policy.bumpPercent), now.maxFeePerGas),
    maxPriorityFeePerGas: larger(raised(last.maxPriorityFeePerGas, policy.bumpPercent), now.maxPriorityFeePerGas),
  };
}

function raised(fee: bigint, percent: bigint): bigint {
  return fee + (fee * percent + 99n) / 100n + 1n;
}

function larger(a: bigint, b: bigint): bigint {
  return a > b ? a : b;
}
