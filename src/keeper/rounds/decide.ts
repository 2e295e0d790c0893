import type { Gift } from "../../protocol/allocation.ts";
import type { ExitOptions } from "../decide.ts";
import { claimFee, worth } from "../fees.ts";
import { type DeadlineOptions, deadline, graceLeft } from "../policies/deadline.ts";
import type { ClaimChannel, ClaimEnv, ClaimPolicy } from "../policy.ts";
import { closingGas, collectEnv, payoutGas } from "./gas.ts";
import type { PayoutRule } from "./options.ts";
import type { Round } from "./round.ts";
import type { Weighed } from "./weigh.ts";

/** A channel to a round's pool. `unsettled` is its gain: what would be attributed now, whether it is settled or not. */
export type RoundChannel = ClaimChannel & {
  /** The whole list that stands. */
  readonly line: readonly Gift[];
  readonly weighed: Weighed;
  /** What its donor could take back at this moment if anyone may, base units; 0 before the round is over. */
  readonly refundable: bigint;
};

/** What to do with a channel of a round, for which reason. */
export type RoundDecision = {
  readonly loop: "deadline" | "exits" | "margin" | "economy" | "refunds";
  readonly action: RoundAction | "wait" | "writeoff";
  readonly reason: string;
};

export type RoundAction = "collect" | "collectAndClose" | "closeChannel" | "requestClose" | "withdraw" | "refund";

/** What a policy is asked with, and what the keeper may do. */
export type RoundDecideOptions = {
  policy: ClaimPolicy;
  deadline?: DeadlineOptions | undefined;
  exits?: ExitOptions | undefined;
  refunds: PayoutRule;
  /** Whether the round's closer is at hand. */
  closer: boolean;
  /** Whether an action on the channel rests after a failure; `wasted` is a collection that was paid for and did nothing. */
  quarantined: (action: RoundAction | "wasted") => boolean;
  /** How many collections in a row did that. */
  wasted: number;
};

/** Collections of one channel, at the end of a round, that may do nothing before the keeper gives up on it. */
const mostWasted = 3;

/** The one decision about a channel of a round, in order of what cannot wait. Pure. */
export function decideRound(
  channel: RoundChannel,
  round: Round,
  env: ClaimEnv,
  options: RoundDecideOptions,
): RoundDecision {
  if (round.over) return decideOver(channel, env, options);
  const { weighed } = channel;
  if (isLeaving(channel) && mayCloseNow(channel, round, env, options)) {
    return { loop: "exits", action: "collectAndClose", reason: "the donor asked to leave" };
  }
  const isDue = weighed.refusal !== undefined || weighed.gain > 0n || weighed.unsettled > 0n;
  // At the end there is no later: what the pool refused is tried again, since that costs nothing, and what was paid for too.
  const trying = round.ending
    ? options.wasted < mostWasted
    : !options.quarantined("wasted") && !options.quarantined("collect");
  if (round.open && isDue && trying) {
    const decision = decideCollect(channel, round, env, options);
    if (decision.action !== "wait") return decision;
    return decideExit(channel, env, options) ?? decision;
  }
  const exit = decideExit(channel, env, options);
  if (exit) return exit;
  const reason = !isDue ? "nothing to collect" : round.open ? "its collection is in quarantine" : "not begun";
  return { loop: "economy", action: "wait", reason };
}

function decideCollect(channel: RoundChannel, round: Round, env: ClaimEnv, options: RoundDecideOptions): RoundDecision {
  const { weighed } = channel;
  // A look at it costs nothing, and names what is wrong: it has no item that could be sent.
  if (!weighed.item) return { loop: "economy", action: "collect", reason: `refused: ${weighed.refusal}` };
  const own = collectEnv(env, weighed.item);
  const pending = channel.closeRequestedAt !== 0n;
  if (isLeaving(channel) && (pending || options.exits?.enabled !== false)) {
    // A request starts the clock, so the value is judged as if it were running already.
    const stake = { ...channel, unsettled: weighed.gain > 0n ? weighed.gain : weighed.unsettled };
    const { action, reason } = pending
      ? deadline(options.deadline)(stake, own)
      : deadline({ ...options.deadline, within: env.grace })({ ...stake, closeRequestedAt: env.timestamp }, own);
    if (action === "settle") return { loop: "deadline", action: "collect", reason };
    if (action === "writeoff" && !round.ending) return { loop: "deadline", action: "wait", reason };
  }
  if (round.ending) {
    const left = round.terms.end - round.block.timestamp;
    return { loop: "margin", action: "collect", reason: `the round ends in ${left} s` };
  }
  if (weighed.gain === 0n) {
    return { loop: "economy", action: "wait", reason: "nothing of it could be attributed now" };
  }
  const { action, reason } = options.policy(channel, own);
  return { loop: "economy", action: action === "settle" || action === "close" ? "collect" : action, reason };
}

/** Without the closer a donor leaves as from any payee: by a request, and a withdrawal once the grace period is over. */
function decideExit(channel: RoundChannel, env: ClaimEnv, options: RoundDecideOptions): RoundDecision | undefined {
  const { enabled = true, minimum = 0n, withdrawTimes = 10n } = options.exits ?? {};
  const { record, closeRequestedAt } = channel;
  if (!enabled || record.finalized) return undefined;
  const remainder = worth(record.channel.token, record.deposit - record.settled, env);
  if (closeRequestedAt === 0n) {
    const pays = remainder === undefined || remainder >= minimum;
    if (!wishes(channel) || !pays || options.quarantined("requestClose")) return undefined;
    return { loop: "exits", action: "requestClose", reason: "the donor signed a wish to leave" };
  }
  if (graceLeft(closeRequestedAt, env) > 0n || options.quarantined("withdraw")) return undefined;
  if (!remainder || remainder < payoutFee(env) * withdrawTimes) return undefined;
  return {
    loop: "exits",
    action: "withdraw",
    reason: `the grace period is over, the donor gets ${remainder} wei's worth`,
  };
}

/** From `end` on nothing is collected: what is left goes back, to the donors. */
function decideOver(channel: RoundChannel, env: ClaimEnv, options: RoundDecideOptions): RoundDecision {
  const { record, closeRequestedAt, refundable } = channel;
  const { enabled = true } = options.exits ?? {};
  const remainder = record.deposit - record.settled;
  if (enabled && !record.finalized && remainder > 0n && !options.quarantined("closeChannel")) {
    const asked = closeRequestedAt !== 0n || wishes(channel);
    const pays = paysOut(options.refunds, worth(record.channel.token, remainder, env), payoutFee(env));
    if (asked || pays) {
      const reason = asked ? "the donor asked to leave" : `the round is over, ${remainder} go back to the donor`;
      return { loop: "exits", action: "closeChannel", reason };
    }
  }
  if (refundable > 0n && !options.quarantined("refund")) {
    if (paysOut(options.refunds, worth(record.channel.token, refundable, env), payoutFee(env))) {
      return { loop: "refunds", action: "refund", reason: `${refundable} are the donor's` };
    }
    return { loop: "refunds", action: "wait", reason: `${refundable} are the donor's, and sending them does not pay` };
  }
  return { loop: "refunds", action: "wait", reason: "the round is over" };
}

/** Whether money that is somebody's is sent to them. */
export function paysOut(rule: PayoutRule, value: bigint | undefined, fee: bigint): boolean {
  if (rule === "never" || rule === "always") return rule === "always";
  return value !== undefined && value > 0n && value >= fee * rule.times;
}

/** The whole fee of a payout's own transaction, L1 data fee included, wei. */
export function payoutFee(env: ClaimEnv): bigint {
  return payoutGas * env.gasPrice + env.l1Fee.base + env.l1Fee.row;
}

function isLeaving(channel: RoundChannel): boolean {
  return !channel.record.finalized && (channel.closeRequestedAt !== 0n || wishes(channel));
}

/** A top-up changes the deposit and so voids the signature: the escrow would refuse it. */
function wishes({ record }: RoundChannel): boolean {
  return record.closeRequest !== undefined && record.closeRequest.deposit === record.deposit;
}

function mayCloseNow(channel: RoundChannel, round: Round, env: ClaimEnv, options: RoundDecideOptions): boolean {
  const { enabled = true, minimum = 0n } = options.exits ?? {};
  const { record, weighed } = channel;
  if (!enabled || !options.closer || !round.open || !weighed.item || options.quarantined("collectAndClose"))
    return false;
  const remainder = worth(record.channel.token, record.deposit - record.settled - weighed.unsettled, env);
  if (remainder !== undefined && remainder < minimum) return false;
  // Where the gifts are not worth their fee and the keeper has spent its budget on the channel, it may wait for the end.
  const own = collectEnv(env, weighed.item);
  const { maxFees } = options.deadline ?? {};
  return maxFees === undefined || channel.feesPaid + claimFee(own) + closingGas * env.gasPrice <= maxFees;
}
