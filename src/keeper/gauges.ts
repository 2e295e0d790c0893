import type { KeeperMetrics } from "./metrics.ts";
import type { Plan } from "./planner.ts";
import { graceLeft } from "./policies/deadline.ts";

/** Shows a full pass on `/metrics`. Gauges are floating-point numbers: they are for eyes, never for decisions. */
export function setGauges(metrics: KeeperMetrics, { decided, env, block, overdue }: Plan): void {
  const unsettled = new Map<string, bigint>();
  const atRisk = new Map<string, bigint>();
  let nearest = Number.POSITIVE_INFINITY;
  for (const { channel } of decided) {
    const { token } = channel.record.channel;
    add(unsettled, token, channel.unsettled);
    if (channel.closeRequestedAt === 0n || channel.unsettled === 0n) continue;
    add(atRisk, token, channel.unsettled);
    nearest = Math.min(nearest, Number(graceLeft(channel.closeRequestedAt, env)));
  }
  metrics.unsettled.reset();
  metrics.atRisk.reset();
  for (const [token, amount] of unsettled) metrics.unsettled.set({ token }, Number(amount));
  for (const [token, amount] of atRisk) metrics.atRisk.set({ token }, Number(amount));
  metrics.nearestDeadline.set(nearest);
  metrics.overdue.set(overdue.length);
  metrics.lastBlock.set(Number(block));
}

function add(sums: Map<string, bigint>, token: string, amount: bigint): void {
  sums.set(token, (sums.get(token) ?? 0n) + amount);
}
