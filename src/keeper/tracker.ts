import type { Address, Hex } from "viem";
import { reasonOf } from "../chain/failure.ts";
import type { JournalEntry } from "../store/store.ts";
import type { Intent } from "./conclude.ts";
import type { Crew } from "./hand.ts";
import type { KeeperLogger } from "./logger.ts";

/** Which channels have a transaction under way: no second one is made for them until it has ended. */
export type Tracker = {
  /** Follows a transaction to its end, once. */
  follow(entry: JournalEntry, intent?: Intent): void;
  /** Follows what the journal says is pending and nobody follows: a predecessor's, or one whose node went silent. */
  resume(): Promise<void>;
  /** Marks channels as being worked on, those that are free; resolves them through `release`. */
  reserve<T extends { channel: { record: { id: Hex } } }>(items: readonly T[]): { free: T[]; release(): void };
  /** Whether a transaction to a contract for this purpose is being followed. */
  isDoing(to: Address, purpose: string): boolean;
  /** Resolves when nothing is followed any more. */
  idle(): Promise<void>;
};

/** @param options.conclude Follows one transaction; what it throws is logged, and the journal still has the entry. */
export function createTracker(options: {
  sender: Crew;
  conclude: (entry: JournalEntry, intent: Intent | undefined) => Promise<void>;
  logger: KeeperLogger;
}): Tracker {
  const { sender, conclude, logger } = options;
  const followed = new Map<string, { entry: JournalEntry; end: Promise<void> }>();
  const reserved = new Set<Hex>();

  function follow(entry: JournalEntry, intent?: Intent): void {
    if (followed.has(entry.id)) return;
    const end = conclude(entry, intent)
      .catch((error: unknown) => {
        logger.error(
          { nonce: entry.nonce, reason: reasonOf(error) },
          "lost sight of a transaction; the journal has it",
        );
      })
      .finally(() => followed.delete(entry.id));
    followed.set(entry.id, { entry, end });
  }

  return {
    follow,
    async resume() {
      for (const entry of await sender.pending()) follow(entry);
    },
    reserve(items) {
      const busy = new Set([...followed.values()].flatMap(({ entry }) => entry.channelIds));
      const free = items.filter(({ channel: { record } }) => !busy.has(record.id) && !reserved.has(record.id));
      const ids = free.map(({ channel }) => channel.record.id);
      for (const id of ids) reserved.add(id);
      return {
        free,
        release() {
          for (const id of ids) reserved.delete(id);
        },
      };
    },
    isDoing(to, purpose) {
      return [...followed.values()].some(({ entry }) => entry.purpose === purpose && sameAddress(entry.to, to));
    },
    async idle() {
      while (followed.size > 0) await Promise.all([...followed.values()].map(({ end }) => end));
    },
  };
}

function sameAddress(a: Address, b: Address): boolean {
  return a.toLowerCase() === b.toLowerCase();
}
