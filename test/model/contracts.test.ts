import { expect } from "chai";
import { seed } from "../support/seed.ts";
import { createRounds, runCampaign } from "./chain/campaign.ts";
import { setStage } from "./chain/stage.ts";

const histories = 50;

describe(`the contracts beside the model (FARTHING_SEED=${seed})`, function () {
  this.timeout(400_000);

  it(`given ${histories} random histories, after each step the contracts should answer, store and hold what the model says, to the unit`, async () => {
    const stage = await setStage();
    try {
      const { seen, steps, failure } = await runCampaign(stage, await createRounds(stage), { seed, histories });
      expect(failure, failure).to.equal(undefined);
      expect(steps).to.be.above(30 * histories);
      // What a run of this length meets ten times over; the deep run prints how often it met the rest.
      const verbs = ["collect", "collectBatch", "donate", "settleChannel", "suspend", "sponsor"];
      const payouts = ["settleRound", "claim", "refund", "refundSponsor"];
      for (const verb of [...verbs, ...payouts])
        expect(seen.get(verb) ?? 0, `${verb} that went through`).to.be.above(0);
      const ofGiving = ["NotOpen", "NotEligible", "ProjectNotAccepted", "AmountExceedsDeposit", "ChannelNotFound"];
      const ofTheRound = ["NotDonor", "NotMatching", "NotSettled", "TooEarly", "TooLate", "WrongPair", "InvalidStatus"];
      for (const reason of [...ofGiving, ...ofTheRound]) expect(seen.get(reason) ?? 0, reason).to.be.above(0);
    } finally {
      await stage.stop();
    }
  });
});
