import type { Address } from "viem";
import { FarthingError } from "../protocol/index.ts";
import type { Journal, JournalEntry } from "../store/index.ts";

/** What a relayer may still spend within a day of its clock. The journal remembers, so a restart forgives nothing. */
export type RelayBudget = {
  /**
   * Sets the price of one transaction aside.
   * @returns What gives it back, once the journal has it or nothing was sent; or the seconds until there may be room again.
   */
  reserve(): Promise<(() => void) | number>;
};

/**
 * @param options.perDay Most that the account's transactions of the last 24 hours may cost together, wei: what they came to cost, or
 * may come to cost while they are under way.
 * @param options.maxCost Most that one of them may cost, wei.
 */
export function createRelayBudget(options: {
  journal: Journal;
  chainId: number;
  account: Address;
  perDay: bigint;
  maxCost: bigint;
  clock: () => number;
}): RelayBudget {
  const { journal, chainId, account, perDay, maxCost, clock } = options;
  let reserved = 0n;
  let releases = 0;

  /** The journal's entries, read when none was on its way from what is reserved into it. */
  async function entriesNow(): Promise<JournalEntry[]> {
    for (;;) {
      const before = releases;
      const entries = await journal.list({ chainId, account });
      if (releases === before) return entries;
    }
  }

  return {
    async reserve() {
      const entries = await entriesNow();
      const recent = entries.filter(({ createdAt }) => clock() - createdAt < day);
      const spent = recent.reduce((sum, entry) => sum + costOf(entry, maxCost), 0n);
      if (spent + reserved + maxCost > perDay) {
        const oldest = recent.reduce((least, { createdAt }) => Math.min(least, createdAt), clock());
        return Math.max(1, Math.ceil((oldest + day - clock()) / 1000));
      }
      reserved += maxCost;
      let isOpen = true;
      return () => {
        if (!isOpen) return;
        isOpen = false;
        reserved -= maxCost;
        releases += 1;
      };
    },
  };
}

/** Milliseconds. */
const day = 86_400_000;

function costOf({ status, outcome, maxCost }: JournalEntry, most: bigint): bigint {
  if (outcome) return outcome.fee;
  return status === "dropped" ? 0n : (maxCost ?? most);
}

/** A relay was given a day's budget that it could not keep to. */
export class RelayBudgetError extends FarthingError {
  override readonly name = "RelayBudgetError";
  constructor() {
    super("relay-budget", "A relay with perDay needs the sender's journal and a maxCost for each open. Give both.");
  }
}
