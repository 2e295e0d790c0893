import { type Hex, numberToHex } from "viem";
import type { CountingTerms } from "./entry.ts";
import { fullWeight } from "./limits.ts";
import { findCapped, type PotTerms, type Settlement, settle } from "./settlement.ts";
import { createTally, type Tally } from "./tally.ts";

/** Whole numbers from 0 to one less than `below`. */
export type Dice = (below: number) => number;

/** Who counts, as far as an attacker with many wallets meets it. Honest donors count in full behind each. */
export type SimulatedGate =
  /** Every address counts. */
  | { kind: "open" }
  /** Listed people count; an attacker's wallets are not on the list. */
  | { kind: "merkle" }
  /** An attester gives its wallets this weight and sees through to this many keys at most. */
  | { kind: "attested"; sybilWeightBps: number; sybilKeys: number };

/** A round and who comes to it; amounts in base units. */
export type RoundParameters = PotTerms &
  CountingTerms & {
    /** Honest donors. */
    donors: number;
    /** Honest projects, the first ones more popular. */
    projects: number;
    /** Projects that each donor gives to. */
    giftsPerDonor: number;
    /** A usual gift; some give a tenth of it, a few give twenty times as much. */
    gift: bigint;
    gate: SimulatedGate;
    /** One attacker with a project of its own, to which only its wallets give. */
    sybils: number;
    /** What each wallet gives: it comes back with the project's payout. */
    sybilGift: bigint;
    /** What each wallet costs its owner and nobody gives back: gas, papers, time. */
    sybilCost: bigint;
  };

/** An honest project's round, base units. */
export type SimulatedProject = {
  project: number;
  donors: number;
  gifts: bigint;
  match: bigint;
  /** Its match when the attack takes place. */
  attackedMatch: bigint;
};

/** What an attack with this many wallets costs and earns, base units. */
export type Attack = {
  sybils: number;
  /** Tied up until the project is paid. */
  deposited: bigint;
  cost: bigint;
  /** What the attacker's project draws from the pot. */
  match: bigint;
  /** `match` less `cost`; below 0 where the attack loses. */
  net: bigint;
};

export type Simulation = {
  projects: SimulatedProject[];
  /** All matches without the attack, base units. */
  matched: bigint;
  /** Back to the sponsors without the attack, and with it. */
  unused: bigint;
  attackedUnused: bigint;
  /** With all wallets. */
  attack: Attack;
  /** What honest projects lose by it. */
  lostByOthers: bigint;
  /** With 0, 1, 2 … wallets. */
  curve: Attack[];
  /** The fewest wallets by which the attacker gains anything; undefined where none do. */
  breakEven: number | undefined;
  /** The attack that gains most; without wallets where none gains. */
  best: Attack;
};

/**
 * Plays a round with the contract's own count and settlement: what honest projects get, and what one attacker's wallets
 * cost and earn. The same parameters and dice give the same numbers on every machine.
 */
export function simulateRound(parameters: RoundParameters, dice: Dice): Simulation {
  const { sybils, sybilCost, sybilGift, projects } = parameters;
  const tally = createTally(parameters);
  const gifts = giveHonestly(parameters, dice, tally);
  const honest = settleNow(tally, parameters);
  const target = BigInt(projects + 1);
  const curve: Attack[] = [];
  let attacked = honest;
  for (let count = 0; count <= sybils; count++) {
    if (count > 0) attacked = attackOnce(tally, parameters, count, target);
    const match = attacked.matches.get(target) ?? 0n;
    const cost = BigInt(count) * sybilCost;
    curve.push({ sybils: count, deposited: BigInt(count) * sybilGift, cost, match, net: match - cost });
  }
  const none: Attack = { sybils: 0, deposited: 0n, cost: 0n, match: 0n, net: 0n };
  const attack = curve.at(-1) ?? none;
  return {
    projects: gifts.map((amount, index) => {
      const id = BigInt(index + 1);
      const { donors } = tally.project(id);
      const match = honest.matches.get(id) ?? 0n;
      return { project: index + 1, donors, gifts: amount, match, attackedMatch: attacked.matches.get(id) ?? 0n };
    }),
    matched: honest.matched,
    unused: honest.unused,
    attackedUnused: attacked.unused,
    attack,
    lostByOthers: honest.matched - (attacked.matched - attack.match),
    curve,
    breakEven: curve.find(({ net }) => net > 0n)?.sybils,
    best: curve.reduce((best, each) => (each.net > best.net ? each : best), none),
  };
}

function settleNow(tally: Tally, terms: PotTerms): Settlement {
  const subsidies = tally.subsidies();
  return settle(subsidies, terms, findCapped(subsidies, terms));
}

/** One wallet more, and the round settled as if it were the last. */
function attackOnce(tally: Tally, parameters: RoundParameters, count: number, project: bigint): Settlement {
  const { gate, donors, sybilGift } = parameters;
  const wallet = gate.kind === "attested" ? count % gate.sybilKeys : count;
  const weights = { open: fullWeight, merkle: 0, attested: gate.kind === "attested" ? gate.sybilWeightBps : 0 };
  tally.count({ project, key: keyOf(donors + wallet), amount: sybilGift, weightBps: weights[gate.kind] });
  return settleNow(tally, parameters);
}

/** Every donor gives to projects of its choice. @returns what each project was given, base units. */
function giveHonestly({ donors, projects, giftsPerDonor, gift }: RoundParameters, dice: Dice, tally: Tally): bigint[] {
  const gifts = new Array<bigint>(projects).fill(0n);
  for (let donor = 0; donor < donors; donor++) {
    for (const index of choose(projects, Math.min(giftsPerDonor, projects), dice)) {
      const amount = (gift * (generosity[dice(generosity.length)] ?? 100n)) / 100n;
      tally.count({ project: BigInt(index + 1), key: keyOf(donor), amount, weightBps: fullWeight });
      gifts[index] = (gifts[index] ?? 0n) + amount;
    }
  }
  return gifts;
}

/** Different projects, the n-th as likely as one n-th of the first. */
function choose(projects: number, count: number, dice: Dice): number[] {
  const left = Array.from({ length: projects }, (_, index) => ({ index, weight: Math.ceil(1_000_000 / (index + 1)) }));
  return Array.from({ length: count }, () => {
    let ticket = dice(left.reduce((sum, { weight }) => sum + weight, 0));
    const position = left.findIndex(({ weight }) => {
      ticket -= weight;
      return ticket < 0;
    });
    return left.splice(position, 1)[0]?.index ?? 0;
  });
}

/** Percent of a usual gift, each as likely as the others: many give a little, few give much. */
const generosity = [10n, 25n, 50n, 50n, 100n, 100n, 100n, 200n, 500n, 2_000n];

function keyOf(index: number): Hex {
  return numberToHex(index, { size: 32 });
}
