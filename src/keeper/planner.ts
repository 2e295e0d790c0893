import type { Address, Client, Hex } from "viem";
import type { Observer } from "../chain/observer.ts";
import type { ChannelStore } from "../store/store.ts";
import type { Decided } from "./act.ts";
import { type Decision, decide, type ExitOptions } from "./decide.ts";
import { companions } from "./economy.ts";
import { worth } from "./fees.ts";
import { gather, type Scope } from "./gather.ts";
import type { Ledger } from "./ledger.ts";
import { type DeadlineOptions, graceLeft } from "./policies/deadline.ts";
import type { ClaimChannel, ClaimEnv, ClaimPolicy, TokenPrice } from "./policy.ts";
import { prioritise } from "./prioritise.ts";
import { readSurroundings } from "./surroundings.ts";
import { aloneByTicks, provingTicks } from "./ticks.ts";

export type PlannerOptions = {
  stores: readonly ChannelStore[];
  client: Client;
  observer: Observer;
  policy: ClaimPolicy;
  deadline?: DeadlineOptions | undefined;
  exits?: ExitOptions | undefined;
  prices?: ReadonlyMap<Address, TokenPrice> | undefined;
  batchSize: number;
  /** Payees whose channels are left alone: rounds' pools have a loop of their own. */
  except?: ReadonlySet<Address> | undefined;
};

/** Decisions about every channel of a scope, most urgent first, and the world that they were made in. */
export type Plan = {
  decided: readonly Decided[];
  env: ClaimEnv;
  block: bigint;
  /** Channels with value at risk whose grace period is over. */
  overdue: readonly Hex[];
};

/** A batch needs about this long to be on-chain at the confirmation depth, seconds; what planning counts in. */
const slotSeconds = 12;

/** Reads the world and decides. Sends nothing and writes nothing. */
export async function plan(scope: Scope, ledger: Ledger, grace: bigint, options: PlannerOptions): Promise<Plan> {
  const { observer, stores, prices = new Map(), batchSize } = options;
  const block = await observer.block();
  const env = await readSurroundings(options.client, { timestamp: block.timestamp, grace, prices });
  const { timestamp } = block;
  const channels = await gather(stores, scope, { observer, ledger, timestamp, except: options.except });
  const shares = (channel: ClaimChannel) => channel.unsettled > 0n && !provingTicks(channel.record);
  const sizes = companions(
    channels.filter((channel) => shares(channel) && judge(channel, env).loop === "economy"),
    env,
    batchSize,
    (channel, shared) => judge(channel, shared).action === "settle",
  );
  const decided = channels.map((channel) => ({
    channel,
    decision: judge(channel, { ...env, batch: sizes.get(channel) ?? 1 }),
  }));
  return { decided: order(decided, env, batchSize), env, block: block.number, overdue: overdue(decided, env) };

  function judge(channel: ClaimChannel, world: ClaimEnv): Decision {
    return decide(channel, aloneByTicks(channel.record, world), {
      policy: options.policy,
      ...(options.deadline && { deadline: options.deadline }),
      ...(options.exits && { exits: options.exits }),
      quarantined: (action) => ledger.quarantined(channel.record, action, world.timestamp),
    });
  }
}

/** Deadlines as {@link prioritise} has them, then exits, then the rest by value. */
function order(decided: readonly Decided[], env: ClaimEnv, batchSize: number): Decided[] {
  const of = (loop: Decision["loop"]) =>
    decided
      .filter(({ decision }) => decision.loop === loop)
      .map((item) => ({ item, value: stake(item, env), left: graceLeft(item.channel.closeRequestedAt, env) }));
  const urgent = prioritise(of("deadline"), { rows: batchSize, seconds: slotSeconds });
  const economy = of("economy").sort((a, b) => (a.value < b.value ? 1 : a.value > b.value ? -1 : 0));
  return [...urgent, ...of("exits"), ...economy].map(({ item }) => item);
}

/** Wei; a token without a price counts a wei a base unit, so that it is not forgotten. */
function stake({ channel }: Decided, env: ClaimEnv): bigint {
  return worth(channel.record.channel.token, channel.unsettled, env) ?? channel.unsettled;
}

function overdue(decided: readonly Decided[], env: ClaimEnv): Hex[] {
  return decided
    .filter(({ channel, decision }) => {
      const { unsettled, closeRequestedAt, record } = channel;
      if (unsettled === 0n || closeRequestedAt === 0n || record.finalized) return false;
      return decision.action !== "writeoff" && decision.action !== "withdraw" && graceLeft(closeRequestedAt, env) <= 0n;
    })
    .map(({ channel }) => channel.record.id);
}
