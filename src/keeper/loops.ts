import { LeaseLostError } from "../chain/index.ts";
import { NotLeaderError } from "./leadership.ts";

/** Something done again and again. */
export type Loop = {
  name: string;
  /** Milliseconds from the end of one run to the start of the next. */
  interval: number;
  run: () => Promise<unknown>;
};

/**
 * Runs the loops side by side; none waits for another, and what one throws is reported and tried again. Only the loss of
 * the lease ends them.
 * @returns when all have ended: undefined when they were told to, else why.
 */
export async function runLoops(options: {
  loops: readonly Loop[];
  onSuccess: (name: string) => void;
  onError: (name: string, error: unknown) => void;
  stopping: AbortController;
}): Promise<Error | undefined> {
  const { loops, onSuccess, onError, stopping } = options;
  let reason: Error | undefined;

  async function repeat({ name, interval, run }: Loop): Promise<void> {
    while (!stopping.signal.aborted) {
      try {
        await run();
        onSuccess(name);
      } catch (error) {
        onError(name, error);
        if (error instanceof NotLeaderError || error instanceof LeaseLostError) {
          reason ??= error;
          stopping.abort();
        }
      }
      await pause(interval, stopping.signal);
    }
  }

  await Promise.all(loops.map(repeat));
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
