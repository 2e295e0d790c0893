import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { drawPicture } from "../../scripts/picture/draw.ts";
import type { RunSummary } from "../../scripts/start/summary.ts";

const run: RunSummary = {
  seed: "picture",
  payers: 57,
  gifts: 20_345,
  giftsPerSecond: 512.4,
  seconds: 120,
  tokens: [
    { symbol: "USDD", decimals: 6, opened: "90000000", settled: "30123456", refunded: "9876544", locked: "50000000" },
    {
      symbol: "ETH",
      decimals: 18,
      opened: "7000000000000000",
      settled: "2000000000000000",
      refunded: "0",
      locked: "5000000000000000",
    },
  ],
  projects: [
    { name: "Village <Well> & Co", gifts: 7_000, settled: { USDD: "10123456", ETH: "2000000000000000" } },
    { name: "River Watch", gifts: 6_345, settled: { USDD: "20000000" } },
  ],
  exits: [{ project: "River Watch", symbol: "USDD", owed: "120000", graceLeft: 169_200 }],
  transactions: 211,
  gas: { total: "9000000", perGift: "442" },
  cost: { perGiftUsd: "0.0000133", assumption: "Fees at an assumed 3000 USD a coin." },
  balanced: true,
};

describe("the picture of a run", () => {
  let folder: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "farthing-picture-"));
  });
  after(() => rm(folder, { recursive: true }));

  it("shows the run's figures, names as text, and fills a PNG of 1200 by 630", async () => {
    const file = join(folder, "picture.png");
    const texts = (await drawPicture(run, file)).join("\n");
    for (const figure of [
      "20,345",
      "balanced to the unit",
      "90 USDD",
      "20 USDD",
      "0.12 USDD owed",
      "47.0 h of 48 h",
      "442",
      "$0.0000133",
    ]) {
      expect(texts).to.include(figure);
    }
    expect(texts).to.include("Village <Well> & Co  10.12 USDD");
    const png = await readFile(file);
    expect(png.subarray(1, 4).toString()).to.equal("PNG");
    expect([png.readUInt32BE(16), png.readUInt32BE(20)]).to.deep.equal([1200, 630]);
  });

  it("says so when a run did not balance", async () => {
    const texts = await drawPicture({ ...run, balanced: false }, join(folder, "red.png"));
    expect(texts.join("\n")).to.include("NOT BALANCED");
  });
});
