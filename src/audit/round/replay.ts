import { collect, donate, skipGift, weighDonor } from "./attribute.ts";
import type { PoolEvent } from "./events.ts";
import { type Books, broken, type Payment } from "./ledger.ts";
import { admit, cancel, claim, disqualify, refund, refundSponsor, settle, sponsor, switchToRefunds } from "./settle.ts";

/**
 * Enters one event of a pool into the books and tells which money it claims to have moved. As with the escrow's, an
 * impossible event is noted and then followed as it tells it.
 */
export function applyToRound(books: Books, event: PoolEvent): Payment[] {
  const round = books.rounds.get(event.contract);
  if (!round) return [];
  round.counts.set(event.name, (round.counts.get(event.name) ?? 0) + 1);
  switch (event.name) {
    case "ProjectAdmitted":
      return admit(round, event);
    case "ProjectDisqualified":
      return disqualify(round, event);
    case "DonorWeighed":
      return weighDonor(round, event);
    case "Collected":
      return collect(books, round, event);
    case "GiftSkipped":
      return skipGift(books, round, event);
    case "CollectSkipped":
      return []; // Evidence of nothing: anyone can cause one.
    case "Donated":
      return donate(books, round, event);
    case "Sponsored":
      return sponsor(round, event);
    case "Cancelled":
      return cancel(round, event);
    case "SwitchedToRefunds":
      return switchToRefunds(round, event);
    case "Settled":
      return settle(round, event);
    case "Claimed":
      return claim(books, round, event);
    case "Refunded":
      return refund(books, round, event);
    case "SponsorRefunded":
      return refundSponsor(round, event);
    case "EIP712DomainChanged":
      broken(round, event, "impossible-event", "The pool's domain changed, which it has no code for.");
      return [];
  }
}
