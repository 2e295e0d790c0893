import { expect } from "chai";
import { openGateData, parseAllocation, parseReceipt } from "../../../src/protocol/index.ts";
import { gifts } from "../../support/roundStage.ts";
import { type Counter, give, present, type Rig, startRig } from "./rig.ts";

describe("collector gifts", () => {
  let rig: Rig;
  let counter: Counter;
  before(async () => {
    rig = await startRig();
    counter = await rig.open(await rig.newRound());
  });
  after(() => rig.stop());

  it("given a first gift with the open, then more in one round trip each, acknowledges, and the chain takes them all", async () => {
    const { url, pool, store, collector } = counter;
    const donor = await rig.donor(pool, { session: true });
    const first = await donor.sign(gifts([1n, 10n]), { gateData: openGateData });
    const opened = await present(url, donor, first, "first");
    expect(opened.status, JSON.stringify(opened.body)).to.equal(200);
    expect(opened.body).to.deep.include({
      channelId: donor.id,
      cumulativeAmount: "10",
      amount: "10",
      gifts: [{ projectId: "1", cumulativeAmount: "10" }],
    });
    expect(parseReceipt(opened.headers.get("payment-receipt") ?? "")).to.include({
      acceptedCumulative: 10n,
      spent: 10n,
      channelId: donor.id,
    });
    const second = await donor.sign(gifts([1n, 10n], [2n, 25n]), { gateData: openGateData });
    const answer = await give(url, second, "second");
    expect(answer.body).to.include({ cumulativeAmount: "35", amount: "25" });
    const record = await store.get(donor.id);
    expect(record).to.include({ authorized: 35n, spent: 35n, signature: second.voucherSignature });
    expect(parseAllocation(record?.evidence ?? "")).to.deep.equal(second.allocation);
    expect(collector.totals()).to.deep.equal({
      channels: 1,
      sum: 35n,
      projects: [
        { projectId: 1n, gifts: 10n, donors: 1 },
        { projectId: 2n, gifts: 25n, donors: 1 },
      ],
    });

    const { voucherSignature, allocation } = second;
    const item = { channel: donor.channel, voucherSignature, previousGifts: [], gifts: allocation.gifts };
    const signatures = { gateData: allocation.gateData, allocationSignature: allocation.signature };
    await rig.stage.mined(await rig.stage.onPool(pool).collect({ ...item, ...signatures }));
    expect(await rig.stage.standing(pool, donor.id)).to.deep.equal(second.allocation.gifts);
    const state = await rig.stage.onPool(pool).getProjectState({ projectId: 2n });
    expect(state).to.include({ gifts: 25n, donors: 1 });
  });
});
