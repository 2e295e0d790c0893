// What the cluster can gain, said before the round and held against what it gained.
import type { Hex } from "viem";
import { quadratic } from "../../../src/protocol/index.ts";
import { seededDice } from "../../simulate/seededDice.ts";
import { type Donor, donorWallet, eligibleDonors, projects, special } from "./cast.ts";
import { counting, sponsorDeposits } from "./terms.ts";

/** Base units of match. */
export type Foretold = {
  wallets: number;
  /** As how many people the list takes them. */
  keys: number;
  /** `min(cap, k * (k - 1) * maxCounted)`: no gifts of `k` keys draw more, whatever others give and however large the pot. */
  bound: bigint;
  /** The most of twenty simulated rounds in which the wallets share out over their keys as is best for them. */
  simulated: bigint;
  /** What it would be if each wallet were a person. */
  ungated: bigint;
};

const rounds = 20;

/** What the cluster's wallets can gain in a round of these terms. */
export function foretell(donors: readonly Donor[]): Foretold {
  const own = donors.filter(({ kind }) => kind === "cluster" || kind === "leaked");
  const keys = own.filter(({ kind }) => kind === "leaked").length + 1;
  const [wallets, honest] = [own.length, donors.length - own.length];
  const raw = BigInt(keys * (keys - 1)) * counting.maxCounted;
  const usual = (of: readonly Donor[]) => given(of) / BigInt(of.length);
  const others = donors.filter((donor) => !own.includes(donor));
  const parameters: quadratic.RoundParameters = {
    pot: sponsorDeposits.reduce((sum, one) => sum + one, 0n),
    ...counting,
    donors: honest,
    projects: projects.length - 1,
    giftsPerDonor: 2,
    gift: usual(others) / 2n,
    gate: { kind: "attested", sybilWeightBps: quadratic.fullWeight, sybilKeys: keys },
    sybils: wallets,
    // Of the wallets the one that gives most: all give as much in the simulation.
    sybilGift: own.reduce((most, donor) => (given([donor]) > most ? given([donor]) : most), 0n),
    sybilCost: 0n,
  };
  const play = (gate: quadratic.SimulatedGate) =>
    Array.from({ length: rounds }, (_, seed) => quadratic.simulateRound({ ...parameters, gate }, seededDice(seed)))
      .map(({ attack }) => attack.match)
      .reduce((most, match) => (match > most ? match : most), 0n);
  return {
    wallets,
    keys,
    bound: raw < counting.cap ? raw : counting.cap,
    simulated: play(parameters.gate),
    ungated: play({ kind: "open" }),
  };
}

/** Every project's match, recomputed from what each donor gave: nothing of the chain but the pot is in it. */
export function recomputeMatches(
  seed: string,
  donors: readonly Donor[],
  givenTo: ReadonlyMap<number, ReadonlyMap<bigint, bigint>>,
  pot: bigint,
): ReadonlyMap<bigint, bigint> {
  const list = new Map(eligibleDonors(seed, donors).map((entry) => [entry.donor, entry]));
  const tally = quadratic.createTally(counting);
  for (const [index, gifts] of givenTo) {
    const entry = list.get(donorWallet(seed, index).address);
    if (!entry) continue; // Not on the list: given without matching.
    for (const [project, amount] of gifts) {
      tally.count({ project, key: entry.key as Hex, amount, weightBps: entry.weightBps });
    }
  }
  const subsidies = tally.subsidies();
  const terms = { pot, cap: counting.cap };
  return quadratic.settle(subsidies, terms, quadratic.findCapped(subsidies, terms)).matches;
}

export const ofCluster = special.ofCluster;

function given(donors: readonly Donor[]): bigint {
  return donors.flatMap(({ taps }) => taps).reduce((sum, { amount }) => sum + amount, 0n);
}
