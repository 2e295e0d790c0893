import { findCapped, matchOf, settle as settleSubsidies } from "../../protocol/quadratic/settlement.ts";
import { sponsorRefund } from "../../protocol/quadratic/sponsor.ts";
import { emptyProject } from "../../protocol/quadratic/tally.ts";
import { payoutAt } from "../registry/ledger.ts";
import type { PoolEvent } from "./events.ts";
import { type Books, broken, type Payment, type RoundLedger, sumOf } from "./ledger.ts";
import { requireMatching, requireStatus, requireTime } from "./rules.ts";

type Event<name extends PoolEvent["name"]> = Extract<PoolEvent, { name: name }>;

const maxProjects = 1_000;

export function admit(round: RoundLedger, event: Event<"ProjectAdmitted">): Payment[] {
  const { projectId } = event.args;
  requireTime(round, event, { until: round.rules.terms.end });
  const fits = projectId > 0n && projectId < 2n ** 32n && round.projects.size < maxProjects;
  if (!fits || round.projects.has(projectId)) {
    broken(round, event, "wrong-admission", `Project ${projectId} can not be admitted (again).`, { projectId });
    if (round.projects.has(projectId)) return [];
  }
  round.projects.set(projectId, { gifts: 0n, paid: 0n, tally: emptyProject, disqualified: false });
  return [];
}

export function disqualify(round: RoundLedger, event: Event<"ProjectDisqualified">): Payment[] {
  const { projectId } = event.args;
  const { end, challengeEnd } = round.rules.terms;
  requireMatching(round, event);
  requireStatus(round, event, "running");
  requireTime(round, event, { from: end, until: challengeEnd });
  const project = standingProject(round, event, projectId);
  if (project) project.disqualified = true;
  return [];
}

export function cancel(round: RoundLedger, event: Event<"Cancelled">): Payment[] {
  requireMatching(round, event);
  requireStatus(round, event, "running");
  requireTime(round, event, { until: round.rules.terms.end });
  round.status = "refunding";
  return [];
}

export function switchToRefunds(round: RoundLedger, event: Event<"SwitchedToRefunds">): Payment[] {
  requireMatching(round, event);
  requireStatus(round, event, "running");
  requireTime(round, event, { from: round.rules.terms.settleBy });
  round.status = "refunding";
  return [];
}

export function sponsor(round: RoundLedger, event: Event<"Sponsored">): Payment[] {
  const { index, sponsor: account, deposit } = event.args;
  requireMatching(round, event);
  requireStatus(round, event, "running");
  requireTime(round, event, { until: round.rules.terms.end });
  const expected = BigInt(round.receipts.length);
  if (index !== expected || deposit === 0n) {
    broken(round, event, "wrong-receipt", `Receipt ${index} of ${deposit} comes where ${expected} is next.`, {
      account,
    });
  }
  round.receipts.push({ sponsor: account, refunded: false, prefix: round.pot, deposit });
  round.pot += deposit;
  return [{ direction: "in", account, amount: deposit, at: event.at }];
}

/** Recomputes the settlement from the rebuilt subsidies and compares all five numbers. */
export function settle(round: RoundLedger, event: Event<"Settled">): Payment[] {
  const { cappedCount, cappedSubsidy, numerator, denominator, unused } = event.args;
  requireMatching(round, event);
  requireStatus(round, event, "running");
  requireTime(round, event, { from: round.rules.terms.challengeEnd });
  const terms = { pot: round.pot, cap: round.rules.terms.cap };
  const standing = [...round.projects].filter(([, { disqualified }]) => !disqualified);
  const subsidies = new Map(standing.map(([id, { tally }]) => [id, tally.subsidy]));
  const right = settleSubsidies(subsidies, terms, findCapped(subsidies, terms));
  const numbers: [string, bigint, bigint][] = [
    ["number of capped projects", BigInt(right.cappedCount), cappedCount],
    ["subsidy of capped projects", right.cappedSubsidy, cappedSubsidy],
    ["numerator of lambda", right.lambda.numerator, numerator],
    ["denominator of lambda", right.lambda.denominator, denominator],
    ["unused part of the pot", right.unused, unused],
  ];
  for (const [name, expected, actual] of numbers) {
    if (expected === actual) continue;
    broken(round, event, "wrong-settlement", `The ${name} is ${expected}, the event says ${actual}.`, {
      expected,
      actual,
    });
  }
  round.status = "settled";
  round.settlement = { numerator, denominator, unused };
  return [];
}

/** What a project draws from the pot, base units. */
export function matchFor(round: RoundLedger, projectId: bigint): bigint {
  const project = round.projects.get(projectId);
  if (!project || project.disqualified || round.status !== "settled" || round.settlement.denominator === 0n) return 0n;
  return matchOf(project.tally.subsidy, round.settlement, round.rules.terms.cap);
}

export function claim(books: Books, round: RoundLedger, event: Event<"Claimed">): Payment[] {
  const { projectId, payout, amount } = event.args;
  requireStatus(round, event, round.rules.terms.matching ? "settled" : "running");
  const project = standingProject(round, event, projectId);
  const expected = project ? project.gifts + matchFor(round, projectId) - project.paid : 0n;
  if (amount !== expected || amount === 0n) {
    const message = `Project ${projectId} is due ${expected}, the event says ${amount}.`;
    broken(round, event, "wrong-claim", message, { projectId, expected, actual: amount });
  }
  const registry = books.registries.get(round.rules.terms.registry);
  const right = registry && event.at.timestamp && payoutAt(registry, projectId, event.at.timestamp);
  if (registry && right !== payout) {
    const message = `The registry sends the money of project ${projectId} to ${right ?? "nobody"}, the event to ${payout}.`;
    broken(round, event, "wrong-payout", message, { projectId, account: payout });
  }
  if (project) project.paid += amount;
  round.claimed += amount;
  return [{ direction: "out", account: payout, amount, at: event.at }];
}

/** What of a line is not a standing gift goes back to its donor, and the list then says so under project 0. */
export function refund(books: Books, round: RoundLedger, event: Event<"Refunded">): Payment[] {
  const { lineId, donor, amount, gifts } = event.args;
  const channel = books.ledger.channels.get(lineId);
  const line = round.lines.get(lineId);
  const own = channel ? channel.channel.payee === round.rules.pool : line !== undefined;
  const right = channel?.channel.payer ?? line?.donor;
  if (!own || right !== donor) {
    broken(round, event, "wrong-refund", `Line ${lineId} is ${right ?? "nobody"}'s, and was refunded to ${donor}.`, {
      account: donor,
    });
  }
  const before = line?.gifts ?? [];
  const received = channel ? channel.settled : sumOf(before);
  const kept = before.filter(({ projectId }) => {
    return projectId !== 0n && round.status !== "refunding" && !round.projects.get(projectId)?.disqualified;
  });
  const refunded = received - sumOf(kept);
  const expected = refunded - (before.find(({ projectId }) => projectId === 0n)?.cumulativeAmount ?? 0n);
  if (amount !== expected || amount === 0n) {
    const message = `Line ${lineId} is due ${expected}, the event says ${amount}.`;
    broken(round, event, "wrong-refund", message, { account: donor, expected, actual: amount });
  }
  const list = [{ projectId: 0n, cumulativeAmount: refunded }, ...kept];
  const same =
    list.length === gifts.length &&
    list.every(({ projectId, cumulativeAmount }, index) => {
      return projectId === gifts[index]?.projectId && cumulativeAmount === gifts[index].cumulativeAmount;
    });
  if (!same)
    broken(round, event, "wrong-refund", `The list that stands on line ${lineId} is another.`, { account: donor });
  round.lines.set(lineId, { of: line?.of ?? "channel", donor, gifts });
  round.refunded += amount;
  return [{ direction: "out", account: donor, amount, at: event.at }];
}

export function refundSponsor(round: RoundLedger, event: Event<"SponsorRefunded">): Payment[] {
  const { index, sponsor: account, amount } = event.args;
  requireStatus(round, event, "refunding", "settled");
  const receipt = round.receipts[Number(index)];
  const unused = round.status === "refunding" ? round.pot : round.settlement.unused;
  const fits = unused <= round.pot;
  const expected = receipt && fits && !receipt.refunded ? sponsorRefund(receipt, unused, round.pot) : 0n;
  if (!receipt || receipt.refunded || receipt.sponsor !== account || amount !== expected) {
    const message = `Receipt ${index} is due ${expected} to ${receipt?.sponsor ?? "nobody"}, the event says ${amount} to ${account}.`;
    broken(round, event, "wrong-sponsor-refund", message, { account, expected, actual: amount });
  }
  if (receipt) receipt.refunded = true;
  round.sponsorRefunded += amount;
  return [{ direction: "out", account, amount, at: event.at }];
}

function standingProject(round: RoundLedger, event: PoolEvent, projectId: bigint) {
  const project = round.projects.get(projectId);
  if (!project) broken(round, event, "not-accepted", `Project ${projectId} takes no part in the round.`, { projectId });
  if (project?.disqualified) {
    broken(round, event, "not-accepted", `Project ${projectId} was taken out of the round.`, { projectId });
  }
  return project;
}
