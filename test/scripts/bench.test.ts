import { spawnSync } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "chai";
import { formatTable } from "../../scripts/bench/formatTable.ts";
import { collectFirst, gifts } from "../../scripts/bench/gas/gifts.ts";
import { findFault, gasRows, measureRows } from "../../scripts/bench/gas/index.ts";
import { pageFile, renderPage } from "../../scripts/bench/gas/page.ts";
import { type Round, setRound } from "../../scripts/bench/gas/round.ts";
import { type GasRow, measureRow } from "../../scripts/bench/gas/row.ts";
import {
  compareWithSnapshot,
  formatSnapshot,
  howToAccept,
  readSnapshot,
  snapshotFile,
} from "../../scripts/bench/gas/snapshot.ts";
import { deposit, type Outcome } from "../../scripts/bench/gas/stage.ts";
import { measureWhere } from "../../scripts/bench/gas/where.ts";
import { measurePool } from "../../scripts/bench/pool.ts";
import type { Row } from "../../scripts/bench/report.ts";
import { encodeOpen } from "../../src/chain/index.ts";
import { channelId, nativeCoin } from "../../src/protocol/index.ts";

const script = join(import.meta.dirname, "../../scripts/bench.ts");

function bench(args: readonly string[], environment: Record<string, string> = {}) {
  const env = { ...process.env, ...environment };
  const { status, stdout, stderr } = spawnSync(process.execPath, [script, ...args], { encoding: "utf8", env });
  return { status, stdout, stderr };
}

describe("npm run bench", () => {
  it("given gas --json, when run, it should print one object whose figures are the accepted ones to the unit", async () => {
    const { status, stdout, stderr } = bench(["gas", "--json"]);
    expect(status, stderr).to.equal(0);
    const report = JSON.parse(stdout) as { rows: Row[]; versions: object };
    expect(report).to.have.all.keys("bench", "machine", "versions", "work", "rows");
    expect(report).to.have.property("bench", "gas");
    expect(report.versions).to.include.keys("node", "hardhat", "solc", "viem", "hardfork");
    for (const row of report.rows) expect(row).to.have.all.keys("key", "value", "unit");
    const differences = compareWithSnapshot(report.rows, await readSnapshot());
    expect(differences, `${differences.join("\n")}\nTo accept: ${howToAccept}\n`).to.deep.equal([]);
    expect(await readFile(snapshotFile, "utf8")).to.equal(formatSnapshot(report.rows));
  }).timeout(600_000); // it compiles first where the contracts have changed

  it("given rows in another order, when measured, each should cost the same", async () => {
    const rows = gasRows.filter(({ key }) => !/^(batch_row|settle_round|collect_5)/.test(key));
    const [forward, backward] = [await measureRows(rows), await measureRows(rows.toReversed())];
    expect(forward).to.have.length.above(14);
    expect(backward.toReversed()).to.deep.equal(forward);
  }).timeout(300_000);

  it("given few and many donors and projects, when measured, a gift should cost the same and a settlement rise evenly", async () => {
    const rows = await measurePool({ small: 10, large: 300 }, [10, 30, 100]);
    const figure = (key: string) => rows.find((row) => row.key === key)?.value ?? 0;
    const settlements = ["settle_gas_10", "settle_gas_30", "settle_gas_100"];
    const keys = ["gift_gas_small", "gift_gas_large", ...settlements, "settle_gas_per_project"];
    expect(rows.map(({ key }) => key)).to.deep.equal(keys);
    expect(figure("gift_gas_small")).to.be.above(100_000);
    expect(figure("gift_gas_large")).to.equal(figure("gift_gas_small"));
    expect(figure("settle_gas_100")).to.be.at.most(rows.find(({ key }) => key === "settle_gas_100")?.atMost ?? 0);
    expect(figure("settle_gas_per_project")).to.equal(
      Math.ceil((figure("settle_gas_100") - figure("settle_gas_30")) / 70),
    );
  }).timeout(300_000);

  it("given a row, when taken apart, its parts should add up to it", async () => {
    const key = "collect_1_again";
    const { rows } = await measureWhere(gasRows.find((row) => row.key === key) as GasRow);
    const sum = rows.reduce((total, row) => total + (row.key === "total" ? 0 : row.value), 0);
    expect(rows.at(-1)).to.deep.equal({ key: "total", value: (await readSnapshot()).collect_1_again, unit: "gas" });
    expect(sum).to.equal(rows.at(-1)?.value);
    expect(rows.find((row) => row.key === "refunded")).to.equal(undefined); // it clears no storage, so nothing hides here
  });

  it("given the page of where gas goes, when its rows are taken apart again, it should say the same", async () => {
    const text = await readFile(pageFile, "utf8");
    expect(text).to.match(/\ntotal +\d/);
    expect(text, `To renew: ${howToAccept}`).to.equal(await renderPage(text, gasRows));
  });

  it("given the page's summary, when its tables are added up, it should say the same", async () => {
    const text = await readFile(pageFile, "utf8");
    const summary = [...text.matchAll(/^\| `(\w+)` \| ([\d,]+) \| ([\d,]+) \| ([\d,]+) \| ([\d,]+) \|/gm)];
    expect(summary).to.have.length.above(5);
    for (const [, key = "", ...figures] of summary) {
      const [, table = ""] = new RegExp(`<!-- ${key} -->\n\`\`\`text\n([^\`]+)`).exec(text) ?? [];
      const lines = [...table.matchAll(/^(.+?) {2,}(-?[\d,]+) {2}gas/gm)].map(
        ([, name = "", value]) => [name, toNumber(value)] as const,
      );
      const sum = (pattern: RegExp) => lines.reduce((all, [name, value]) => all + (pattern.test(name) ? value : 0), 0);
      const [total, computing] = [sum(/^total$/), sum(/^computing/)];
      const own = sum(/^computing, PaymentChannels$/);
      expect(figures.map(toNumber), key).to.deep.equal([total, total - computing, computing, own]);
    }
  });

  const accepted = { open: 100, close: 200 };
  const changes: [condition: string, figures: Record<string, number>, lines: string[]][] = [
    ["the same figures", { open: 100, close: 200 }, []],
    ["a dearer verb", { open: 101, close: 200 }, ["open was 100 and is 101 (+1)"]],
    ["a cheaper verb", { open: 100, close: 150 }, ["close was 200 and is 150 (-50)"]],
    ["a verb that is gone", { open: 100 }, ["close is gone: it was 200"]],
    ["a verb that is new", { open: 100, close: 200, tick: 7 }, ["tick is new: 7"]],
  ];
  for (const [condition, figures, lines] of changes) {
    it(`given ${condition}, when compared with what was accepted, it should say so row by row`, () => {
      const rows = Object.entries(figures).map(([key, value]) => ({ key, value }));
      expect(compareWithSnapshot(rows, accepted)).to.deep.equal(lines);
    });
  }

  const lies: [condition: string, lie: (outcome: Outcome) => Outcome, message: RegExp][] = [
    ["a payer that should have paid less", (all) => ({ ...all, gains: { escrow: deposit } }), /what payer gained/],
    ["an event that was not emitted", (all) => ({ ...all, events: [...all.events, ...all.events] }), /ChannelOpened/],
    [
      "a channel that should hold more",
      (all) => ({ ...all, channels: all.channels.map((each) => ({ ...each, deposit: deposit + 1n })) }),
      /deposit: 10000001n/,
    ],
  ];
  for (const [condition, lie, message] of lies) {
    it(`given ${condition}, when measured, it should give no figure`, async () => {
      const error = await measureRow(opening(lie)).catch((reason: Error) => reason);
      expect(error).to.be.instanceOf(Error);
      expect(error)
        .to.have.property("message")
        .that.matches(/^sabotaged did not do its work: /);
      expect(error).to.have.property("message").that.matches(message);
    });
  }

  const misses: [condition: string, miss: (round: Round) => void, message: RegExp][] = [
    ["a gift that the count never heard of", (round) => round.expect("0x01", gifts(round, 1n)), /what project 1 has/],
    [
      "a gift that should not have counted",
      (round) => round.expect(round.payerKey, gifts(round, 612_345n), false),
      /what project 1 has/,
    ],
  ];
  for (const [condition, miss, message] of misses) {
    it(`given ${condition}, when a round's row is measured, it should give no figure`, async () => {
      const row: GasRow = {
        key: "sabotaged",
        async measure(stage) {
          const round = await setRound(stage, 1);
          miss(round);
          return collectFirst(round);
        },
      };
      const error = await measureRow(row).catch((reason: Error) => reason);
      expect(error).to.be.instanceOf(Error);
      expect(error)
        .to.have.property("message")
        .that.matches(/^sabotaged did not do its work: /)
        .and.matches(message);
    });
  }

  it("given a true outcome, when measured, it should give the whole transaction's gas", async () => {
    const { value, unit } = await measureRow(opening((outcome) => outcome));
    expect({ value, unit }).to.deep.equal({ value: (await readSnapshot()).open_native, unit: "gas" });
  });

  it("given figures below, at and above the ones to reach, when printed, it should say which are met and by how much", () => {
    const rows: Row[] = [
      { key: "below", value: 900, unit: "gas", atMost: 1_000 },
      { key: "at", value: 1_000, unit: "gas", atMost: 1_000 },
      { key: "above", value: 12_345, unit: "gas", atMost: 1_000 },
      { key: "without", value: 7, unit: "gas" },
    ];
    const lines = formatTable({ bench: "gas", work: "four rows", versions: { solc: "1" }, rows }).split("\n");
    expect(lines.slice(0, 1)).to.deep.equal(["gas: four rows"]);
    expect(lines.slice(5)).to.deep.equal([
      "below       900  gas      1,000  met, -100",
      "at        1,000  gas      1,000  met, ±0",
      "above    12,345  gas      1,000  NOT met, +11,345",
      "without       7  gas",
      "",
    ]);
  });

  it("given figures of a second chain, when printed, it should say beside each how far off they are", () => {
    const rows: Row[] = [
      { key: "same", value: 67_000, unit: "gas", atMost: 68_000, anvil: 67_000 },
      { key: "dearer", value: 1_000, unit: "gas", anvil: 1_010 },
    ];
    const lines = formatTable({ bench: "gas", work: "two rows", versions: {}, rows }).split("\n");
    expect(lines.slice(4)).to.deep.equal([
      "row      value  unit  to reach               on anvil  difference",
      "same    67,000  gas     68,000  met, -1,000    67,000     0.000 %",
      "dearer   1,000  gas                             1,010     1.000 %",
      "",
    ]);
  });

  const seconds: [condition: string, anvil: number | undefined, fault: string | undefined][] = [
    ["the same figure", 10_000, undefined],
    ["one percent more", 10_100, undefined],
    ["one percent less", 9_900, undefined],
    ["more than one percent more", 10_101, "anvil is not within 1 % at open"],
    ["more than one percent less", 9_899, "anvil is not within 1 % at open"],
    ["no figure", undefined, "anvil is not within 1 % at open"],
  ];
  for (const [condition, second, fault] of seconds) {
    it(`given ${condition} of a second chain, when compared, it should ${fault ? "name the row" : "find nothing"}`, () => {
      const open: Row = { key: "open", value: 10_000, unit: "gas", ...(second === undefined ? {} : { anvil: second }) };
      expect(findFault([{ key: "close", value: 5, unit: "gas", anvil: 5 }, open])).to.equal(fault);
    });
  }

  it("given --anvil where there is none, when started, it should say in one line how to get one and exit 2", () => {
    const { status, stdout, stderr } = bench(["gas", "--anvil"], { FARTHING_ANVIL: "/nowhere/anvil" });
    const sentence =
      "there is no anvil here, nor does FARTHING_ANVIL name one: npm install --no-save @foundry-rs/anvil@1.7.1";
    expect([status, stdout, stderr]).to.deep.equal([2, "", `bench: ${sentence}\n`]);
  });

  const wrong: [args: string[], sentence: string][] = [
    [[], 'there is no bench ""; choose one of gas, payee, pool, ticks'],
    [["fuel", "--json"], 'there is no bench "fuel"; choose one of gas, payee, pool, ticks'],
    [["toString"], 'there is no bench "toString"; choose one of gas'],
    [["gas", "--jsn"], "Unknown option '--jsn'; use npm run bench -- gas [--json] [--update] [--where NAME] [--anvil]"],
    [["gas", "--where", "fuel"], 'there is no row "fuel"; choose one of open_erc20, '],
    [["gas", "--anvil", "--update"], "--anvil measures all rows and accepts none: leave the other out"],
    [["pool", "--update"], "Unknown option '--update'; use npm run bench -- pool [--json]"],
    [["gas", "again"], "use npm run bench -- gas [--json] [--update] [--where NAME] [--anvil]"],
  ];
  for (const [args, sentence] of wrong) {
    it(`given "${args.join(" ")}", when started, it should say in one line what to write instead and exit 2`, () => {
      const { status, stdout, stderr } = bench(args);
      expect(stderr)
        .to.match(/^bench: [^\n]+\n$/)
        .and.include(sentence);
      expect([status, stdout]).to.deep.equal([2, ""]);
    });
  }
});

/** A figure as printed. */
function toNumber(figure = ""): number {
  return Number(figure.replaceAll(",", ""));
}

/** Opens a native channel, and expects of it what `lie` makes of the truth. */
function opening(lie: (outcome: Outcome) => Outcome): GasRow {
  return {
    key: "sabotaged",
    measure(stage) {
      const { payer, escrow } = stage;
      const channel = stage.describeChannel(nativeCoin);
      const id = channelId(channel, escrow);
      const truth: Outcome = {
        token: nativeCoin,
        gains: { payer: -deposit, escrow: deposit },
        events: [{ eventName: "ChannelOpened", args: { channelId: id, ...channel, deposit } }],
        channels: [{ channel, deposit, settled: 0n, finalized: false }],
      };
      return stage.measure(payer, encodeOpen({ address: escrow.address, deposit, ...channel }), lie(truth));
    },
  };
}
