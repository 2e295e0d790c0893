import type { Hex } from "viem";

/** Who waits for a channel's credit to rise, in this process; another process's writes are found by looking again. */
export type Waiting = {
  /** Resolves when the channel is written, or everything is woken. */
  for(id: Hex): { woken: Promise<void>; forget: () => void };
  wake(id: Hex): void;
  wakeAll(): void;
};

export function createWaiting(): Waiting {
  const waiting = new Map<Hex, Set<() => void>>();
  function wake(id: Hex): void {
    const waiters = waiting.get(id);
    if (!waiters) return;
    waiting.delete(id);
    for (const resolve of waiters) resolve();
  }
  return {
    for(id) {
      let own = () => {};
      const woken = new Promise<void>((resolve) => {
        own = resolve;
      });
      const others = waiting.get(id) ?? new Set();
      waiting.set(id, others.add(own));
      return {
        woken,
        forget() {
          others.delete(own);
          if (others.size === 0 && waiting.get(id) === others) waiting.delete(id);
        },
      };
    },
    wake,
    wakeAll() {
      for (const id of [...waiting.keys()]) wake(id);
    },
  };
}
