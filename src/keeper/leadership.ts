import { FarthingError } from "../protocol/errors.ts";
import type { ChannelStore } from "../store/store.ts";

/** One leader a key: a lease in the journal's store, taken before anything is sent and renewed while it lasts. */
export type Leadership = {
  /** Takes or renews the lease; false when another holds it. */
  renew(): Promise<boolean>;
  /** Whether the last answer was yes and has not run out. */
  held(): boolean;
  release(): Promise<void>;
};

/** @param options.ttl Milliseconds that a lease is good for. */
export function createLeadership(options: {
  store: ChannelStore;
  name: string;
  holder: string;
  ttl: number;
  now: () => number;
}): Leadership {
  const { store, name, holder, ttl, now } = options;
  let expiresAt = 0;
  return {
    async renew() {
      const lease = await store.lease({ name, holder, ttl, now: now() });
      expiresAt = lease?.expiresAt ?? 0;
      return lease !== undefined;
    },
    held: () => expiresAt > now(),
    async release() {
      expiresAt = 0;
      await store.release(name, holder);
    },
  };
}

/** Another keeper holds the lease of this key. */
export class NotLeaderError extends FarthingError {
  override readonly name = "NotLeaderError";
  constructor(lease: string) {
    super(
      "not-leader",
      `Another keeper holds the lease ${lease}; this one sends nothing. Stop the other or wait for its lease.`,
    );
  }
}
