import { expect } from "chai";
import { seed } from "../../support/seed.ts";
import { runKillSeries } from "./killSeries.ts";

describe("keeper of a round killed at any point", function () {
  this.timeout(400_000);

  it("misses no gift, pays for none twice, settles the round and sends back the rest to the last unit", async () => {
    const report = await runKillSeries({ kills: 12, seed });
    expect(report.kills, `seed ${seed}`).equal(12);
    expect(report.underWay, `seed ${seed}: a kill that met nothing proves nothing`).above(0);
    expect(report.missed, `seed ${seed}`).equal(0n);
    expect(report.attributed > 0n).equal(true);
    expect(report.inVain, `seed ${seed}`).equal(0);
    expect(report.failed, `seed ${seed}`).deep.equal([]);
    expect(report.status).equal("settled");
    expect(report.left, `seed ${seed}`).equal(0n);
  });
});
