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
    const report = await runCollectorKills({ kills: 4, seed, mode: "forgetful" });
    expect(report.lost.join("\n"), `seed ${seed}`).to.match(/^after kill 4: 0x[0-9a-f]+ has 0 of \d+ for project \d/m);
    expect(report.ok).to.equal(false);
  });
});
