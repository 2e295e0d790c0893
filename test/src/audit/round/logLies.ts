import type { Address } from "viem";
import type { FactCode } from "../../../../src/audit/index.ts";
import type { Lie } from "../../../support/lyingTransport.ts";
import { addTransfer, alter, drop, dropTransfers, repeat, retime } from "./falsify.ts";
import type { Scenario } from "./scenario.ts";

/** What a lie may be about. */
export type World = Scenario & { pool: Address; registry: Address; token: Address; gate: Address };

/** Raises the last gift of a list. */
const more = (args: { gifts: { projectId: bigint; cumulativeAmount: bigint }[] }, by: bigint) => ({
  ...args,
  gifts: args.gifts.map((gift, index) => {
    return index === args.gifts.length - 1 ? { ...gift, cumulativeAmount: gift.cumulativeAmount + by } : gift;
  }),
});

export const stranger: Address = `0x${"99".repeat(20)}`;

/** A lie, and the fact that must name it. */
export type NamedLie = [condition: string, code: FactCode, lie: (world: World) => Lie];

/** Logs of a round or of its token, falsified. */
export const logLies: NamedLie[] = [
  ["a gift altered by a unit", "line-mismatch", ({ pool }) => alter(pool, "Collected", (args) => more(args, 1n), 3)],
  ["a gift altered by a unit", "project-mismatch", ({ pool }) => alter(pool, "Donated", (args) => more(args, 1n))],
  [
    "gifts above what the channel brought",
    "gifts-above-settled",
    ({ pool }) => alter(pool, "Collected", (args) => more(args, 1_000n)),
  ],
  ["a gift lowered", "gift-lowered", ({ pool }) => alter(pool, "Collected", (args) => more(args, -1n), 1)],
  [
    "a gift to a project that takes none",
    "not-accepted",
    ({ pool }) => alter(pool, "Donated", (args) => ({ ...args, gifts: [{ projectId: 4n, cumulativeAmount: 20n }] })),
  ],
  [
    "a list out of order",
    "malformed-list",
    ({ pool }) => alter(pool, "Donated", (args) => ({ ...args, gifts: args.gifts.toReversed() })),
  ],
  [
    "a channel's gifts by another donor",
    "foreign-channel",
    ({ pool }) => alter(pool, "Collected", (args) => ({ ...args, donor: stranger })),
  ],
  ["a missing collect", "line-mismatch", ({ pool }) => drop(pool, "Collected", 3)],
  ["a missing weighing", "unweighed", ({ pool }) => drop(pool, "DonorWeighed")],
  ["a second weighing", "standing-changed", ({ pool }) => repeat(pool, "DonorWeighed")],
  [
    "a weighing of another weight",
    "gate-mismatch",
    ({ pool }) => alter(pool, "DonorWeighed", (args) => ({ ...args, weightBps: 9_999 })),
  ],
  [
    "a weighing of another weight",
    "standing-mismatch",
    ({ pool }) => alter(pool, "DonorWeighed", (args) => ({ ...args, weightBps: 9_999 })),
  ],
  [
    "a weighing as somebody else",
    "standing-mismatch",
    ({ pool }) => alter(pool, "DonorWeighed", (args) => ({ ...args, key: `0x${"77".repeat(32)}` })),
  ],
  [
    "unmatched gifts told as matched",
    "unweighed",
    ({ pool, eve }) =>
      alter(pool, "Collected", (args) => (args.donor.toLowerCase() === eve ? { ...args, matched: true } : args), 3),
  ],
  [
    "matched gifts told as unmatched",
    "project-mismatch",
    ({ pool }) => alter(pool, "Collected", (args) => ({ ...args, matched: false })),
  ],
  [
    "a skipped gift that was takeable",
    "wrongly-skipped",
    ({ pool }) => alter(pool, "GiftSkipped", (args) => ({ ...args, projectId: 1n })),
  ],
  ["a donation told twice", "reopened", ({ pool }) => repeat(pool, "Donated")],
  [
    "a donation by another",
    "id-mismatch",
    ({ pool }) => alter(pool, "Donated", (args) => ({ ...args, donor: stranger })),
  ],
  [
    "a donation by another",
    "deposit-not-received",
    ({ pool }) => alter(pool, "Donated", (args) => ({ ...args, donor: stranger })),
  ],
  ["a gift before the start", "out-of-time", ({ pool }) => retime(pool, "Collected", 1n)],
  ["a gift after the end", "out-of-time", ({ pool }) => retime(pool, "Donated", 2n ** 40n)],
  ["a settlement before the challenge is over", "out-of-time", ({ pool }) => retime(pool, "Settled", 1n)],
  [
    "a disqualification in good time told late",
    "out-of-time",
    ({ pool }) => retime(pool, "ProjectDisqualified", 2n ** 40n),
  ],
  ["a project admitted twice", "wrong-admission", ({ pool }) => repeat(pool, "ProjectAdmitted")],
  ["a missing admission", "round-mismatch", ({ pool }) => drop(pool, "ProjectAdmitted", 2)],
  ["a missing sponsor", "wrong-receipt", ({ pool }) => drop(pool, "Sponsored")],
  [
    "a sponsor's payment altered",
    "receipt-mismatch",
    ({ pool }) => alter(pool, "Sponsored", (args) => ({ ...args, deposit: args.deposit - 1n })),
  ],
  [
    "a sponsor who did not pay",
    "deposit-not-received",
    ({ pool }) => alter(pool, "Sponsored", (args) => ({ ...args, sponsor: stranger })),
  ],
  [
    "a wrong lambda",
    "wrong-settlement",
    ({ pool }) => alter(pool, "Settled", (args) => ({ ...args, numerator: args.numerator + 1n })),
  ],
  [
    "a wrong pair",
    "wrong-settlement",
    ({ pool }) => alter(pool, "Settled", (args) => ({ ...args, cappedCount: args.cappedCount + 1n })),
  ],
  [
    "a wrong unused part",
    "wrong-settlement",
    ({ pool }) => alter(pool, "Settled", (args) => ({ ...args, unused: args.unused - 1n })),
  ],
  ["a missing disqualification", "wrong-settlement", ({ pool }) => drop(pool, "ProjectDisqualified")],
  ["a missing settlement", "wrong-status", ({ pool }) => drop(pool, "Settled")],
  ["a second settlement", "wrong-status", ({ pool }) => repeat(pool, "Settled")],
  ["a second claim", "wrong-claim", ({ pool }) => repeat(pool, "Claimed")],
  ["a second claim", "payout-mismatch", ({ pool }) => repeat(pool, "Claimed")],
  [
    "a claim of another amount",
    "wrong-claim",
    ({ pool }) => alter(pool, "Claimed", (args) => ({ ...args, amount: args.amount + 1n })),
  ],
  [
    "a claim paid to another",
    "wrong-payout",
    ({ pool }) => alter(pool, "Claimed", (args) => ({ ...args, payout: stranger })),
  ],
  ["a claim that no event tells", "unexplained-transfer", ({ pool }) => drop(pool, "Claimed")],
  ["a second refund", "wrong-refund", ({ pool }) => repeat(pool, "Refunded")],
  [
    "a refund of another amount",
    "wrong-refund",
    ({ pool }) => alter(pool, "Refunded", (args) => ({ ...args, amount: args.amount + 1n })),
  ],
  [
    "a refund to another",
    "wrong-refund",
    ({ pool }) => alter(pool, "Refunded", (args) => ({ ...args, donor: stranger })),
  ],
  [
    "a refund that leaves another list",
    "wrong-refund",
    ({ pool }) => alter(pool, "Refunded", (args) => more(args, 1n)),
  ],
  ["a second refund of a receipt", "wrong-sponsor-refund", ({ pool }) => repeat(pool, "SponsorRefunded")],
  [
    "a receipt refunded by a unit less",
    "wrong-sponsor-refund",
    ({ pool }) => alter(pool, "SponsorRefunded", (args) => ({ ...args, amount: args.amount - 1n })),
  ],
  ["a cancelling nobody tells", "wrong-status", ({ cancelled }) => drop(cancelled, "Cancelled")],
  ["a switch before its time", "out-of-time", ({ switched }) => retime(switched, "SwitchedToRefunds", 1n)],
  [
    "a transfer out that no event explains",
    "unexplained-transfer",
    ({ token, pool }) => addTransfer(token, pool, stranger, 3n),
  ],
  [
    "a payout split otherwise than its event says",
    "unexplained-transfer",
    ({ token, pool, sam }) => addTransfer(token, pool, sam, 1n),
  ],
  ["payouts that the token never made", "payout-mismatch", ({ token, pool }) => dropTransfers(token, "from", pool)],
  ["payments that never arrived", "deposit-not-received", ({ token, pool }) => dropTransfers(token, "to", pool)],
];
