import type { Address } from "viem";
import { type Denial, plainProblem } from "../http/problemResponse.ts";
import type { SignedCloseRequest } from "../protocol/index.ts";
import type { ChannelRecord, ChannelStore } from "../store/index.ts";
import type { ClosingTerms } from "./options.ts";

/** Which close requests the keeper's gas is spent on. */
export type ClosingGuard = {
  /** Why a request is not taken, before its signature is looked at; undefined for one that may be. */
  deny(request: SignedCloseRequest): Promise<Denial | undefined>;
  /** Counts a request that was kept: one for each deposit that it names. */
  count(record: ChannelRecord): void;
};

/** Only requests that were kept count, so nobody uses up another's. In memory alone: a restart is no way in worth its wait. */
export function createClosingGuard(
  store: Pick<ChannelStore, "get">,
  { leastRemainder, perPayer, window }: Required<ClosingTerms>,
  clock: () => number,
): ClosingGuard {
  const kept = new Map<Address, Map<string, number>>();

  function recent(payer: Address): Map<string, number> {
    const now = clock();
    for (const [one, times] of kept) {
      for (const [name, time] of times) if (now - time >= window) times.delete(name);
      if (times.size === 0) kept.delete(one);
    }
    return kept.get(payer) ?? new Map();
  }

  return {
    async deny({ channelId }) {
      const record = await store.get(channelId);
      // Unknown, closed, or asked for before: the payee knows what to say, and it costs nothing more.
      if (!record || record.finalized || record.closeRequestedAt !== 0n) return undefined;
      if (record.closeRequest?.deposit === record.deposit) return undefined;
      const { authorized, settled, deposit, channel } = record;
      const remainder = deposit - (authorized > settled ? authorized : settled);
      if (remainder < leastRemainder) {
        const detail = `Closing this channel would give back ${remainder}, and the collector pays for closes that give back ${leastRemainder} or more. Call requestClose on the escrow yourself; once the round has ended anybody may close it.`;
        return { problem: plainProblem(422, "Unprocessable Content", detail) };
      }
      const times = recent(channel.payer);
      if (times.size < perPayer) return undefined;
      const oldest = Math.min(...times.values());
      const detail = `${times.size} close requests of this payer were kept of late. Wait, or call requestClose on the escrow yourself.`;
      return {
        problem: plainProblem(429, "Too Many Requests", detail),
        retryAfter: Math.ceil((oldest + window - clock()) / 1000),
      };
    },
    count({ id, deposit, channel }) {
      const times = recent(channel.payer);
      const name = `${id} ${deposit}`;
      if (!times.has(name)) times.set(name, clock());
      kept.set(channel.payer, times);
    },
  };
}
