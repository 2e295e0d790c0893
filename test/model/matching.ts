// Quadratic matching by its definition, slow and apart from the library: what a person would do with paper and time.

/** A gift that counts, in the order in which gifts came. */
export type CountedGift = { project: number; key: string; amount: bigint; weightBps: number };

/** The bounds on what one key's gifts to one project count for, base units. */
export type Bounds = { minCounted: bigint; maxCounted: bigint };

const scale = 2n ** 64n;

/** What the contract's fields hold of one project. */
const fields = { rootSum: 2n ** 96n - 1n, donors: 2 ** 32 - 1 };

/** The root, rounded down, found by halving the interval that holds it. */
export function slowRoot(value: bigint): bigint {
  let low = 0n;
  let high = value + 1n;
  while (high - low > 1n) {
    const middle = (low + high) / 2n;
    if (middle * middle <= value) low = middle;
    else high = middle;
  }
  return low;
}

/** `w` of each key of a project, base units times 10,000. */
export function weightedOf(gifts: readonly CountedGift[], project: number, bounds: Bounds): Map<string, bigint> {
  const own = gifts.filter((gift) => gift.project === project);
  const keys = [...new Set(own.map(({ key }) => key))];
  return new Map(
    keys.map((key) => {
      const theirs = own.filter((gift) => gift.key === key);
      const weighted = sum(theirs.map(({ amount, weightBps }) => amount * BigInt(weightBps)));
      return [key, lesser(weighted, bounds.maxCounted * 10_000n)];
    }),
  );
}

/** `c` of each key of a project, base units. */
export function countedOf(gifts: readonly CountedGift[], project: number, bounds: Bounds): Map<string, bigint> {
  return new Map(
    [...weightedOf(gifts, project, bounds)].map(([key, weighted]) => {
      const counted = weighted / 10_000n;
      return [key, counted < bounds.minCounted ? 0n : counted];
    }),
  );
}

export type TallyOfProject = { rootSum: bigint; subsidy: bigint; counted: bigint; donors: number };

/** `S` and `R` of a project, `R` as the products of each two donors' roots. */
export function tallyOf(gifts: readonly CountedGift[], project: number, bounds: Bounds): TallyOfProject {
  const counted = countedOf(gifts, project, bounds);
  const roots = [...counted.values()].map((each) => slowRoot(each * scale));
  let pairs = 0n;
  for (const [i, a] of roots.entries()) for (const b of roots.slice(i + 1)) pairs += a * b;
  return {
    rootSum: sum(roots),
    subsidy: 2n * pairs,
    counted: sum(counted.values()),
    donors: roots.filter((s) => s > 0n).length,
  };
}

/** Whether these gifts pass what the contract's fields hold of a project. */
export function overflows(gifts: readonly CountedGift[], bounds: Bounds, most = fields): boolean {
  return [...new Set(gifts.map(({ project }) => project))].some((project) => {
    const { rootSum, donors } = tallyOf(gifts, project, bounds);
    return rootSum > most.rootSum || donors > most.donors;
  });
}

/** A round's result, base units. */
export type Result = { cappedCount: number; cappedSubsidy: bigint; matches: Map<number, bigint>; unused: bigint };

/** Settles by trying every number of capped projects, broadest first, until one fits what it leads to. */
export function settleSlowly(subsidies: ReadonlyMap<number, bigint>, pot: bigint, cap: bigint): Result {
  const sorted = [...subsidies.values()].sort((a, b) => (a < b ? 1 : a > b ? -1 : 0));
  const total = sum(sorted);
  for (let k = 0; k <= sorted.length; k++) {
    const capped = sorted.slice(0, k);
    const left = pot - BigInt(k) * cap;
    const rest = total - sum(capped);
    if (left < 0n) continue;
    // Compared as fractions: left / rest against 1 / 2^64.
    const scarce = left * scale < rest;
    const share = (subsidy: bigint) => (scarce ? (subsidy * left) / rest : subsidy / scale);
    if (sorted.filter((subsidy) => share(subsidy) >= cap).length !== k) continue;
    const matches = new Map([...subsidies].map(([project, subsidy]) => [project, lesser(cap, share(subsidy))]));
    return { cappedCount: k, cappedSubsidy: sum(capped), matches, unused: pot - sum(matches.values()) };
  }
  throw new Error("No number of capped projects fits: the formula or this model is wrong.");
}

export function sum(values: Iterable<bigint>): bigint {
  let total = 0n;
  for (const value of values) total += value;
  return total;
}

function lesser(a: bigint, b: bigint): bigint {
  return a < b ? a : b;
}
