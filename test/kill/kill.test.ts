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

  for (const victim of ["payee", "database"] as const) {
    it(`keeps all of it on PostgreSQL too, with the ${victim} killed`, async () => {
      const report = await runKillSeries({ kills: 3, seed, store: "postgres", victim });
      expect(report.lost, `seed ${seed}`).to.deep.equal([]);
      expect(report.doubled, `seed ${seed}`).to.deep.equal([]);
      expect(report.paid).to.equal(report.authorized).and.not.equal(0n);
      expect(report.ok).to.equal(true);
      expect(Object.values(report.kills).reduce((a, b) => a + b)).to.equal(3);
      expect(report.kills.database).to.equal(victim === "database" ? 3 : 0);
      const on = { fsync: "on", fullPageWrites: "on", synchronousCommit: "on" };
      expect(report.durability).to.deep.equal(Array(victim === "payee" ? 4 : 1).fill(on));
    });
  }

  it("reports lost acknowledgements of a payee that answers before it has written", async () => {
    const report = await runKillSeries({ kills: 4, seed, mode: "answer-before-write" });
    expect(report.lost, `seed ${seed}`).not.to.deep.equal([]);
    expect(report.ok).to.equal(false);
  });
});
