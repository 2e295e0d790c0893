// Who takes part in the season and what each means to give: the same for a seed, every time.
import { type Hex, keccak256, numberToHex, stringToHex } from "viem";
import { type PrivateKeyAccount, privateKeyToAccount } from "viem/accounts";
import type { EligibleDonor } from "../../../src/protocol/index.ts";
import { seededDice } from "../../simulate/seededDice.ts";
import { key } from "../cast.ts";

/** In the order of their applications: the registry's ids are 1 to 12. */
export const projects = [
  "Village Well",
  "River Watch",
  "Open Library",
  "Kite Workshop",
  "Seed Bank",
  "Night School",
  "Bell Tower",
  "Bee Meadow",
  "Ferry Dock",
  "Stone Bridge",
  "Story Archive",
  "Castle in the Air",
] as const;

/** Ids of the projects that something happens to. */
export const special = { challenged: 4n, suspended: 7n, denied: 9n, ofCluster: 12n } as const;

/** Waves of giving, days apart, and one last minute in which everybody taps at once. */
export const waves = 5;
export const lastMinute = waves;
/** The waves before which the stewards suspend a project and cancel the second round, and in which some donors leave. */
export const suspendedBefore = 3;
export const leavingIn = 4;

/** One gift that a donor means to make. */
export type Tap = { wave: number; projectId: bigint /** Base units. */; amount: bigint };

/**
 * `person`: listed as one. `unlisted`: gives without matching. `cluster`: one of the wallets of one person, and the list
 * knows. `leaked`: another of them, which the list takes for a person.
 */
export type Donor = {
  index: number;
  kind: "person" | "unlisted" | "cluster" | "leaked";
  /** Signs with a key of the page, not of the wallet. */
  session: boolean;
  /** Never has any coin: the collector opens its channel. */
  relayed: boolean;
  devices: 1 | 2;
  /** Leaves before the end, by a signed request that the round's closer consents to. */
  leaves: boolean;
  taps: Tap[];
};

export const cent = 10_000n;
/** What each donor locks, base units: enough for all its taps. */
export const deposit = 600n * cent;

const counts = { people: 270, unlisted: 10, cluster: 16, leaked: 4 };
/** Cents; many give little. */
const tapSizes = [1n, 2n, 5n, 5n, 10n, 10n, 25n, 50n];

/** All 300. */
export function seasonCast(seed: string): Donor[] {
  const dice = seededDice(Number(BigInt(keccak256(stringToHex(`season ${seed}`))) % 2n ** 31n));
  const kinds = [
    ...Array<"person">(counts.people).fill("person"),
    ...Array<"unlisted">(counts.unlisted).fill("unlisted"),
    ...Array<"cluster">(counts.cluster).fill("cluster"),
    ...Array<"leaked">(counts.leaked).fill("leaked"),
  ];
  return kinds.map((kind, index) => {
    const ofCluster = kind === "cluster" || kind === "leaked";
    const leaves = kind === "person" && index % 54 === 2;
    const favourites = ofCluster ? [special.ofCluster] : choose(1 + dice(3), dice);
    const tap = (wave: number): Tap => {
      const projectId = favourites[dice(favourites.length)] ?? 1n;
      return { wave, projectId, amount: (tapSizes[dice(tapSizes.length)] ?? 1n) * cent };
    };
    const until = leaves ? leavingIn : waves - 1;
    const taps = Array.from({ length: until + 1 }, (_, wave) => [tap(wave), tap(wave)]).flat();
    return {
      index,
      kind,
      session: index % 3 === 0 && index % 5 !== 1,
      relayed: index % 5 === 1,
      devices: index % 30 === 7 ? 2 : 1,
      leaves,
      taps: leaves ? taps : [...taps, tap(lastMinute)],
    };
  });
}

/** The list that the season's gate has: the cluster's wallets are one key on it. */
export function eligibleDonors(seed: string, donors: readonly Donor[]): EligibleDonor[] {
  const oneKey = personKey("the cluster", 0);
  return donors
    .filter(({ kind }) => kind !== "unlisted")
    .map(({ index, kind }) => ({
      donor: donorWallet(seed, index).address,
      key: kind === "cluster" ? oneKey : personKey("person", index),
      weightBps: 10_000,
    }));
}

export function account(seed: string, role: string, index = 0): PrivateKeyAccount {
  return privateKeyToAccount(key(seed, `season ${role}`, index));
}

export const donorWallet = (seed: string, index: number) => account(seed, "donor", index);
export const donorSession = (seed: string, index: number) => account(seed, "session", index);

function personKey(name: string, index: number): Hex {
  return keccak256(stringToHex(`${name} ${numberToHex(index)}`));
}

/** Different projects of all but the cluster's, the n-th as likely as one n-th of the first. */
function choose(count: number, dice: (below: number) => number): bigint[] {
  const left = projects.map((_, index) => BigInt(index + 1)).filter((id) => id !== special.ofCluster);
  return Array.from({ length: count }, () => {
    const weights = left.map((id) => Math.ceil(1_000 / Number(id)));
    let ticket = dice(weights.reduce((sum, weight) => sum + weight, 0));
    const at = weights.findIndex((weight) => {
      ticket -= weight;
      return ticket < 0;
    });
    return left.splice(at, 1)[0] ?? 1n;
  });
}
