export type Health = {
  /** Leads, the last pass of each loop could tell, and the chain grows. */
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
  const seen = { block: undefined as bigint | undefined, at: 0 };
  const failing = new Set<string>();
  return {
    /** A pass could tell, as of this block. */
    note(block: bigint): void {
      if (seen.block !== undefined && block <= seen.block) return;
      seen.block = block;
      seen.at = clock();
    },
    /** Whether the last pass of a loop could tell. */
    judge(loop: string, told: boolean): void {
      if (told) failing.delete(loop);
      else failing.add(loop);
    },
    now(): Health {
      const leader = leads();
      const blockAge = seen.block === undefined ? undefined : clock() - seen.at;
      const ok = leader && failing.size === 0 && blockAge !== undefined && blockAge < maxBlockAge;
      return { ok, leader, block: seen.block, blockAge };
    },
  };
}
