/** Something that must be on-chain in time. */
export type Urgent = {
  /** Value that is lost if it is late, wei. */
  readonly value: bigint;
  /** Seconds left; what is negative may still succeed and is tried. */
  readonly left: bigint;
};

/**
 * Orders claims so that the least value is lost when not all can be in time: after an outage of the sequencer every
 * deadline may be due at once. In a slot of `seconds`, `rows` claims are made. The greedy schedule of jobs with deadlines
 * (most valuable first, each into the latest free slot before its deadline) is optimal for equal durations; what fits is
 * then ordered by deadline, and what does not fit comes after it, most valuable first.
 * @param capacity.rows Claims a slot, at least 1.
 * @param capacity.seconds Length of a slot, at least 1.
 */
export function prioritise<T extends Urgent>(claims: readonly T[], capacity: { rows: number; seconds: number }): T[] {
  const byValue = [...claims].sort((a, b) => compare(b.value, a.value) || compare(a.left, b.left));
  const schedule = new FreeSlots(claims.length, capacity.rows);
  const seconds = BigInt(capacity.seconds);
  const inTime: T[] = [];
  const late: T[] = [];
  for (const claim of byValue) {
    // A claim sent in slot s is on-chain by the end of it, (s + 1) * seconds from now.
    const last = claim.left / seconds - 1n;
    const fits = last >= 0n && schedule.take(last);
    (fits ? inTime : late).push(claim);
  }
  inTime.sort((a, b) => compare(a.left, b.left) || compare(b.value, a.value));
  return [...inTime, ...late];
}

/** Slots with room, found by union-find: each full slot points to the latest one before it that is not. */
class FreeSlots {
  readonly #latest: number[];
  readonly #room: number[];

  constructor(claims: number, rows: number) {
    const slots = Math.ceil(claims / rows) + 1;
    this.#latest = Array.from({ length: slots + 1 }, (_, slot) => slot);
    this.#room = Array.from({ length: slots + 1 }, () => rows);
  }

  /** Takes room in the latest slot not after `last`; false when there is none. Slot s lives at index s + 1. */
  take(last: bigint): boolean {
    const end = this.#latest.length - 1;
    const slot = this.#find(last >= BigInt(end) ? end : Number(last) + 1);
    if (slot === 0) return false;
    const room = (this.#room[slot] ?? 0) - 1;
    this.#room[slot] = room;
    if (room === 0) this.#latest[slot] = slot - 1;
    return true;
  }

  #find(slot: number): number {
    let root = slot;
    while (this.#latest[root] !== root) root = this.#latest[root] ?? 0;
    for (let at = slot; at !== root; ) {
      const next = this.#latest[at] ?? 0;
      this.#latest[at] = root;
      at = next;
    }
    return root;
  }
}

function compare(a: bigint, b: bigint): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
