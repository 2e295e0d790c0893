import { expect } from "chai";
import { seed } from "../support/seed.ts";
import { runCollectorKills } from "./collectorHarness.ts";

describe("collector killed at any moment", function () {
  this.timeout(300_000);

  it("loses and doubles no acknowledged gift, and the chain takes them all to the unit", async () => {
    const report = await runCollectorKills({ kills: 12, seed });
    expect(report.lost, `seed ${seed}`).to.deep.equal([]);
    expect(report.doubled, `seed ${seed}`).to.deep.equal([]);
    for (const { donors, collector, chain } of report.projects) {
      expect([collector, chain], `seed ${seed}`).to.deep.equal([donors, donors]);
    }
    expect(report.kills).to.equal(12);
    expect(report.acknowledged).to.be.above(12);
    expect(report.ok).to.equal(true);
  });

  it("is reported when its store was thrown away", async () => {
    const report = await runCollectorKills({ kills: 2, seed, mode: "forgetful" }).catch((error: Error) => error);
    if (report instanceof Error) expect(report.message).to.match(/refused gift-\d+: 409 .* builds on/);
    else expect(report.ok).to.equal(false);
  });
});
