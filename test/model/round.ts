// A whole round of the donation pool, slow and plain, to be asked what the contract should have done. Every verb checks,
// then changes; a refused verb changes nothing. Signatures, hashes and tokens are left out: what is signed is given.
import { type CountedGift, overflows, type Result, settleSlowly, sum, tallyOf } from "./matching.ts";
import { type Line, type Listed, type Project, type Reason, type Receipt, Refused, type RoundTerms } from "./types.ts";

export class RoundModel {
  readonly terms: RoundTerms;
  now = 0;
  state: "running" | "refunding" | "settled" = "running";
  readonly lines = new Map<string, Line>();
  readonly projects = new Map<number, Project>();
  readonly receipts: Receipt[] = [];
  /** Every gift that draws matching, in order. */
  counted: readonly CountedGift[] = [];
  /** Key and weight of each donor, from its first counted gift on. */
  readonly frozen = new Map<string, { key: string; weightBps: number }>();
  result: Result | undefined;
  /** The pool's tokens. */
  balance = 0n;
  /** Owed to the pool by the escrow, whose push to it was refused. */
  credit = 0n;
  /** The token refuses transfers from the escrow to the pool. */
  blocked = false;
  /** All that ever left, by kind; there is no other. */
  readonly paidOut = { projects: 0n, donors: 0n, sponsors: 0n };

  constructor(terms: RoundTerms) {
    this.terms = terms;
  }

  get pot(): bigint {
    return sum(this.receipts.map(({ deposit }) => deposit));
  }

  /** Opens a channel to the pool. */
  openChannel(id: string, donor: string, deposit: bigint): void {
    need(!this.lines.has(id), "AlreadyKnown");
    const empty = { received: 0n, closed: false, gifts: new Map<number, bigint>(), refunded: 0n };
    this.lines.set(id, { donor, channel: true, deposit, ...empty });
  }

  /** Anyone settles a channel on the escrow, past the pool: the cash comes without an allocation. */
  settleChannel(id: string, cumulativeAmount: bigint): void {
    const line = this.#channel(id);
    need(!line.closed && cumulativeAmount > line.received && cumulativeAmount <= line.deposit, "EscrowRefuses");
    const increase = cumulativeAmount - line.received;
    line.received = cumulativeAmount;
    if (this.blocked) this.credit += increase;
    else this.balance += increase;
  }

  /** The channel ends; what is settled stays settled. */
  closeChannel(id: string): void {
    const line = this.#channel(id);
    need(!line.closed, "EscrowRefuses");
    line.closed = true;
  }

  admit(project: number): void {
    need(project > 0, "Unknown");
    const known = this.projects.get(project);
    this.projects.set(project, { disqualified: false, paid: 0n, ...known, accepted: true });
  }

  suspend(project: number): void {
    this.#project(project).accepted = false;
  }

  /**
   * Attributes what a channel's newest allocation adds.
   * @param data Gate data under which the gifts count; undefined gives without matching.
   */
  collect(id: string, gifts: readonly Listed[], data?: string): void {
    this.#needOpen();
    const line = this.#channel(id);
    needWellFormed(gifts);
    const cumulativeAmount = sum(gifts.map(({ amount }) => amount));
    const settles = cumulativeAmount > line.received;
    need(!settles || (!line.closed && cumulativeAmount <= line.deposit), "EscrowRefuses");
    need(!this.blocked || (!settles && this.credit === 0n), "CreditRemains");
    const listed = (project: number) => gifts.find((gift) => gift.project === project)?.amount ?? 0n;
    need(listed(0) >= line.refunded, "AllocationDiverges");
    need(
      [...line.gifts].every(([project, amount]) => listed(project) >= amount),
      "AllocationDiverges",
    );
    const received = settles ? cumulativeAmount : line.received;
    const increments = gifts
      .map(({ project, amount }) => ({ project, amount: amount - (line.gifts.get(project) ?? 0n) }))
      .filter(({ project, amount }) => amount > 0n && this.projects.get(project)?.accepted);
    const standing = increments.length === 0 ? undefined : this.#ask(line.donor, data);
    const room = received - attributedOf(line) - line.refunded;
    need(sum(increments.map(({ amount }) => amount)) <= room, "AllocationExceedsCash");
    this.#pull();
    this.balance += received - line.received;
    line.received = received;
    this.#attribute(line, increments, standing);
  }

  /** Gives from a wallet at once: increments, to accepted projects alone. */
  donate(id: string, donor: string, gifts: readonly Listed[], data?: string): void {
    this.#needOpen();
    need(!this.lines.has(id), "AlreadyKnown");
    needWellFormed(gifts);
    need(gifts.length > 0, "ZeroAmount");
    const accepted = gifts.filter(({ project }) => this.projects.get(project)?.accepted);
    need(accepted.length > 0, "NotAccepted");
    const standing = this.#ask(donor, data);
    need(accepted.length === gifts.length, "NotAccepted");
    const received = sum(gifts.map(({ amount }) => amount));
    const line = { donor, channel: false, deposit: received, received, closed: true, gifts: new Map(), refunded: 0n };
    this.lines.set(id, line);
    this.balance += received;
    this.#attribute(line, gifts, standing);
  }

  sponsor(sponsor: string, deposit: bigint): void {
    need(this.terms.matching, "NotMatching");
    need(this.state === "running", "Refunding");
    need(this.now < this.terms.end, "TooLate");
    need(deposit > 0n, "ZeroAmount");
    this.receipts.push({ sponsor, deposit, refunded: false });
    this.balance += deposit;
  }

  cancel(): void {
    need(this.terms.matching, "NotMatching");
    need(this.state === "running", "Refunding");
    need(this.now < this.terms.end, "TooLate");
    this.state = "refunding";
  }

  disqualify(id: number): void {
    need(this.terms.matching, "NotMatching");
    need(this.state === "running", "Refunding");
    need(this.now >= this.terms.end, "TooEarly");
    need(this.now < this.terms.challengeEnd, "TooLate");
    const project = this.#project(id);
    need(!project.disqualified, "Disqualified");
    project.disqualified = true;
    project.accepted = false;
  }

  settleRound(cappedCount: number, cappedSubsidy: bigint): void {
    need(this.terms.matching, "NotMatching");
    need(this.state !== "refunding", "Refunding");
    need(this.state !== "settled", "AlreadySettled");
    need(this.now >= this.terms.challengeEnd, "TooEarly");
    const result = settleSlowly(this.subsidies(), this.pot, this.terms.cap);
    need(result.cappedCount === cappedCount && result.cappedSubsidy === cappedSubsidy, "WrongPair");
    this.result = result;
    this.state = "settled";
  }

  switchToRefunds(): void {
    need(this.terms.matching, "NotMatching");
    need(this.state !== "refunding", "Refunding");
    need(this.state !== "settled", "AlreadySettled");
    need(this.now >= this.terms.settleBy, "TooEarly");
    this.state = "refunding";
  }

  claim(id: number): bigint {
    need(this.state !== "refunding", "Refunding");
    need(!this.terms.matching || this.state === "settled", "NotSettled");
    const project = this.projects.get(id);
    if (!project) return 0n;
    need(!project.disqualified, "Disqualified");
    const due = this.giftsOf(id) + (this.result?.matches.get(id) ?? 0n) - project.paid;
    if (due === 0n) return 0n;
    this.#pull();
    project.paid += due;
    return this.#pay("projects", due);
  }

  /** A donor's refund: all of it while refunding; else what is not attributed, and gifts to disqualified projects. */
  refund(id: string, caller: string): bigint {
    const line = this.lines.get(id);
    if (!line) throw new Refused("Unknown");
    const refunding = this.state === "refunding";
    need(refunding || this.now >= this.terms.end || caller === line.donor, "NotDonor");
    const lost = [...line.gifts].filter(([project]) => refunding || this.projects.get(project)?.disqualified);
    const due = line.received - attributedOf(line) - line.refunded + sum(lost.map(([, amount]) => amount));
    if (due === 0n) return 0n;
    this.#pull();
    for (const [project] of lost) line.gifts.delete(project);
    line.refunded += due;
    return this.#pay("donors", due);
  }

  refundSponsor(index: number): bigint {
    const receipt = this.receipts[index];
    if (!receipt) throw new Refused("Unknown");
    need(this.state !== "running", "NotSettled");
    need(!receipt.refunded, "AlreadyRefunded");
    this.#pull();
    receipt.refunded = true;
    return this.#pay("sponsors", this.shareOf(index));
  }

  /** `R` of each project that is not disqualified. */
  subsidies(): Map<number, bigint> {
    const standing = [...this.projects].filter(([, { disqualified }]) => !disqualified);
    return new Map(standing.map(([id]) => [id, tallyOf(this.counted, id, this.terms).subsidy]));
  }

  /** Gifts attributed to a project, base units. */
  giftsOf(project: number): bigint {
    return sum([...this.lines.values()].map(({ gifts }) => gifts.get(project) ?? 0n));
  }

  /** What a receipt gets of the pot, refunded or not: its deposit, or its part of what was unused. */
  shareOf(index: number): bigint {
    const { pot } = this;
    const unused = this.result?.unused ?? pot;
    const prefix = sum(this.receipts.slice(0, index).map(({ deposit }) => deposit));
    const deposit = this.receipts[index]?.deposit ?? 0n;
    return (unused * (prefix + deposit)) / pot - (unused * prefix) / pot;
  }

  #needOpen(): void {
    need(this.now >= this.terms.start && this.now < this.terms.end, "NotOpen");
    need(this.state !== "refunding", "Refunding");
  }

  #channel(id: string): Line {
    const line = this.lines.get(id);
    if (!line?.channel) throw new Refused("Unknown");
    return line;
  }

  #project(id: number): Project {
    const project = this.projects.get(id);
    if (!project) throw new Refused("Unknown");
    return project;
  }

  /** The key and weight under which a donor's gifts count, if they are to. */
  #ask(donor: string, data: string | undefined): { key: string; weightBps: number } | undefined {
    if (data === undefined || !this.terms.matching) return undefined;
    const standing = this.frozen.get(donor) ?? this.terms.gate(donor, data);
    need(standing.weightBps > 0, "NotEligible");
    return standing;
  }

  #attribute(
    line: Line,
    increments: readonly Listed[],
    standing: { key: string; weightBps: number } | undefined,
  ): void {
    for (const { project, amount } of increments) {
      line.gifts.set(project, (line.gifts.get(project) ?? 0n) + amount);
      if (!standing) continue;
      this.frozen.set(line.donor, standing);
      const more = [...this.counted, { project, amount, ...standing }];
      if (!overflows(more, this.terms)) this.counted = more;
    }
  }

  #pull(): void {
    need(!this.blocked || this.credit === 0n, "CreditRemains");
    this.balance += this.credit;
    this.credit = 0n;
  }

  #pay(kind: "projects" | "donors" | "sponsors", amount: bigint): bigint {
    this.balance -= amount;
    this.paidOut[kind] += amount;
    return amount;
  }
}

/** Base units attributed on a line. */
export function attributedOf(line: Line): bigint {
  return sum(line.gifts.values());
}

/** Strictly ascending by project, none of nothing, at most 64. */
function needWellFormed(gifts: readonly Listed[]): void {
  const ascending = gifts.every((gift, index) => index === 0 || gift.project > (gifts[index - 1]?.project ?? 0));
  need(gifts.length <= 64 && ascending && gifts.every(({ amount }) => amount > 0n), "InvalidAllocation");
}

function need(condition: boolean | undefined, reason: Reason): asserts condition {
  if (!condition) throw new Refused(reason);
}
