import { expect } from "chai";
import { seed } from "../../support/seed.ts";
import { runCampaign } from "./chain/campaign.ts";
import { setStage } from "./chain/stage.ts";

const steps = 2_000;

describe(`the escrow beside its model (FARTHING_SEED=${seed})`, function () {
  this.timeout(400_000);

  it(`given random histories of ${steps} steps, after each the escrow should answer, emit, store and hold what the model says, to the unit`, async () => {
    const stage = await setStage();
    try {
      const { seen, failure, steps: done } = await runCampaign(stage, { seed, steps });
      expect(failure, failure).to.equal(undefined);
      expect(done).to.be.at.least(steps);
      // What a run of this length meets ten times over; the deep run asks for every error and every event of the interface.
      const openings = ["open", "openWithAuthorization", "openWithPermit2", "topUp"];
      const payments = ["settle", "settleTicks", "settleBatch", "previewSettle", "close", "closeBatch"];
      const exits = ["closeWithAuthorization", "requestClose", "requestCloseWithSignature", "withdraw"];
      const events = ["@ChannelOpened", "@ChannelSettled", "@SettlementSkipped", "@ChannelClosed", "@CloseRequested"];
      const ofOpening = [
        "!InvalidPayee",
        "!ZeroDeposit",
        "!DepositOverflow",
        "!ChannelAlreadyExists",
        "!NonceMismatch",
      ];
      const ofChannels = [
        "!ChannelNotFound",
        "!NotPayer",
        "!AmountExceedsDeposit",
        "!InvalidSignature",
        "!CloseNotReady",
      ];
      const met = [...openings, ...payments, ...exits, ...events, ...ofOpening, ...ofChannels];
      for (const name of met) expect(seen.get(name) ?? 0, name).to.be.above(0);
    } finally {
      await stage.stop();
    }
  });
});
