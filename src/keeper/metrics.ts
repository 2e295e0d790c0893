import { Counter, Gauge, Registry } from "prom-client";

/** What `/metrics` shows. A registry of its own, so that two keepers in one process do not mix. */
export type KeeperMetrics = ReturnType<typeof createMetrics>;

/** How a transaction ended: `paid`, `exited`, `collected` and `refunded` by their own post-state, the rest by name. */
export type Outcome = Achieved | "ineffective" | "reverted" | "dropped" | "refused" | "too-dear";

export type Achieved = "paid" | "exited" | "collected" | "refunded";

export function createMetrics(registry: Registry = new Registry()) {
  const registers = [registry];
  const gauge = <T extends string = never>(name: string, help: string, labelNames: T[] = []) =>
    new Gauge<T>({ name: `farthing_keeper_${name}`, help, labelNames, registers });
  return {
    registry,
    unsettled: gauge("unsettled", "Authorized and not settled, base units", ["token"]),
    atRisk: gauge("at_risk", "Of that under a pending close, base units", ["token"]),
    nearestDeadline: gauge("nearest_deadline_seconds", "Least grace left with value at risk; +Inf when none is"),
    quarantined: gauge("quarantined", "Actions that rest after a failure"),
    overdue: gauge("overdue", "Channels with value at risk whose grace period is over"),
    balance: gauge("balance_wei", "What the keeper has left for fees"),
    unattributed: gauge("round_unattributed", "Gifts to a round that could be attributed now, base units", ["pool"]),
    roundEnd: gauge("round_end_seconds", "Time to the end of a round with such gifts; +Inf when it has none", ["pool"]),
    lastBlock: gauge("last_block", "Newest block at the confirmation depth"),
    leader: gauge("leader", "1 while this keeper holds its lease"),
    channels: new Counter({
      name: "farthing_keeper_channels_total",
      help: "Channels acted on, by what came of it",
      labelNames: ["action", "outcome"],
      registers,
    }),
    feesPaid: new Counter({ name: "farthing_keeper_fees_wei_total", help: "Fees paid", registers }),
    settled: new Counter({
      name: "farthing_keeper_settled_total",
      help: "Paid out to payees, base units",
      labelNames: ["token"],
      registers,
    }),
    attributed: new Counter({
      name: "farthing_keeper_round_attributed_total",
      help: "Gifts attributed to projects, base units",
      labelNames: ["pool"],
      registers,
    }),
    rounds: new Counter({
      name: "farthing_keeper_rounds_total",
      help: "What was done for rounds as a whole, by what came of it",
      labelNames: ["pool", "purpose", "outcome"],
      registers,
    }),
    failedPasses: new Counter({
      name: "farthing_keeper_failed_passes_total",
      help: "Passes that could not tell",
      labelNames: ["loop"],
      registers,
    }),
  };
}
