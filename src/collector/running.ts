import type { Address } from "viem";
import { getTransactionReceipt } from "viem/actions";
import { createObserver } from "../chain/index.ts";
import { closeRequests, createRelay, type Relay } from "../http/index.ts";
import { createPayee } from "../payee/index.ts";
import type { Payee } from "../payee/types.ts";
import { type Escrow, FarthingError, formatAllocation } from "../protocol/index.ts";
import { createAppraiser } from "./appraiser.ts";
import { createClosingGuard } from "./closing.ts";
import type { Collector, CollectorHealth } from "./createCollector.ts";
import { createEligibility } from "./eligibility.ts";
import { createExport } from "./evidence.ts";
import { createGifts } from "./gifts.ts";
import { createMetrics } from "./metrics.ts";
import { type CollectorOptions, fullTerms } from "./options.ts";
import { presentRound, presentTotals } from "./present.ts";
import { openRound, type Round } from "./round.ts";
import { createRouter } from "./router.ts";
import { createStream } from "./stream.ts";
import { createTally } from "./totals.ts";

/** A collector from the moment when gifts can be taken. See {@link Collector}. */
export async function runCollector(options: CollectorOptions): Promise<Omit<Collector, "start" | "metrics">> {
  const { client, store, verifier, clock = Date.now, logger, interval = 3_000 } = options;
  const { metrics = createMetrics() } = options;
  const pool = options.pool.toLowerCase() as Address;
  const escrow: Escrow = { ...options.escrow, address: options.escrow.address.toLowerCase() as Address };
  const terms = fullTerms(options.terms);
  const { confirmations, fromBlock, relay: relaying, origin = "*" } = options;
  const round = await openRound({ client, pool, escrow, fromBlock });
  requireMargin(round, terms.margin);
  const eligibility = createEligibility({ client, pool, terms: round.terms });
  const appraiser = createAppraiser({ round, eligibility, verifier, store, pool, escrow, terms });
  const tally = createTally();

  function onFault(where: string, fault: unknown): void {
    metrics.faults.inc({ where });
    // An error of the library's own says no secret; of any other only its class is told.
    const known = fault instanceof FarthingError;
    const name = fault instanceof Error ? fault.name : typeof fault;
    logger?.warn(
      { where, code: known ? fault.code : name, ...(known && { reason: fault.message }) },
      "a fault was survived",
    );
  }

  const observer = createObserver({ client, escrow, confirmations, fromBlock });
  const { minDeposit, freshness, maxUnsettledPerChannel } = terms;
  const inner = createPayee({
    escrow,
    account: { address: pool },
    observer,
    store,
    verifier,
    terms: {
      tokens: [round.terms.token],
      minDeposit,
      freshness,
      ...(maxUnsettledPerChannel === undefined ? {} : { maxUnsettledPerChannel }),
    },
    evidence: appraiser.rule,
    appraise: appraiser.appraise,
    payersSettle: true,
    ...(options.allowEmptyStore === undefined ? {} : { allowEmptyStore: options.allowEmptyStore }),
    ...(fromBlock === undefined ? {} : { fromBlock }),
    clock,
    onFault: (fault, verb) => onFault(verb, fault),
  });
  const guard = createClosingGuard(store, terms.closing, clock);
  const payee: Payee = {
    ...inner,
    async accept(...parameters) {
      const answer = await inner.accept(...parameters);
      if (answer.ok) tally.count(answer.record);
      return answer;
    },
    async requestClose(...parameters) {
      const answer = await inner.requestClose(...parameters);
      if (answer.ok) guard.count(answer.record);
      return answer;
    },
  };

  const totalsText = () => presentTotals(pool, tally.totals(), round.last());
  const stream = createStream({ version: () => tally.version, text: totalsText }, options.stream);
  const relay = relaying && createOwnRelay();

  function createOwnRelay(): Relay {
    const { sender, policy } = relaying as NonNullable<typeof relaying>;
    return createRelay({
      sender,
      client,
      escrow,
      policy: { ...policy, minDeposit: { [round.terms.token]: policy.minDeposit } },
      journal: store.journal,
      clock,
      onFault: ({ code, message }) => {
        metrics.faults.inc({ where: "relay" });
        logger?.warn({ where: "relay", code, reason: message }, "an open could not be relayed");
      },
    });
  }

  const gifts = createGifts(pool, {
    desk: { payee, escrow, client: { getTransactionReceipt: (named) => getTransactionReceipt(client, named) }, relay },
    demand: {
      realm: options.realm ?? "gifts",
      secret: options.secret,
      escrow,
      token: round.terms.token,
      unitType: "gift",
      ...(terms.suggestedDeposit === undefined ? {} : { suggestedDeposit: terms.suggestedDeposit }),
    },
    appraiser,
    record: (id) => store.get(id),
    clock,
    onOutcome: (outcome) => metrics.gifts.inc({ outcome }),
  });

  function health(): CollectorHealth {
    const age = round.age();
    const { block } = round.last();
    return {
      ok: !isStopped && age <= Math.max(freshness, 3 * interval),
      block,
      age,
      channels: tally.totals().channels,
    };
  }

  async function metricsText(): Promise<Response> {
    const { channels, sum } = tally.totals();
    metrics.given.set(Number(sum));
    metrics.channels.set(channels);
    metrics.listeners.set(stream.clients);
    metrics.block.set(Number(round.last().block));
    metrics.factsAge.set(round.age() / 1000);
    return new Response(await metrics.registry.metrics(), {
      headers: { "content-type": metrics.registry.contentType },
    });
  }

  const json = (text: string, status = 200) =>
    new Response(text, { status, headers: { "content-type": "application/json", "cache-control": "no-store" } });
  const handler = createRouter({
    origin,
    routes: {
      "/gifts": { POST: gifts },
      "/close-requests": {
        POST: closeRequests(payee, { origin, deny: guard.deny, onFault: (fault) => onFault("close", fault) }),
      },
      "/round": {
        GET: () =>
          json(presentRound({ pool, escrow, round: round.terms, terms, relay: relaying, facts: round.last() })),
      },
      "/totals": { GET: () => json(totalsText()) },
      "/totals/stream": { GET: () => stream.open() },
      "/evidence": { GET: createExport(store) },
      "/healthz": {
        GET() {
          const { block, ...rest } = health();
          return json(JSON.stringify({ ...rest, block: block.toString() }), rest.ok ? 200 : 503);
        },
      },
      "/metrics": { GET: metricsText },
    },
    onAnswer: (route, status) => metrics.requests.inc({ route, status }),
    onFault,
  });

  let isStopped = false;
  if (relaying) await relaying.sender.recover();
  await inner.start();
  await tally.recount(store);
  const unwatch = round.watch(interval, (error) => error !== undefined && onFault("round", error));
  const { channels, sum } = tally.totals();
  logger?.info({ pool, channels, sum: sum.toString(), end: round.terms.end.toString() }, "gifts are taken");

  return {
    handler,
    async give({ channelId, cumulativeAmount, voucherSignature, allocation, idempotencyKey }) {
      const charge = { amount: "all", idempotencyKey } as const;
      const voucher = { channelId, cumulativeAmount, signature: voucherSignature };
      return payee.accept(voucher, { charge, evidence: formatAllocation(allocation) });
    },
    totals: tally.totals,
    health,
    async stop() {
      if (!isStopped) logger?.info({ pool }, "no more gifts are taken");
      isStopped = true;
      stream.stop();
      await Promise.all([payee.stop(), unwatch()]);
    },
  };
}

/** A margin that leaves no time to give, or none to collect, is a mistake. */
function requireMargin({ terms }: Round, margin: bigint): void {
  const length = terms.end - terms.start;
  if (margin <= 0n || margin >= length) throw new MarginError(margin, length);
}

/** The margin does not fit the round. */
export class MarginError extends FarthingError {
  override readonly name = "MarginError";
  constructor(margin: bigint, length: bigint) {
    super("margin", `A margin of ${margin} s does not fit a round of ${length} s: give a time above 0 and below that.`);
  }
}
