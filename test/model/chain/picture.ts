// What the contracts have to store and everybody to hold after each step, if the model and the library are right: the words
// of RoundReader, in its order.
import { type Hex, keccak256, stringToHex } from "viem";
import { quadratic } from "../../../src/protocol/index.ts";
import { cast } from "../cast.ts";
import { standingList } from "../lines.ts";
import { sum } from "../matching.ts";
import type { RoundModel } from "../round.ts";
import type { Line, Listed } from "../types.ts";
import { fortune, keyIdOf, type Stage } from "./stage.ts";

/** The library's own count of a round, fed with what the model counted, gift by gift. */
export class LibraryCount {
  readonly tally: quadratic.Tally;
  #fed = 0;

  constructor(terms: quadratic.CountingTerms) {
    this.tally = quadratic.createTally(terms);
  }

  /** Counts what is new. @throws if the library's count is not the model's. */
  follow(model: RoundModel): void {
    for (const { project, key, amount, weightBps } of model.counted.slice(this.#fed)) {
      this.tally.count({ project: BigInt(project), key: libraryKey(key), amount, weightBps });
    }
    this.#fed = model.counted.length;
    for (const [project, { disqualified }] of model.projects) {
      if (disqualified) this.tally.disqualify(BigInt(project));
      const { rootSum, subsidy, donors } = model.tally(project);
      const counted = this.tally.project(BigInt(project));
      if (counted.rootSum !== rootSum || counted.subsidy !== subsidy || counted.donors !== donors) {
        throw new Error(`The library's count of project ${project} is not the model's.`);
      }
    }
    if (this.tally.totalSubsidy !== sum(model.subsidies().values())) {
      throw new Error("The library's total of subsidies is not the model's.");
    }
  }
}

/** A word and what it is. */
export type Word = { name: string; value: bigint };

export function wordsOf(stage: Stage, model: RoundModel, { tally }: LibraryCount): Word[] {
  const words: Word[] = [];
  const push = (name: string, value: bigint | number | boolean) => words.push({ name, value: BigInt(value) });
  const lineOf = (id: string) => model.lines.get(id);
  const channels = cast.channels.map((id) => lineOf(id));
  const locked = sum(channels.map((line) => (line && !line.closed ? line.deposit - line.received : 0n)));

  push("status", ["running", "refunding", "settled"].indexOf(model.state));
  push("the pool's tokens", model.balance);
  push("the escrow's tokens", locked + model.credit);
  push("the pool's credit", model.credit);
  push("accepted bits", sum([...model.registry].map(([id, accepted]) => (accepted ? 1n << BigInt(id) : 0n))));
  const lambda = lambdaOf(model);
  push("lambda's numerator", lambda.numerator);
  push("lambda's denominator", lambda.denominator);
  push("unused", model.result?.unused ?? 0n);
  push("pot", model.pot);
  push("receipts", model.receipts.length);
  let prefix = 0n;
  for (const [index, { sponsor, refunded, deposit }] of model.receipts.entries()) {
    push(`receipt ${index}: sponsor`, BigInt(stage.address(sponsor)));
    push(`receipt ${index}: refunded`, refunded);
    push(`receipt ${index}: prefix`, prefix);
    push(`receipt ${index}: deposit`, deposit);
    prefix += deposit;
  }
  push("projects", model.projects.size);
  for (const id of model.projects.keys()) push("a project", id);

  for (const id of cast.projects) {
    const project = model.projects.get(id);
    const { rootSum, subsidy, donors } = tally.project(BigInt(id));
    push(`project ${id}: gifts`, project?.given ?? 0n);
    push(`project ${id}: paid`, project?.paid ?? 0n);
    push(`project ${id}: S`, rootSum);
    push(`project ${id}: R`, subsidy);
    push(`project ${id}: donors`, donors);
    push(`project ${id}: admitted`, project !== undefined);
    push(`project ${id}: disqualified`, project?.disqualified ?? false);
    push(`project ${id}: match`, model.result?.matches.get(id) ?? 0n);
  }
  push("T", tally.totalSubsidy);

  for (const [index, id] of cast.channels.entries()) {
    const line = channels[index];
    push(`${id}: list`, hashOf(line));
    push(`${id}: deposit`, line?.deposit ?? 0n);
    push(`${id}: settled`, line?.received ?? 0n);
    push(`${id}: close requested`, line?.closeRequestedAt === undefined ? 0 : stage.epoch + line.closeRequestedAt);
    push(`${id}: closed`, line?.closed ?? false);
  }
  for (const id of cast.donations) push(`${id}: list`, hashOf(lineOf(id)));

  for (const donor of cast.donors) {
    const standing = model.frozen.get(donor);
    push(`${donor}: key`, standing ? keyIdOf(standing.key) : 0n);
    push(`${donor}: weight`, standing?.weightBps ?? 0);
  }
  for (const key of cast.keys) {
    for (const id of cast.projects) {
      const { weighted, root } = tally.entry(BigInt(id), libraryKey(key));
      push(`${key} for project ${id}: w`, weighted);
      push(`${key} for project ${id}: s`, root);
    }
  }

  for (const donor of cast.donors) {
    const lines = [...model.lines.values()].filter((line) => line.donor === donor);
    push(`${donor}'s tokens`, fortune - sum(lines.map(spentOn)));
  }
  for (const sponsor of cast.sponsors) {
    const own = model.receipts
      .map((receipt, index) => ({ ...receipt, index }))
      .filter((each) => each.sponsor === sponsor);
    const back = own.filter(({ refunded }) => refunded).map(({ index }) => model.shareOf(index));
    push(`${sponsor}'s tokens`, fortune - sum(own.map(({ deposit }) => deposit)) + sum(back));
  }
  for (const id of cast.projects) push(`project ${id}'s tokens`, model.projects.get(id)?.paid ?? 0n);
  return words;
}

/** What a line took from its donor and did not give back. */
function spentOn({ deposit, received, closed, refunded }: Line): bigint {
  return (closed ? received : deposit) - refunded;
}

/** The library's lambda. */
function lambdaOf(model: RoundModel): quadratic.Lambda {
  if (!model.result) return { numerator: 0n, denominator: 0n };
  const { cappedCount, cappedSubsidy } = model.result;
  const total = sum(model.subsidies().values());
  return quadratic.lambdaOf(total, { pot: model.pot, cap: model.terms.cap }, { cappedCount, cappedSubsidy });
}

/** Hash of the list that stands, as anyone computes it from an event: its words in a row. */
function hashOf(line: Line | undefined): bigint {
  const listed: readonly Listed[] = line ? standingList(line) : [];
  if (listed.length === 0) return 0n;
  return BigInt(keccak256(`0x${listed.map(({ project, amount }) => hex(BigInt(project)) + hex(amount)).join("")}`));
}

/** A word as 64 digits. */
export function hex(value: bigint): string {
  return value.toString(16).padStart(64, "0");
}

function libraryKey(name: string): Hex {
  return keccak256(stringToHex(name));
}
