import type { Hex } from "viem";
import { plainProblem, problemResponse } from "../http/problemResponse.ts";
import type { Acceptance, Refusal } from "../payee/types.ts";
import type { AllocationPayload } from "../protocol/index.ts";
import { refuse } from "./judge.ts";
import { type CollectorMetrics, createMetrics } from "./metrics.ts";
import type { CollectorOptions } from "./options.ts";
import { runCollector } from "./running.ts";
import type { Totals } from "./totals.ts";

/** One wish of a donor, as the wire's `voucher` credential carries it. */
export type Wish = {
  channelId: Hex;
  /** Base units, cumulative: the sum of the allocation's gifts. */
  cumulativeAmount: bigint;
  voucherSignature: Hex;
  allocation: AllocationPayload;
  /** Names the wish: sent again, it gets its receipt again. */
  idempotencyKey: string;
};

export type CollectorHealth = {
  /** Has started, and knows the round as of now. */
  ok: boolean;
  /** The newest block at which the round was read. */
  block: bigint;
  /** Milliseconds since then. */
  age: number;
  channels: number;
};

/** The service of a round: takes donors' gifts and holds them for whoever collects. */
export type Collector = {
  /**
   * Reads the round's terms, compares the store with the chain, adds up what is held, and resolves once gifts can be taken. Until
   * then every route answers 503.
   * @throws `WrongPoolError` for a pool of another escrow; `MarginError`; what `Payee.start` throws.
   */
  start(): Promise<void>;
  /** Every route of docs/collector.md. Never throws. */
  readonly handler: (request: Request) => Promise<Response>;
  readonly metrics: CollectorMetrics;
  /** What `POST /gifts` does with a voucher, without HTTP. What resolves with `ok: true` is durable. */
  give(wish: Wish): Promise<Acceptance | Refusal>;
  /** What was acknowledged so far. */
  totals(): Totals;
  health(): CollectorHealth;
  /** Takes nothing more, ends every stream, and resolves when what is in flight has been answered. Closes nothing that it was given. */
  stop(): Promise<void>;
};

/**
 * The collector of one round.
 * @example
 * const collector = createCollector({ client, pool, escrow, store, verifier, secret, terms: { margin: 600n } });
 * await collector.start();
 * await serve(collector.handler, { port: 8402 });
 */
export function createCollector(options: CollectorOptions): Collector {
  const metrics = options.metrics ?? createMetrics();
  let running: Awaited<ReturnType<typeof runCollector>> | undefined;
  return {
    metrics,
    async start() {
      running ??= await runCollector({ ...options, metrics });
    },
    async handler(request) {
      if (running) return running.handler(request);
      return problemResponse({ problem: plainProblem(503, "Service Unavailable", notStarted), retryAfter: 1 });
    },
    give: async (wish) => (running ? running.give(wish) : refuse("unavailable", notStarted)),
    totals: () => running?.totals() ?? { channels: 0, sum: 0n, projects: [] },
    health: () => running?.health() ?? { ok: false, block: 0n, age: 0, channels: 0 },
    async stop() {
      await running?.stop();
    },
  };
}

const notStarted = "The collector has not started: its store, the round and the chain do not agree yet.";
