import type { Hex } from "viem";

/**
 * Paid requests whose handler failed: their key buys the service once more, without a second charge. Kept in memory: after
 * a restart such a key gets its receipt alone.
 */
export type FailedKeys = {
  add(channelId: Hex, key: string): void;
  /** True once for each `add`: of many retries at once, one runs the handler. */
  take(channelId: Hex, key: string): boolean;
};

/** @param max How many are kept, the newest: 10,000 unless told. */
export function createFailedKeys(max = 10_000): FailedKeys {
  const keys = new Set<string>();
  return {
    add(channelId, key) {
      keys.add(`${channelId} ${key}`);
      const [oldest] = keys;
      if (keys.size > max && oldest !== undefined) keys.delete(oldest);
    },
    take: (channelId, key) => keys.delete(`${channelId} ${key}`),
  };
}
