import type { Hex } from "viem";

/**
 * How many forged messages of one channel are still worth a look. A signature costs as much as all else together, and anyone can read
 * a channel's id from the chain: without a limit, a flood of forgeries takes as much of the payee as all its payers do.
 */
export type Failures = {
  /** Whether the next message of the channel is verified; a channel that is forged a lot waits, and the others do not notice. */
  allows(id: Hex): boolean;
  /** Counts a message whose signature was not the signer's. */
  count(id: Hex): void;
};

/** Forgeries of one channel in a burst, and afterwards each second: what 1,000 channels under attack cost is a quarter of a core. */
export const burst = 32;
export const perSecond = 8;

/** Channels under attack that are remembered; of more, the one that was attacked first is forgiven. */
const mostChannels = 65_536;

/** @param clock Unix milliseconds. */
export function createFailures(clock: () => number): Failures {
  const counts = new Map<Hex, { failed: number; at: number }>();

  /** What is left of the channel's count after the time that passed; a clock that was set back forgives nothing. */
  function failed(id: Hex): number {
    const known = counts.get(id);
    if (!known) return 0;
    const left = known.failed - (Math.max(clock() - known.at, 0) * perSecond) / 1_000;
    if (left > 0) return left;
    counts.delete(id);
    return 0;
  }

  return {
    allows: (id) => counts.size === 0 || failed(id) <= burst - 1,
    count(id) {
      const now = failed(id) + 1;
      counts.delete(id);
      if (counts.size >= mostChannels) counts.delete(counts.keys().next().value as Hex);
      counts.set(id, { failed: now, at: clock() });
    },
  };
}
