// Who takes part in random histories, the rounds that they take part in, and what they may do.
import fc from "fast-check";
import { type Command, donorOf, type Offer, type Onto } from "./history.ts";
import { RoundModel } from "./round.ts";
import type { Papers, RoundTerms } from "./types.ts";

export const cast = {
  donors: ["ann", "ben", "cid", "dot"],
  sponsors: ["sam", "sue"],
  /** Ann's second and Dot's are not open from the start. */
  channels: ["ann 0", "cid 0", "ben 0", "dot 0", "ann 1"],
  donations: ["ann donates 0", "ann donates 1", "ben donates 0", "cid donates 0", "cid donates 1", "dot donates 0"],
  /** Keys under which donors count. */
  keys: ["household", "cid", "dot"],
  /** Projects that the registry accepted; the last one is not. */
  projects: [1, 2, 3, 4, 5],
  registered: [1, 2, 3, 4],
} as const;

const hour = 3_600;

/** A round whose pot is scarce, whose cap is met, and whose bounds are felt. */
export const withMatching: RoundTerms = {
  matching: true,
  // Apart by whole multiples of the longest wait, so that histories meet the very seconds.
  start: 24 * hour,
  end: 168 * hour,
  challengeEnd: 240 * hour,
  settleBy: 456 * hour,
  cap: 400n,
  minCounted: 2n,
  maxCounted: 500_000n,
  gate,
};

export const withoutMatching: RoundTerms = { ...withMatching, matching: false };

/** Ann and Ben are one household, Cid counts a quarter or nearly nothing, Dot can prove nothing. */
function gate(donor: string, data: string) {
  if (donor === "cid") return { key: "cid", weightBps: data === "proof" ? 2_500 : 1 };
  return { key: donor === "dot" ? "dot" : "household", weightBps: donor === "dot" || data !== "proof" ? 0 : 10_000 };
}

export function newRound(terms: RoundTerms): RoundModel {
  return new RoundModel(terms, cast.registered);
}

/** Projects, a pot and an open round, so that histories are about giving. */
export const opening: Command[] = [
  { verb: "admit", project: 1 },
  { verb: "admit", project: 2 },
  { verb: "admit", project: 3 },
  { verb: "sponsor", sponsor: "sue", deposit: 1_000n },
  { verb: "openChannel", line: "ann 0", deposit: 10n ** 9n },
  { verb: "openChannel", line: "cid 0", deposit: 10n ** 9n },
  { verb: "openChannel", line: "ben 0", deposit: 300_000n },
  { verb: "wait", seconds: withMatching.start },
];

/** Mostly those that take part from the start. */
const project = fc.oneof(
  { weight: 2, arbitrary: fc.constantFrom(...cast.projects.slice(0, 3)) },
  fc.constantFrom(...cast.projects),
);
const amount = fc.oneof(fc.bigInt({ min: 1n, max: 20n }), fc.bigInt({ min: 1n, max: 1_000_000n }));
const data = fc.constantFrom("proof", "proof", "proof", "worse", undefined);

/** Gifts as an allocation lists them, now and then to project 0, where refunds are listed; seldom out of order. */
const listed = fc.uniqueArray(
  fc.record({ project: fc.oneof({ weight: 9, arbitrary: project }, fc.constant(0)), amount }),
  { maxLength: 4, selector: (gift) => gift.project },
);
const gifts = fc.oneof(
  { weight: 40, arbitrary: listed.map((list) => list.sort((a, b) => a.project - b.project)) },
  { weight: 1, arbitrary: listed },
  {
    weight: 1,
    arbitrary: listed.map((list) => list.map((gift, index) => (index === 0 ? { ...gift, amount: 0n } : gift))),
  },
);

const onto = fc.constantFrom<Onto[]>("newest", "newest", "newest", "newest", "forgetful", "nothing");
const papers: fc.Arbitrary<Papers> = fc.oneof(
  { weight: 16, arbitrary: fc.constant({}) },
  fc.constantFrom<Papers[]>(
    { voucher: "absent" },
    { voucher: "absent" },
    { voucher: "forged" },
    { allocation: "forged" },
    { previous: "other" },
  ),
);
/** Mostly those that are open, and have room. */
const line = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(...cast.channels.slice(0, 2)) },
  fc.constantFrom(...cast.channels),
);
const offer: fc.Arbitrary<Offer> = fc
  .tuple(fc.record({ line, gifts, data, onto }), papers)
  .map(([offered, attached]) => ({ ...offered, ...attached }));
/** Of different channels: what stands of one does not change by another's item. */
const batch = fc.uniqueArray(offer, { minLength: 1, maxLength: 3, selector: (offered) => offered.line });
const longest = 72 * hour;
const seconds = fc.oneof(fc.nat({ max: longest }), fc.constant(longest), fc.constantFrom(0, 1, longest - 1));

const verb = <const Name extends Command["verb"]>(name: Name) => fc.constant(name);
const weighted: [weight: number, arbitrary: fc.Arbitrary<Command>][] = [
  [26, offer.map((offered) => ({ verb: "collect" as const, ...offered }))],
  [3, fc.record({ verb: verb("collectBatch"), offers: batch })],
  [2, fc.record({ verb: verb("collectAndClose"), offer, request: fc.constantFrom("signed", "pending") })],
  [10, fc.record({ verb: verb("donate"), line: fc.constantFrom(...cast.donations), gifts, data })],
  [7, fc.record({ verb: verb("wait"), seconds })],
  [
    10,
    fc
      .tuple(
        fc.oneof(line, fc.constantFrom(...cast.channels, ...cast.donations)),
        fc.constantFrom(...cast.donors),
        fc.boolean(),
      )
      .map(([each, other, own]) => ({ verb: "refund", line: each, caller: own ? donorOf(each) : other })),
  ],
  [5, fc.record({ verb: verb("settleRound"), rightPair: fc.constantFrom(true, true, false) })],
  [5, fc.record({ verb: verb("claim"), project })],
  [3, fc.record({ verb: verb("openChannel"), line, deposit: amount.map((each) => each * 9n) })],
  [2, fc.record({ verb: verb("admit"), project })],
  [4, fc.record({ verb: verb("sponsor"), sponsor: fc.constantFrom(...cast.sponsors), deposit: amount })],
  [4, fc.record({ verb: verb("refundSponsor"), index: fc.nat({ max: 3 }) })],
  [3, fc.record({ verb: verb("settleChannel"), line, amount })],
  [2, fc.record({ verb: verb("suspend"), project })],
  [2, fc.record({ verb: verb("reinstate"), project })],
  [3, fc.record({ verb: verb("disqualify"), project })],
  [2, fc.record({ verb: verb("requestClose"), line })],
  [3, fc.record({ verb: verb("withdrawChannel"), line })],
  [2, fc.record({ verb: verb("closeChannel"), line })],
  [1, fc.constant({ verb: "block", blocked: true })],
  [3, fc.constant({ verb: "block", blocked: false })],
  [1, fc.record({ verb: fc.constantFrom("switchToRefunds", "switchToRefunds", "switchToRefunds", "cancel") })],
];

/** Histories of any length, so that one that fails can be made as short as it may be. */
export function histories(longestHistory: number): fc.Arbitrary<Command[]> {
  const command = fc.oneof(...weighted.map(([weight, arbitrary]) => ({ weight, arbitrary })));
  return fc.array(command, { maxLength: longestHistory, size: "max" });
}

/**
 * Pays everything that is owed, by whatever way is open; the wrong pair alone is refused.
 * @param settles Whether a round with a pot is settled.
 */
export function ending(round: RoundModel, settles: boolean): Command[] {
  const { terms, state, now } = round;
  const decides = terms.matching && state === "running";
  const last = decides && !settles ? terms.settleBy : terms.challengeEnd;
  const commands: Command[] = [
    { verb: "block", blocked: false },
    { verb: "wait", seconds: Math.max(0, last - now) },
  ];
  if (decides && settles)
    commands.push({ verb: "settleRound", rightPair: false }, { verb: "settleRound", rightPair: true });
  if (decides && !settles) commands.push({ verb: "switchToRefunds" });
  const refunds = state === "refunding" || (decides && !settles);
  for (const each of round.lines.keys()) commands.push({ verb: "refund", line: each, caller: "sam" });
  for (const [id, { disqualified }] of round.projects) {
    if (!disqualified && !refunds) commands.push({ verb: "claim", project: id });
  }
  for (const [index, { refunded }] of round.receipts.entries()) {
    if (!refunded) commands.push({ verb: "refundSponsor", index });
  }
  return commands;
}
