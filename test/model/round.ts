// A whole round of the donation pool, slow and plain, to be asked what the contract should have done. Every verb checks,
// then changes; a refused verb changes nothing. Hashes and tokens are left out: whether a paper is in order is given.
import {
  attributedOf,
  fetchable,
  gracePeriod,
  needAllocation,
  needLive,
  needSettleable,
  newLine,
  standingList,
  unopened,
} from "./lines.ts";
import { overflows, settleSlowly, sum } from "./matching.ts";
import { RoundState, type Standing } from "./state.ts";
import { type Item, type Line, type Listed, need, type Papers, type Project, type Reason, Refused } from "./types.ts";

export class RoundModel extends RoundState {
  /** Opens a channel to the pool. */
  openChannel(id: string, donor: string, deposit: bigint): void {
    need(!this.lines.has(id), "ChannelAlreadyExists");
    this.lines.set(id, newLine(donor, deposit));
  }

  /** Anyone settles a channel on the escrow, past the pool: the cash comes without an allocation. */
  settleChannel(id: string, cumulativeAmount: bigint): void {
    const line = this.lines.get(id);
    needSettleable(line, cumulativeAmount, false);
    this.#receive(line as Line, cumulativeAmount);
  }

  /** The payer asks the escrow for its remainder. */
  requestClose(id: string): void {
    const line = this.lines.get(id);
    needLive(line);
    line.closeRequestedAt ??= this.now;
  }

  /** The payer takes its remainder, the grace period after it asked. */
  withdrawChannel(id: string): void {
    const line = this.lines.get(id);
    needLive(line);
    need(this.now >= (line.closeRequestedAt ?? Number.POSITIVE_INFINITY) + gracePeriod, "CloseNotReady");
    line.closed = true;
  }

  /** Anyone has the pool close a channel that can bring nothing more; what is settled stays settled. */
  closeChannel(id: string): void {
    need(this.state === "refunding" || this.now >= this.terms.end, "TooEarly");
    const line = this.lines.get(id);
    needLive(line);
    line.closed = true;
  }

  admit(project: number): void {
    need(this.now < this.terms.end, "TooLate");
    need(!this.projects.has(project), "ProjectAlreadyAdmitted");
    this.projects.set(project, { disqualified: false, given: 0n, paid: 0n });
  }

  suspend(project: number): void {
    this.#judge(project, false);
  }

  reinstate(project: number): void {
    this.#judge(project, true);
  }

  /** Attributes what a channel's newest allocation adds. */
  collect(line: string, gifts: readonly Listed[], data?: string, papers: Papers = {}): void {
    this.#needOpen();
    this.#prepare({ line, gifts, data, ...papers })();
  }

  /** @returns why each item was passed over; undefined where it was collected. */
  collectBatch(items: readonly Item[]): (Reason | undefined)[] {
    this.#needOpen();
    return items.map((item) => {
      try {
        return void this.#prepare(item)();
      } catch (error) {
        if (error instanceof Refused) return error.reason;
        throw error;
      }
    });
  }

  /** Collects, then closes: at the payer's signed request, or at one that is pending in the escrow. */
  collectAndClose(item: Item, request: "signed" | "pending"): void {
    this.#needOpen();
    const attribute = this.#prepare(item);
    const line = this.lines.get(item.line);
    if (request === "pending") need(line?.closeRequestedAt !== undefined, "CloseNotRequested");
    needLive(line);
    attribute();
    line.closeRequestedAt ??= this.now;
    line.closed = true;
  }

  /** Gives from a wallet at once: increments, to accepted projects alone. */
  donate(id: string, donor: string, gifts: readonly Listed[], data?: string): void {
    this.#needOpen();
    need(!this.lines.has(id), "DonationExists");
    need(gifts.length > 0, "ZeroAmount");
    needAllocation(gifts, []);
    need(
      gifts.every(({ project }) => this.#takesGifts(project)),
      "ProjectNotAccepted",
    );
    const standing = this.#ask(donor, data);
    const received = sum(gifts.map(({ amount }) => amount));
    const line = { ...newLine(donor, received), channel: false, received, closed: true };
    this.lines.set(id, line);
    this.balance += received;
    this.#attribute(line, gifts, standing);
  }

  /** @returns the receipt's index. */
  sponsor(sponsor: string, deposit: bigint): bigint {
    this.#needRunning();
    need(this.now < this.terms.end, "TooLate");
    need(deposit > 0n, "ZeroAmount");
    this.receipts.push({ sponsor, deposit, refunded: false });
    this.balance += deposit;
    return BigInt(this.receipts.length - 1);
  }

  cancel(): void {
    this.#needRunning();
    need(this.now < this.terms.end, "TooLate");
    this.state = "refunding";
  }

  disqualify(id: number): void {
    this.#needRunning();
    need(this.now >= this.terms.end, "TooEarly");
    need(this.now < this.terms.challengeEnd, "TooLate");
    this.#standing(id).disqualified = true;
  }

  settleRound(cappedCount: number, cappedSubsidy: bigint): void {
    this.#needRunning();
    need(this.now >= this.terms.challengeEnd, "TooEarly");
    const result = settleSlowly(this.subsidies(), this.pot, this.terms.cap);
    need(result.cappedCount === cappedCount && result.cappedSubsidy === cappedSubsidy, "WrongPair");
    this.result = result;
    this.state = "settled";
  }

  switchToRefunds(): void {
    this.#needRunning();
    need(this.now >= this.terms.settleBy, "TooEarly");
    this.state = "refunding";
  }

  claim(id: number): bigint {
    need(this.state !== "refunding", "Refunding");
    need(!this.terms.matching || this.state === "settled", "NotSettled");
    const project = this.#standing(id);
    const due = this.giftsOf(id) + (this.result?.matches.get(id) ?? 0n) - project.paid;
    if (due === 0n) return 0n;
    this.#pull();
    project.paid += due;
    return this.#pay("projects", due);
  }

  /**
   * A donor's refund: all of it while refunding; else what is not attributed, and gifts to disqualified projects.
   * @param donor Whose line it is said to be, where there is none.
   */
  refund(id: string, caller: string, donor = ""): bigint {
    const line = this.lines.get(id) ?? unopened(donor);
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
    need(this.state !== "running", "NotSettled");
    const receipt = this.receipts[index];
    if (!receipt) throw new Refused("ReceiptNotFound");
    need(!receipt.refunded, "AlreadyRefunded");
    this.#pull();
    receipt.refunded = true;
    return this.#pay("sponsors", this.shareOf(index));
  }

  #needOpen(): void {
    need(this.now >= this.terms.start && this.now < this.terms.end, "NotOpen");
    need(this.state !== "refunding", "Refunding");
  }

  #needRunning(): void {
    need(this.terms.matching, "NotMatching");
    need(this.state !== "refunding", "Refunding");
    need(this.state !== "settled", "AlreadySettled");
  }

  #judge(project: number, accepted: boolean): void {
    need(this.registry.has(project), "ProjectNotFound");
    need(this.registry.get(project) !== accepted, "InvalidStatus");
    this.registry.set(project, accepted);
  }

  #takesGifts(project: number): boolean {
    return this.projects.has(project) && this.registry.get(project) === true;
  }

  #standing(id: number): Project {
    const project = this.projects.get(id);
    if (!project) throw new Refused("ProjectNotAdmitted");
    need(!project.disqualified, "ProjectIsDisqualified");
    return project;
  }

  /** Checks an item of `collect`. @returns what carries it out. */
  #prepare({ line: id, gifts, data, ...papers }: Item): () => void {
    const line = this.lines.get(id) ?? unopened("");
    need(papers.previous !== "other", "GiftsMismatch");
    needAllocation(gifts, standingList(line));
    need(papers.allocation !== "forged", "InvalidSignature");
    const received = fetchable(line, sum(gifts.map(({ amount }) => amount)), papers);
    need(!this.blocked || (received === line.received && this.credit === 0n), "CreditRemains");
    const increments = gifts
      .map(({ project, amount }) => ({ project, amount: amount - (line.gifts.get(project) ?? 0n) }))
      .filter(({ project, amount }) => amount > 0n && this.#takesGifts(project));
    const standing = increments.length === 0 ? undefined : this.#ask(line.donor, data);
    return () => {
      this.#receive(line, received);
      this.#pull();
      this.#attribute(line, increments, standing);
    };
  }

  /** The key and weight under which a donor's gifts count, if they are to. */
  #ask(donor: string, data: string | undefined): Standing | undefined {
    if (data === undefined || !this.terms.matching) return undefined;
    const standing = this.frozen.get(donor) ?? this.terms.gate(donor, data);
    need(standing.weightBps > 0, "NotEligible");
    return standing;
  }

  #attribute(line: Line, increments: readonly Listed[], standing: Standing | undefined): void {
    for (const { project, amount } of increments) {
      line.gifts.set(project, (line.gifts.get(project) ?? 0n) + amount);
      (this.projects.get(project) as Project).given += amount;
      if (!standing) continue;
      this.frozen.set(line.donor, standing);
      const more = [...this.counted, { project, amount, ...standing }];
      const own = more.filter((gift) => gift.project === project);
      if (!overflows(own, this.terms)) this.counted = more;
    }
  }

  /** The escrow pays what a channel's settlement rose by, or owes it. */
  #receive(line: Line, settled: bigint): void {
    const increase = settled - line.received;
    line.received = settled;
    if (this.blocked) this.credit += increase;
    else this.balance += increase;
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
