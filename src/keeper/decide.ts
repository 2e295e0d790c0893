import { exitFee, worth } from "./fees.ts";
import { type DeadlineOptions, deadline, graceLeft } from "./policies/deadline.ts";
import type { ClaimChannel, ClaimDecision, ClaimEnv, ClaimPolicy } from "./policy.ts";

/** Which of the keeper's three loops an action belongs to. */
export type LoopName = "deadline" | "exits" | "economy";

/** What to do about one channel, for which loop, and why. */
export type Decision = {
  loop: LoopName;
  action: ClaimDecision["action"] | "requestClose" | "withdraw";
  reason: string;
};

export type DecideOptions = {
  /** When value under a pending close is settled. */
  deadline?: DeadlineOptions;
  /** When other value is settled. */
  policy: ClaimPolicy;
  exits?: ExitOptions;
  /** Which of the keeper's own actions on a channel are in quarantine, by the action's name. */
  quarantined?: (action: Decision["action"]) => boolean;
};

export type ExitOptions = {
  /** Submit closes, close requests and withdrawals at all; true unless told. */
  enabled?: boolean;
  /** A close or a request is submitted only for a deposit remainder worth this, wei; 0 unless told: for every payer. */
  minimum?: bigint;
  /** A payer's `withdraw` is paid for only when what it brings is worth this many times the fee; 10 unless told. */
  withdrawTimes?: bigint;
};

/**
 * The one decision about a channel, in order of what cannot wait: the payee's consent to close, value under a pending
 * close, a payer's wish to leave, the end of a grace period, and last the economy of ordinary settlement. Pure.
 */
export function decide(channel: ClaimChannel, env: ClaimEnv, options: DecideOptions): Decision {
  const { record, unsettled, closeRequestedAt } = channel;
  if (record.finalized) return { loop: "economy", action: "wait", reason: "the channel is closed" };

  const exit = decideExit(channel, env, options);
  if (exit?.action === "close") return exit;

  const settling = unsettled > 0n && !options.quarantined?.("settle");
  if (settling && closeRequestedAt !== 0n) {
    const decision = deadline(options.deadline)(channel, env);
    // Past a floor the payer may have its money: what was written off does not hold up an exit.
    if (decision.action === "writeoff" && exit) return exit;
    return { loop: "deadline", ...decision };
  }
  if (exit && settling) {
    // The request starts the clock, so the value is judged as if it were running already.
    const { action, reason } = deadline({ ...options.deadline, within: env.grace })(
      { ...channel, closeRequestedAt: env.timestamp },
      env,
    );
    if (action === "settle") return { loop: "exits", action, reason: "settled first: the payer wishes to leave" };
    return { ...exit, reason: `${exit.reason}; its unsettled value is written off: ${reason}` };
  }
  if (exit) return exit;
  if (settling) {
    const { action, reason } = options.policy(channel, env);
    if (action !== "close") return { loop: "economy", action, reason };
    return { loop: "economy", action: mayClose(channel, env, options) ? "close" : "settle", reason };
  }
  return {
    loop: "economy",
    action: "wait",
    reason: unsettled > 0n ? "its settlement is in quarantine" : "nothing unsettled",
  };
}

function decideExit(channel: ClaimChannel, env: ClaimEnv, options: DecideOptions): Decision | undefined {
  const { enabled = true, minimum = 0n, withdrawTimes = 10n } = options.exits ?? {};
  if (!enabled) return undefined;
  const { record, closeRequestedAt } = channel;
  const refund = worth(record.channel.token, record.deposit - record.settled, env);
  const pays = refund === undefined || refund >= minimum;

  if (pays && mayClose(channel, env, options)) {
    return { loop: "exits", action: "close", reason: "the payee consented to close" };
  }
  if (closeRequestedAt !== 0n) {
    const left = graceLeft(closeRequestedAt, env);
    if (left > 0n || options.quarantined?.("withdraw")) return undefined;
    if (refund === undefined || refund === 0n || refund < exitFee(env) * withdrawTimes) return undefined;
    return {
      loop: "exits",
      action: "withdraw",
      reason: `the grace period is over, the payer gets ${refund} wei's worth`,
    };
  }
  const wish = record.closeRequest;
  // A top-up changes the deposit and so voids the signature: the escrow would refuse it.
  if (wish && wish.deposit === record.deposit && pays && !options.quarantined?.("requestClose")) {
    return { loop: "exits", action: "requestClose", reason: "the payer signed a wish to leave" };
  }
  return undefined;
}

/** Whether the payee's consent to close is there, good for a while yet, and not one that was refused before. */
function mayClose({ record }: ClaimChannel, env: ClaimEnv, options: DecideOptions): boolean {
  const consent = record.closeAuthorization;
  return consent !== undefined && consent.deadline > env.timestamp && !options.quarantined?.("close");
}
