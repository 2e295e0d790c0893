// What a round stores, and what follows from it.
import { type CountedGift, type Result, sum, type TallyOfProject, tallyOf } from "./matching.ts";
import type { Line, Project, Receipt, RoundTerms } from "./types.ts";

export type Standing = { key: string; weightBps: number };

export class RoundState {
  readonly terms: RoundTerms;
  now = 0;
  state: "running" | "refunding" | "settled" = "running";
  readonly lines = new Map<string, Line>();
  /** What the registry knows, and whether it takes gifts. */
  readonly registry = new Map<number, boolean>();
  /** In the order of their admission to the round. */
  readonly projects = new Map<number, Project>();
  readonly receipts: Receipt[] = [];
  /** Every gift that draws matching, in order. */
  counted: readonly CountedGift[] = [];
  /** Key and weight of each donor, from its first counted gift on. */
  readonly frozen = new Map<string, Standing>();
  result: Result | undefined;
  /** The pool's tokens. */
  balance = 0n;
  /** Owed to the pool by the escrow, whose push to it was refused. */
  credit = 0n;
  /** The token refuses transfers from the escrow to the pool. */
  blocked = false;
  /** All that ever left, by kind; there is no other. */
  readonly paidOut = { projects: 0n, donors: 0n, sponsors: 0n };

  /** Counts are asked for again and again; each holds for the gifts that it was made of. */
  readonly #tallies = new Map<number, TallyOfProject & { of: readonly CountedGift[] }>();

  /** @param registered Projects that the registry has accepted. */
  constructor(terms: RoundTerms, registered: readonly number[] = []) {
    this.terms = terms;
    for (const project of registered) this.registry.set(project, true);
  }

  get pot(): bigint {
    return sum(this.receipts.map(({ deposit }) => deposit));
  }

  /** A project's count. */
  tally(project: number): TallyOfProject {
    let tally = this.#tallies.get(project);
    if (tally?.of !== this.counted) {
      tally = { of: this.counted, ...tallyOf(this.counted, project, this.terms) };
      this.#tallies.set(project, tally);
    }
    return tally;
  }

  /** `R` of each project that is not disqualified. */
  subsidies(): Map<number, bigint> {
    const standing = [...this.projects].filter(([, { disqualified }]) => !disqualified);
    return new Map(standing.map(([id]) => [id, this.tally(id).subsidy]));
  }

  /** Gifts that stand on all lines for a project, base units. */
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
}
