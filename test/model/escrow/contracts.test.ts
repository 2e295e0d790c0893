import { expect } from "chai";
import { seed } from "../../support/seed.ts";
import { runCampaign } from "./chain/campaign.ts";
import { differenceOf, shrink } from "./chain/shrink.ts";
import { type Stage, setStage } from "./chain/stage.ts";

const steps = 2_000;

describe(`the escrow beside its model (FARTHING_SEED=${seed})`, function () {
  this.timeout(400_000);

  let stage: Stage;

  before(async () => {
    stage = await setStage();
  });

  after(() => stage.stop());

  it(`given random histories of ${steps} steps, after each the escrow should answer, emit, store and hold what the model says, to the unit`, async () => {
    const { seen, failure, steps: done } = await runCampaign(stage, { seed, steps });
    expect(failure, failure).to.equal(undefined);
    expect(done).to.be.at.least(steps);
    // What a run of this length meets ten times over; the deep run asks for every error and every event of the interface.
    const openings = ["open", "openWithAuthorization", "openWithPermit2", "topUp"];
    const payments = ["settle", "settleTicks", "settleBatch", "previewSettle", "close", "closeBatch"];
    const exits = ["closeWithAuthorization", "requestClose", "requestCloseWithSignature", "withdraw"];
    const events = ["@ChannelOpened", "@ChannelSettled", "@SettlementSkipped", "@ChannelClosed", "@CloseRequested"];
    const ofOpening = ["!InvalidPayee", "!ZeroDeposit", "!DepositOverflow", "!ChannelAlreadyExists", "!NonceMismatch"];
    const ofChannels = [
      "!ChannelNotFound",
      "!NotPayer",
      "!AmountExceedsDeposit",
      "!InvalidSignature",
      "!CloseNotReady",
    ];
    const met = [...openings, ...payments, ...exits, ...events, ...ofOpening, ...ofChannels];
    for (const name of met) expect(seen.get(name) ?? 0, name).to.be.above(0);
  });

  it("given one base unit that the model knows nothing of, when a history is played, it should be reported, and shrunk to one step", async () => {
    const snapshot = await stage.request("evm_snapshot", []);
    await stage.send(stage.words.address("plain"), stage.encode("token", "mint", [stage.words.address("pat"), 1n]));
    const channel = { payer: "ann", payee: "pat", token: "plain", salt: 1, authorizedSigner: "zero" };
    const open = (amount: bigint) => ({ verb: "open", caller: "ann", channel, amount, value: 0n }) as const;
    const history = { scene: ["stable", "plain"], commands: [open(0n), open(7n), open(8n)], endsAt: 3 };
    const found = await differenceOf(stage, history);
    const least = found && (await shrink(stage, history, found));
    expect(least?.message).to.include("plain of pat is 1000001, and should be 1000000");
    expect(least?.steps).to.equal(1);
    await stage.request("evm_revert", [snapshot]);
  });
});
