import type { Gift } from "../protocol/allocation.ts";

/** Whether a list gives every project at least what another gives it. */
export function contains(list: readonly Gift[], other: readonly Gift[]): boolean {
  const given = amountsOf(list);
  return other.every(({ projectId, cumulativeAmount }) => (given.get(projectId) ?? 0n) >= cumulativeAmount);
}

/** The least list that contains both. */
export function union(list: readonly Gift[], other: readonly Gift[]): Gift[] {
  const amounts = amountsOf(list);
  for (const { projectId, cumulativeAmount } of other) {
    if (cumulativeAmount > (amounts.get(projectId) ?? 0n)) amounts.set(projectId, cumulativeAmount);
  }
  return listOf(amounts);
}

/** A list with more for some projects. */
export function raised(
  list: readonly Gift[],
  by: readonly { readonly projectId: bigint; readonly amount: bigint }[],
): Gift[] {
  const amounts = amountsOf(list);
  for (const { projectId, amount } of by) amounts.set(projectId, (amounts.get(projectId) ?? 0n) + amount);
  return listOf(amounts);
}

/** A list with less for some projects. */
export function lowered(
  list: readonly Gift[],
  by: readonly { readonly projectId: bigint; readonly amount: bigint }[],
): Gift[] {
  return raised(
    list,
    by.map(({ projectId, amount }) => ({ projectId, amount: -amount })),
  );
}

/** What a list adds to another, where it adds anything. */
export function beyond(list: readonly Gift[], other: readonly Gift[]): Gift[] {
  const given = amountsOf(other);
  return list
    .map(({ projectId, cumulativeAmount }) => ({
      projectId,
      cumulativeAmount: cumulativeAmount - (given.get(projectId) ?? 0n),
    }))
    .filter(({ cumulativeAmount }) => cumulativeAmount > 0n);
}

function amountsOf(list: readonly Gift[]): Map<bigint, bigint> {
  return new Map(list.map(({ projectId, cumulativeAmount }) => [projectId, cumulativeAmount]));
}

function listOf(amounts: ReadonlyMap<bigint, bigint>): Gift[] {
  return [...amounts]
    .filter(([, cumulativeAmount]) => cumulativeAmount > 0n)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([projectId, cumulativeAmount]) => ({ projectId, cumulativeAmount }));
}
