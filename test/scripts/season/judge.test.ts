import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import type { ChainRecord } from "../../../scripts/start/season/chainRecord.ts";
import { judgeSeason, type SeasonFacts } from "../../../scripts/start/season/judge.ts";
import { files, linesOf } from "../../../scripts/start/season/records.ts";
import { tamper, tampered } from "../../../scripts/start/season/tamper.ts";
import { writeRecords } from "./records.ts";

describe("the season's judgement", () => {
  let directory: string;
  let facts: SeasonFacts;

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), "farthing-season-"));
    facts = await writeRecords(directory);
  });
  afterEach(() => rm(directory, { recursive: true }));

  const failed = async (told: Partial<SeasonFacts> = {}) =>
    (await judgeSeason(directory, { ...facts, ...told })).filter(({ holds }) => !holds).map(({ sentence }) => sentence);

  async function changeChain(change: (record: ChainRecord) => void) {
    const file = files(directory).chain;
    const record = JSON.parse(await readFile(file, "utf8")) as ChainRecord;
    change(record);
    await writeFile(file, JSON.stringify(record));
  }

  it("given records that agree, when judged, every claim should hold", async () => {
    expect(await failed()).to.deep.equal([]);
  });

  for (const record of tampered) {
    it(`given one gift altered by one unit in the record of ${record}, when judged, it should say which project`, async () => {
      await tamper(directory, record);
      const sentences = await failed();
      expect(sentences.some((sentence) => / in donors' logs, totals and export; /.test(sentence))).to.equal(true);
    });
  }

  it("given a gift that a donor has a receipt for twice, when judged, it should be seen", async () => {
    const file = join(files(directory).donors, "0.jsonl");
    const lines = await linesOf(file);
    await writeFile(file, [...lines, lines[0]].map((line) => `${line}\n`).join(""));
    expect((await failed()).some((sentence) => sentence.includes("none twice"))).to.equal(true);
  });

  it("given a gift of one donor under another's name, when judged, the donors' own logs should not agree", async () => {
    const [from, to] = [join(files(directory).donors, "0.jsonl"), join(files(directory).donors, "1.jsonl")];
    const [first, ...rest] = await linesOf(from);
    await writeFile(from, rest.map((line) => `${line}\n`).join(""));
    await writeFile(to, [...(await linesOf(to)), first].map((line) => `${line}\n`).join(""));
    expect((await failed()).some((sentence) => sentence.startsWith("298 of 300 donors' own logs"))).to.equal(true);
  });

  const lies: [condition: string, sentence: RegExp, change: (record: ChainRecord) => void][] = [
    ["a match of one unit more", /11 of 12 are what donors' logs/, ({ projects: [first] }) => raise(first, "match")],
    [
      "a payout of one unit less",
      /projects were paid gifts and match/,
      ({ projects: [first] }) => raise(first, "payouts", -1n),
    ],
    [
      "a donor short of one unit",
      /299 of 300 donors have their deposit/,
      ({ donors: [first] }) => raise(first, "balance", -1n),
    ],
    ["a sponsor short of one unit", /sponsors got/, ({ sponsors: [first] }) => raise(first, "balance", -1n)],
    ["a unit left in the pool", /the pool holds 0.000001/, (record) => raise(record, "held")],
    ["a unit left in the cancelled pool", /the cancelled round/, (record) => raise(record, "heldByDoomed")],
    ["a cancelled round's donor short", /the cancelled round/, ({ second: [first] }) => raise(first, "balance", -1n)],
    ["a relayed donor with coin", /without ever having any coin/, ({ donors }) => raise(donors[1], "coin")],
    [
      "one who asked to leave and stayed",
      /closed before the end/,
      ({ donors }) => Object.assign(donors[2] ?? {}, { closedAt: 2e6 }),
    ],
  ];
  for (const [condition, sentence, change] of lies) {
    it(`given ${condition}, when judged, it should be said`, async () => {
      await changeChain(change);
      expect((await failed()).filter((one) => sentence.test(one))).to.have.length(1);
    });
  }

  const told: [condition: string, sentence: RegExp, facts: Partial<SeasonFacts>][] = [
    ["an audit that found something", /audit ended with 1/, { auditCode: 1 }],
    ["gifts left to collect at the end", /not all was collected/, { leftAfterCollecting: undefined }],
    ["a denied claim that went through", /deny list/, { denied: { refused: false, paidMeanwhile: 11, paidLate: 0n } }],
    ["fewer kills than asked for", /killed 1 times/, { kills: { asked: 3, collector: 1, keeper: 1 } }],
  ];
  for (const [condition, sentence, change] of told) {
    it(`given ${condition}, when judged, it should be said`, async () => {
      expect((await failed(change)).filter((one) => sentence.test(one))).to.have.length(1);
    });
  }
});

function raise<name extends string>(of: Record<name, string> | undefined, field: name, by = 1n) {
  if (of) of[field] = `${BigInt(of[field]) + by}`;
}
