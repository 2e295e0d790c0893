import { keccak256, stringToHex } from "viem";
import { quadratic } from "../../../src/protocol/index.ts";
import { sum } from "../matching.ts";
import type { RoundModel } from "../round.ts";
import { remembered } from "./remembered.ts";

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

/** A key of the model, as the library takes it. */
export const libraryKey = remembered((name) => keccak256(stringToHex(name)));
