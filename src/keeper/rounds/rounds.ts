import type { Address } from "viem";
import { LeaseLostError } from "../../chain/index.ts";
import type { Hand } from "../hand.ts";
import type { RoundOptions } from "./options.ts";
import type { RoundScope } from "./plan.ts";
import { openRound, type RoundKeeper, type RoundReport, type Surroundings } from "./roundKeeper.ts";

/** The keepers of all rounds; none waits for another's fault. */
export type Rounds = {
  readonly keepers: readonly RoundKeeper[];
  /** @throws the first fault, after every round had its pass; the loss of the lease before any other. */
  pass(scope: RoundScope): Promise<RoundReport[]>;
};

/** @param closers The hand of each closer's key, by its address. */
export async function openRounds(
  options: readonly RoundOptions[],
  around: Omit<Surroundings, "closer">,
  closers: ReadonlyMap<string, Hand>,
): Promise<Rounds> {
  const keepers: RoundKeeper[] = [];
  for (const round of options) {
    const closer = round.closer && closers.get(round.closer.address.toLowerCase());
    keepers.push(await openRound(round, { ...around, closer }));
  }
  return {
    keepers,
    async pass(scope) {
      const outcomes = await Promise.allSettled(keepers.map((keeper) => keeper.pass(scope)));
      const faults = outcomes.flatMap((outcome) => (outcome.status === "rejected" ? [outcome.reason as unknown] : []));
      if (faults.length > 0) throw faults.find((fault) => fault instanceof LeaseLostError) ?? faults[0];
      return outcomes.flatMap((outcome) => (outcome.status === "fulfilled" ? [outcome.value] : []));
    },
  };
}

/** The pools of rounds, in lower case: payees whose channels the ordinary loops leave alone. */
export function poolsOf(options: readonly RoundOptions[]): ReadonlySet<Address> {
  return new Set(options.map(({ pool }) => pool.toLowerCase() as Address));
}
