import { expect } from "chai";
import fc from "fast-check";
import { keccak256, stringToHex } from "viem";
import { quadratic } from "../../src/protocol/index.ts";
import { seed } from "../support/seed.ts";
import { type Command, commands, type Outcome, run } from "./history.ts";
import { brokenInvariants } from "./invariants.ts";
import { sum } from "./matching.ts";
import { RoundModel } from "./round.ts";
import type { RoundTerms } from "./types.ts";

/** Ann and Ben are one household, Cid counts a quarter or nearly nothing, Dot can prove nothing. */
function gate(donor: string, data: string) {
  if (donor === "cid") return { key: "cid", weightBps: data === "proof" ? 2_500 : 1 };
  return { key: donor === "dot" ? "dot" : "household", weightBps: donor === "dot" || data !== "proof" ? 0 : 10_000 };
}

const matching: RoundTerms = {
  matching: true,
  start: 100,
  end: 1_000,
  challengeEnd: 1_300,
  settleBy: 1_900,
  cap: 400n,
  minCounted: 2n,
  maxCounted: 500_000n,
  gate,
};

/** The library's answer to which projects are capped: the model settles only if it agrees. */
function findPair(round: RoundModel) {
  const subsidies = new Map([...round.subsidies()].map(([project, subsidy]) => [BigInt(project), subsidy]));
  return quadratic.findCapped(subsidies, { pot: round.pot, cap: round.terms.cap });
}

/** Projects, a pot and an open round, so that histories are about giving. */
const opening: Command[] = [
  { verb: "admit", project: 1 },
  { verb: "admit", project: 2 },
  { verb: "admit", project: 3 },
  { verb: "admit", project: 4 },
  { verb: "sponsor", sponsor: "sue", deposit: 1_000n },
  { verb: "openChannel", line: "c0", donor: "ann", deposit: 10n ** 9n },
  { verb: "openChannel", line: "c1", donor: "cid", deposit: 10n ** 9n },
  { verb: "openChannel", line: "c2", donor: "ben", deposit: 100n },
  { verb: "wait", seconds: 100 },
];

const histories = fc.array(commands(300), { minLength: 30, maxLength: 90, size: "max" });

/** Pays everything that is owed, by whatever way is open. */
function drain(round: RoundModel, settles: boolean): void {
  round.blocked = false;
  round.now = Math.max(round.now, settles ? round.terms.challengeEnd : round.terms.settleBy);
  if (round.terms.matching && round.state === "running") {
    if (settles) {
      const { cappedCount, cappedSubsidy } = findPair(round);
      round.settleRound(cappedCount, cappedSubsidy);
    } else round.switchToRefunds();
  }
  for (const id of round.lines.keys()) round.refund(id, "a stranger");
  for (const [id, { disqualified }] of round.projects) {
    if (!disqualified && round.state !== "refunding") round.claim(id);
  }
  for (const [index, { refunded }] of round.receipts.entries()) if (!refunded) round.refundSponsor(index);
}

describe(`histories of a round (FARTHING_SEED=${seed})`, () => {
  for (const terms of [matching, { ...matching, matching: false }]) {
    it(`given any history ${terms.matching ? "with" : "without"} matching, after each step every invariant should hold, and at last all be paid out`, () => {
      const seen = new Map<string, number>();
      fc.assert(
        fc.property(histories, fc.boolean(), (history, settles) => {
          const round = new RoundModel(terms);
          const frozen = new Map<string, unknown>();
          for (const command of [...opening, ...history]) {
            const before = picture(round);
            const outcome = run(round, command, findPair);
            note(seen, command, outcome);
            if ("refused" in outcome) expect(picture(round), command.verb).to.deep.equal(before);
            expect(brokenInvariants(round), command.verb).to.deep.equal([]);
            for (const [donor, standing] of round.frozen) {
              if (frozen.has(donor)) expect(standing).to.deep.equal(frozen.get(donor));
              frozen.set(donor, structuredClone(standing));
            }
          }
          checkCount(round);
          drain(round, settles);
          expect(brokenInvariants(round)).to.deep.equal([]);
          expect(round.balance + round.credit).to.equal(0n);
          if (round.state === "refunding") {
            expect(round.paidOut).to.deep.equal({
              projects: 0n,
              donors: sum([...round.lines.values()].map(({ received }) => received)),
              sponsors: round.pot,
            });
          }
          if (!terms.matching) expect([round.counted.length, round.pot]).to.deep.equal([0, 0n]);
        }),
      );
      const verbs: Command["verb"][] = [
        "collect",
        "donate",
        "refund",
        "settleChannel",
        "closeChannel",
        "suspend",
        "claim",
      ];
      if (terms.matching) verbs.push("sponsor", "cancel", "disqualify", "settleRound", "refundSponsor");
      for (const verb of verbs) expect(seen.get(verb) ?? 0, `${verb} that succeeded`).to.be.above(0);
      const reasons = ["AllocationDiverges", "CreditRemains", "NotAccepted", "EscrowRefuses"];
      if (terms.matching) reasons.push("NotEligible", "WrongPair", "Refunding", "TooLate", "TooEarly");
      for (const reason of reasons) expect(seen.get(reason) ?? 0, reason).to.be.above(0);
    });
  }
});

/** Everything that a round stores, to be compared. */
function picture(round: RoundModel): unknown {
  return structuredClone({ ...round, terms: undefined });
}

function note(seen: Map<string, number>, command: Command, outcome: Outcome): void {
  const name = "refused" in outcome ? outcome.refused : command.verb;
  seen.set(name, (seen.get(name) ?? 0) + 1);
}

/** The library's running count over the same gifts must give the model's pairwise one. */
function checkCount(round: RoundModel): void {
  const tally = quadratic.createTally(round.terms);
  for (const gift of round.counted) {
    tally.count({ ...gift, project: BigInt(gift.project), key: keccak256(stringToHex(gift.key)) });
  }
  for (const [project, { disqualified }] of round.projects) if (disqualified) tally.disqualify(BigInt(project));
  expect(tally.totalSubsidy).to.equal(sum(round.subsidies().values()));
}
