import { expect } from "chai";
import { formatTable } from "../../scripts/bench/formatTable.ts";
import { toJson } from "../../scripts/bench/report.ts";
import { measureTicks } from "../../scripts/bench/ticks.ts";

describe("npm run bench -- ticks", () => {
  it("given a few short chains, when measured, it should check every tick and give the figures by their names", async () => {
    const rows = await measureTicks({ chains: 2, length: 300, warmUp: 1 });
    const keys = ["ticks_per_second", "ticks_per_second_best", "hashes_per_second", "share_of_hash_loop"];
    expect(rows.map(({ key }) => key)).to.deep.equal(keys);
    for (const { value } of rows) expect(value).to.be.above(0);
  });

  it("given a figure that should be large, when printed, it should say by how much it is met or not, and nothing of that in JSON", () => {
    const row = (value: number) => ({ key: "share_of_hash_loop", value, unit: "of 1", atLeast: 0.7 }) as const;
    const report = (value: number) => ({ bench: "ticks", work: "w", versions: {}, rows: [row(value)] });
    expect(formatTable(report(0.95))).to.match(/0\.95 +of 1 +0\.7 +met, \+0\.25/);
    expect(formatTable(report(0.5))).to.match(/0\.5 +of 1 +0\.7 +NOT met, -0\.2/);
    expect(JSON.parse(toJson(report(0.5))).rows).to.deep.equal([
      { key: "share_of_hash_loop", value: 0.5, unit: "of 1" },
    ]);
  });
});
