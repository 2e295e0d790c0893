/** Numbers that a seed decides: the same seed, the same numbers. */
export function generator(start: number) {
  let state = start >>> 0;
  // Mulberry32, by Tommy Ettinger: enough for choosing what to test, for nothing else.
  function next(): number {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }
  /** A whole number from 0 up to, and without, `below`. */
  const integer = (below: number) => Math.floor(next() * below);
  function shuffle<T>(values: readonly T[]): T[] {
    const shuffled = [...values];
    for (let last = shuffled.length - 1; last > 0; last--) {
      const other = integer(last + 1);
      [shuffled[last], shuffled[other]] = [shuffled[other] as T, shuffled[last] as T];
    }
    return shuffled;
  }
  return { seed: start, integer, shuffle };
}
