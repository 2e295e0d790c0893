export type Health = {
  /** Leads, its last pass could tell, and the chain grows. */
  ok: boolean;
  leader: boolean;
  /** Newest block at the confirmation depth. */
  block: bigint | undefined;
  /** Milliseconds of host time since that block was first seen. */
  blockAge: number | undefined;
};

/** A chain that has not grown for this long, milliseconds of host time, is not healthy: five minutes. */
const maxBlockAge = 300_000;

/** What `/healthz` says, from what the passes saw. */
export function createHealth({ clock, leads }: { clock: () => number; leads: () => boolean }) {
  const seen = { block: undefined as bigint | undefined, at: 0, failed: false };
  return {
    /** A pass could tell, as of this block. */
    note(block: bigint): void {
      seen.failed = false;
      if (seen.block !== undefined && block <= seen.block) return;
      seen.block = block;
      seen.at = clock();
    },
    /** A pass could not tell. */
    failed(): void {
      seen.failed = true;
    },
    now(): Health {
      const leader = leads();
      const blockAge = seen.block === undefined ? undefined : clock() - seen.at;
      const ok = leader && !seen.failed && blockAge !== undefined && blockAge < maxBlockAge;
      return { ok, leader, block: seen.block, blockAge };
    },
  };
}
