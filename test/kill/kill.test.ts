import { expect } from "chai";
import { seed } from "../support/seed.ts";
import { runKillSeries } from "./harness.ts";

describe("payee killed at any point", function () {
  this.timeout(240_000);

  it("keeps every acknowledged voucher, charges each key once, and settles to the last unit", async () => {
    const report = await runKillSeries({ kills: 12, seed });
    expect(report.lost, `seed ${seed}`).to.deep.equal([]);
    expect(report.doubled, `seed ${seed}`).to.deep.equal([]);
    expect(report.paid).to.equal(report.authorized).and.not.equal(0n);
    expect(report.ok).to.equal(true);
    expect(Object.values(report.kills).reduce((a, b) => a + b)).to.equal(12);
    expect(report.durability).to.deep.equal(Array(13).fill({ journalMode: "wal", synchronous: "full" }));
    expect(report.acknowledged).to.be.above(12);
  });

  it("reports lost acknowledgements of a payee that answers before it has written", async () => {
    const report = await runKillSeries({ kills: 4, seed, mode: "answer-before-write" });
    expect(report.lost, `seed ${seed}`).not.to.deep.equal([]);
    expect(report.ok).to.equal(false);
  });
});
