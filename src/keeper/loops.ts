import { LeaseLostError } from "../chain/index.ts";
import type { Scope } from "./gather.ts";
import { NotLeaderError } from "./leadership.ts";

/** Milliseconds from the end of one pass to the start of the next, for each loop. */
export type Intervals = { urgent: number; exits: number; full: number };

/**
 * Runs the loops side by side; none waits for another, and what one throws is reported and tried again. Only the loss of
 * the lease ends them.
 * @returns when all have ended: undefined when they were told to, else why.
 */
export async function runLoops(options: {
  intervals: Intervals;
  run: (scope: Scope) => Promise<unknown>;
  onError: (scope: Scope, error: unknown) => void;
  stopping: AbortController;
}): Promise<Error | undefined> {
  const { intervals, run, onError, stopping } = options;
  let reason: Error | undefined;

  async function loop(scope: Scope): Promise<void> {
    while (!stopping.signal.aborted) {
      try {
        await run(scope);
      } catch (error) {
        onError(scope, error);
        if (error instanceof NotLeaderError || error instanceof LeaseLostError) {
          reason ??= error;
          stopping.abort();
        }
      }
      await pause(intervals[scope], stopping.signal);
    }
  }

  await Promise.all((["urgent", "exits", "full"] as const).map(loop));
  return reason;
}

function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", end);
      resolve();
    };
    const timer = setTimeout(end, milliseconds);
    signal.addEventListener("abort", end);
  });
}
