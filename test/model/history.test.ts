import { expect } from "chai";
import fc from "fast-check";
import { keccak256, stringToHex } from "viem";
import { quadratic } from "../../src/protocol/index.ts";
import { seed } from "../support/seed.ts";
import { ending, histories, newRound, opening, withMatching, withoutMatching } from "./cast.ts";
import { type Command, type Outcome, run } from "./history.ts";
import { brokenInvariants } from "./invariants.ts";
import { sum } from "./matching.ts";
import type { RoundModel } from "./round.ts";

describe(`histories of a round (FARTHING_SEED=${seed})`, () => {
  for (const terms of [withMatching, withoutMatching]) {
    it(`given any history ${terms.matching ? "with" : "without"} matching, after each step every invariant should hold, and at last all be paid out`, () => {
      const seen = new Map<string, number>();
      fc.assert(
        fc.property(histories(120), fc.boolean(), (history, settles) => {
          const round = newRound(terms);
          const frozen = new Map<string, unknown>();
          for (const command of [...opening, ...history]) {
            const before = picture(round);
            const outcome = run(round, command);
            note(seen, command, outcome);
            if ("refused" in outcome) expect(picture(round), command.verb).to.deep.equal(before);
            expect(brokenInvariants(round), command.verb).to.deep.equal([]);
            for (const [donor, standing] of round.frozen) {
              if (frozen.has(donor)) expect(standing).to.deep.equal(frozen.get(donor));
              frozen.set(donor, structuredClone(standing));
            }
          }
          checkCount(round);
          for (const command of ending(round, settles)) {
            const wrongly = command.verb === "settleRound" && !command.rightPair;
            expect("refused" in run(round, command), command.verb).to.equal(wrongly);
          }
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
        "collectBatch",
        "collectAndClose",
        "settleChannel",
        "withdrawChannel",
        "closeChannel",
        "suspend",
        "reinstate",
        "claim",
      ];
      if (terms.matching) verbs.push("sponsor", "cancel", "disqualify", "settleRound", "refundSponsor");
      for (const verb of verbs) expect(seen.get(verb) ?? 0, `${verb} that succeeded`).to.be.above(0);
      const reasons = ["AllocationDiverges", "CreditRemains", "ProjectNotAccepted", "AmountExceedsDeposit"];
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
