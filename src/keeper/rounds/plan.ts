import type { Address, Client, Hex } from "viem";
import type { Observer } from "../../chain/observer.ts";
import type { LineReader } from "../../chain/pool/lines.ts";
import type { RoundTerms } from "../../chain/pool/reads.ts";
import { attributionOf } from "../../protocol/line.ts";
import type { ChannelRecord } from "../../store/record.ts";
import type { ChannelQuery, ChannelStore } from "../../store/store.ts";
import type { ExitOptions } from "../decide.ts";
import { companions } from "../economy.ts";
import { worth } from "../fees.ts";
import { eachRecord, overlaid } from "../gather.ts";
import type { Ledger } from "../ledger.ts";
import { type DeadlineOptions, graceLeft } from "../policies/deadline.ts";
import type { ClaimEnv, ClaimPolicy, TokenPrice } from "../policy.ts";
import { prioritise } from "../prioritise.ts";
import { readSurroundings } from "../surroundings.ts";
import { decideRound, type RoundChannel, type RoundDecision } from "./decide.ts";
import type { PayoutRule } from "./options.ts";
import { readDisqualified, refundableOf } from "./refundable.ts";
import { type Round, readRound } from "./round.ts";
import { weigh } from "./weigh.ts";

/** A channel of a round and what was decided about it. */
export type RoundDecided = { readonly channel: RoundChannel; readonly decision: RoundDecision };

/** Which channels a pass looks at: `urgent` those that leave and, once the round is ending, all; `full` all. */
export type RoundScope = "urgent" | "full";

export type RoundPlanOptions = {
  pool: Address;
  terms: RoundTerms;
  margin: bigint;
  store: ChannelStore;
  client: Client;
  observer: Observer;
  lines: LineReader;
  ledger: Ledger;
  /** The escrow's, seconds. */
  grace: bigint;
  policy: ClaimPolicy;
  deadline?: DeadlineOptions | undefined;
  exits?: ExitOptions | undefined;
  prices?: ReadonlyMap<Address, TokenPrice> | undefined;
  refunds: PayoutRule;
  closer: boolean;
};

/** Decisions about a round's channels, most urgent first, and the world that they were made in. */
export type RoundPlan = { readonly round: Round; readonly env: ClaimEnv; readonly decided: readonly RoundDecided[] };

/** Items that share a transaction, as far as planning counts with it: sixteen million gas hold so many. */
const usualBatch = 30;

/** A batch needs about this long to be on-chain at the confirmation depth, seconds. */
const slotSeconds = 12;

/** Reads the world and decides. Sends nothing and writes nothing. */
export async function planRound(scope: RoundScope, options: RoundPlanOptions): Promise<RoundPlan> {
  const { pool, terms, margin, client, observer, lines, ledger, grace, prices = new Map() } = options;
  const block = await observer.block();
  const round = await readRound(client, { pool, terms, margin, block });
  const env = await readSurroundings(client, { timestamp: block.timestamp, grace, prices });
  await lines.sync();
  const channels = await gatherRound(scope, round, options);
  const judge = (channel: RoundChannel, world: ClaimEnv) =>
    decideRound(channel, round, world, {
      ...options,
      quarantined: (action) => ledger.quarantined(channel.record, action, block.timestamp),
      wasted: ledger.failures(channel.record, "wasted"),
    });
  const sizes = companions(
    channels.filter((channel) => channel.weighed.item && judge(channel, env).loop === "economy"),
    env,
    usualBatch,
    (channel, shared) => judge(channel, shared).action === "collect",
  );
  const decided = channels.map((channel) => ({
    channel,
    decision: judge(channel, { ...env, batch: sizes.get(channel) ?? 1 }),
  }));
  return { round, env, decided: order(decided, round, env) };
}

/** The channels of a round as the chain has them now, each weighed against its line. */
async function gatherRound(scope: RoundScope, round: Round, options: RoundPlanOptions): Promise<RoundChannel[]> {
  const { store, client, observer, lines, ledger, pool } = options;
  const records = new Map<Hex, ChannelRecord>();
  for (const query of queriesOf(scope, round)) {
    for await (const record of eachRecord(store, { ...query, payee: pool })) records.set(record.id, record);
  }
  const disqualified = round.over ? await readDisqualified(client, round) : new Set<bigint>();
  const observed = await observer.read([...records.keys()]);
  return observed.map((state) => {
    const record = overlaid(records.get(state.id) as ChannelRecord, state);
    const { gifts } = lines.standing(record.id);
    const weighed = weigh(record, gifts, round);
    const attributed = attributionOf(gifts).gifts.reduce((sum, gift) => sum + gift.cumulativeAmount, 0n);
    const { timestamp } = round.block;
    // The clock of what waits starts anew with each attribution, whoever made it.
    const since =
      weighed.gain > 0n && scope === "full"
        ? ledger.since({ id: record.id, settled: attributed }, timestamp)
        : timestamp;
    return {
      record,
      line: gifts,
      weighed,
      unsettled: weighed.gain,
      refundable: round.over ? refundableOf(gifts, record.settled, round.status === "refunding", disqualified) : 0n,
      closeRequestedAt: record.closeRequestedAt,
      since,
      feesPaid: ledger.feesPaid(record.id),
    };
  });
}

/** Closed channels count too: what was settled on one and not attributed still can be, and else is refunded. */
function queriesOf(scope: RoundScope, round: Round): readonly ChannelQuery[] {
  return scope === "full" || round.ending ? [{}] : [{ closing: true }, { leaving: true }];
}

/** What is lost if it is late, by {@link prioritise}; then exits; then the rest by value. */
function order(decided: readonly RoundDecided[], round: Round, env: ClaimEnv): RoundDecided[] {
  const of = (...loops: RoundDecision["loop"][]) =>
    decided
      .filter(({ decision }) => loops.includes(decision.loop))
      .map((item) => ({ item, value: stake(item, env), left: left(item, round, env) }));
  const urgent = prioritise(of("deadline", "margin"), { rows: usualBatch, seconds: slotSeconds });
  const rest = of("economy", "refunds").sort((a, b) => (a.value < b.value ? 1 : a.value > b.value ? -1 : 0));
  return [...urgent, ...of("exits"), ...rest].map(({ item }) => item);
}

/** Seconds until a channel's gifts can no longer be collected. */
function left({ channel }: RoundDecided, { terms }: Round, env: ClaimEnv): bigint {
  const untilEnd = terms.end - env.timestamp;
  if (channel.closeRequestedAt === 0n) return untilEnd;
  const grace = graceLeft(channel.closeRequestedAt, env);
  return grace < untilEnd ? grace : untilEnd;
}

/** Wei; a token without a price counts a wei a base unit, so that it is not forgotten. */
function stake({ channel }: RoundDecided, env: ClaimEnv): bigint {
  const amount = channel.refundable > 0n ? channel.refundable : channel.unsettled;
  return worth(channel.record.channel.token, amount, env) ?? amount;
}
