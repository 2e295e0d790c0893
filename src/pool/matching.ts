import { type CountingTerms, type DonorEntry, entryOf, weigh } from "../protocol/quadratic/entry.ts";
import { findCapped, type PotTerms, settle } from "../protocol/quadratic/settlement.ts";
import { countGift, type ProjectTally } from "../protocol/quadratic/tally.ts";

/** A round's count as it stands, and one donor's part of it. Amounts in base units, times in Unix seconds. */
export type Standing = CountingTerms &
  PotTerms & {
    start: bigint;
    end: bigint;
    now: bigint;
    /** Projects that are not disqualified. */
    projects: ReadonlyMap<bigint, ProjectTally>;
    /** What the donor's key has given, by project, as far as it counts; a project left out has nothing of it. */
    entries: ReadonlyMap<bigint, DonorEntry>;
    /** The donor's weight, basis points. */
    weightBps: number;
  };

/** What one gift adds to its project's match, base units. */
export type MatchRange = { low: bigint; high: bigint };

/**
 * What a gift adds to its project's match if the round were settled now, and if everybody else's support grew until `end` as it
 * did so far: their `R` follows the square of the elapsed time, as their number and its square roots grow evenly. Neither is a
 * promise, and a scarce pot can make the later one the higher, where projects reach their cap; the two are given in order.
 * @param uncollected The donor's own gifts that are acknowledged and not on the chain yet: they count first.
 */
export function matchRange(
  standing: Standing,
  uncollected: readonly { projectId: bigint; amount: bigint }[],
  gift: { projectId: bigint; amount: bigint },
): MatchRange {
  if (!standing.projects.has(gift.projectId)) return { low: 0n, high: 0n };
  const before = uncollected.reduce(given, standing);
  const now = added(before, gift, (subsidy) => subsidy);
  const { start, end, now: time } = standing;
  const elapsed = time - start;
  // Nothing was given yet, so nothing tells how it will grow.
  if (elapsed <= 0n) return { low: 0n, high: now };
  const whole = end > time ? end - start : elapsed;
  const atEnd = added(before, gift, (subsidy) => (subsidy * whole ** 2n) / elapsed ** 2n);
  return atEnd < now ? { low: atEnd, high: now } : { low: now, high: atEnd };
}

/** What the gift adds to its project's match when everybody else's part of each `R` is what `grown` makes of it. */
function added(
  standing: Standing,
  gift: { projectId: bigint; amount: bigint },
  grown: (subsidy: bigint) => bigint,
): bigint {
  const others = new Map(
    [...standing.projects].map(([id, project]) => [id, grown(withoutOwn(project, own(standing, id)))]),
  );
  const match = (of: Standing) => {
    const subsidies = new Map(
      [...of.projects].map(([id, project]) => [id, (others.get(id) ?? 0n) + ownPart(project, own(of, id))]),
    );
    return settle(subsidies, of, findCapped(subsidies, of)).matches.get(gift.projectId) ?? 0n;
  };
  return match(given(standing, gift)) - match(standing);
}

/** The round with one more gift of the donor's. */
function given(standing: Standing, { projectId, amount }: { projectId: bigint; amount: bigint }): Standing {
  const project = standing.projects.get(projectId);
  if (!project) return standing;
  const counted = countGift(project, own(standing, projectId), { amount, weightBps: standing.weightBps }, standing);
  if (!counted) return standing;
  return {
    ...standing,
    projects: new Map(standing.projects).set(projectId, counted.project),
    entries: new Map(standing.entries).set(projectId, counted.entry),
  };
}

function own({ entries, ...terms }: Standing, projectId: bigint): DonorEntry {
  return entries.get(projectId) ?? entryOf(weigh(0n, 0), terms);
}

/** What of a project's `R` is products with the donor's own root. */
function ownPart({ rootSum }: ProjectTally, { root }: DonorEntry): bigint {
  return 2n * root * (rootSum - root);
}

function withoutOwn(project: ProjectTally, entry: DonorEntry): bigint {
  return project.subsidy - ownPart(project, entry);
}
