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
      expect(steps).to.be.above(40 * histories);
      for (const verb of [
        "collect",
        "collectBatch",
        "donate",
        "refund",
        "claim",
        "settleRound",
        "switchToRefunds",
        "disqualify",
        "refundSponsor",
        "settleChannel",
        "suspend",
      ]) {
        expect(seen.get(verb) ?? 0, `${verb} that went through`).to.be.above(0);
      }
      for (const reason of [
        "AllocationDiverges",
        "AllocationExceedsCash",
        "CreditRemains",
        "GiftsMismatch",
        "InvalidSignature",
        "NotEligible",
        "NotOpen",
        "ProjectNotAccepted",
        "TooEarly",
        "WrongPair",
      ]) {
        expect(seen.get(reason) ?? 0, reason).to.be.above(0);
      }
    } finally {
      await stage.stop();
    }
  });
});
