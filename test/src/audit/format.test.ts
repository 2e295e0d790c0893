import { expect } from "chai";
import type { Address } from "viem";
import { type AuditReport, assumedL1, formatTable, l1DataFee, toCsv } from "../../../src/audit/index.ts";

const token: Address = `0x${"70".repeat(20)}`;
const payee: Address = `0x${"b2".repeat(20)}`;

const report: AuditReport = {
  verdict: "balanced",
  facts: [],
  broken: 0,
  doubts: [],
  escrow: { address: `0x${"ee".repeat(20)}`, chainId: 8453 },
  gracePeriod: 172_800n,
  fromBlock: 5n,
  block: { number: 90n, hash: `0x${"00".repeat(32)}`, timestamp: 1_700_000_000n },
  events: { ChannelOpened: 2, ChannelSettled: 3 },
  tokens: [
    {
      token,
      verdict: "balanced",
      channels: 2,
      closed: 1,
      deposited: 5_000_000n,
      toppedUp: 0n,
      settled: 1_234_500n,
      given: 1_234_500n,
      refunded: 765_500n,
      locked: 3_000_000n,
      credits: 0n,
      balance: 3_000_007n,
      surplus: 7n,
      transfers: { received: 5_000_007n, sent: 2_000_000n },
    },
  ],
  rounds: [],
  registries: [],
  payees: [{ payee, token, channels: 2, settled: 1_234_500n, given: 1_234_500n }],
  evidence: undefined,
  costs: {
    transactions: 5,
    gasUsed: 500_000n,
    fee: 10n ** 15n,
    l1Fee: 0n,
    bytes: 2_000n,
    settling: { transactions: 2, settlements: 4, gasUsed: 200_000n, fee: 4n * 10n ** 14n, bytes: 1_000n },
  },
  unprovenCloses: 0,
};

describe("l1DataFee", () => {
  const l1 = { baseFee: 10n ** 9n, blobBaseFee: 10n ** 7n, scalars: { baseFee: 2_269n, blobBaseFee: 1_055_762n } };
  const price = 16n * 10n ** 9n * 2_269n + 10n ** 7n * 1_055_762n;

  it("given a size above Fjord's floor, when modelled, it should follow the specification's line", () => {
    expect(l1DataFee({ bytes: 1_000n, ...l1 })).to.equal(((836_500_000n - 42_585_600n) * price) / 10n ** 12n);
  });

  it("given a size below Fjord's floor, when modelled, it should charge for 100 bytes", () => {
    const floor = (100_000_000n * price) / 10n ** 12n;
    expect(l1DataFee({ bytes: 170n, ...l1 })).to.equal(floor);
    expect(l1DataFee({ bytes: 0n, ...l1 })).to.equal(floor);
    expect(l1DataFee({ bytes: 171n, ...l1 })).to.equal(((836_500n * 171n - 42_585_600n) * price) / 10n ** 12n);
    expect(l1DataFee({ bytes: 171n, ...l1 }) > floor).to.equal(true);
  });

  it("given Ecotone's rules, when modelled, it should charge each byte as one that is not zero", () => {
    expect(l1DataFee({ bytes: 1_000n, rules: "ecotone", ...l1 })).to.equal((1_000n * price) / 10n ** 6n);
  });
});

const pool: Address = `0x${"cc".repeat(20)}`;
const registry: Address = `0x${"dd".repeat(20)}`;
const project = { donors: 2, rootSum: 9n, subsidy: 8n, match: 250_000n, paid: 0n, disqualified: false };
const withRound: AuditReport = {
  ...report,
  rounds: [
    {
      pool,
      token,
      registry,
      verdict: "balanced",
      status: "settled",
      donors: 3,
      gifts: 1_500_000n,
      pot: 2_000_000n,
      matched: 250_000n,
      claimed: 0n,
      refunded: 100_000n,
      sponsorRefunded: 0n,
      owed: 3_500_000n,
      credit: 0n,
      balance: 3_500_001n,
      surplus: 1n,
      projects: [
        { projectId: 1n, gifts: 500_000n, ...project, disqualified: true },
        { projectId: 2n, gifts: 1_500_000n, ...project },
      ],
    },
  ],
  registries: [
    {
      registry,
      token,
      verdict: "balanced",
      projects: 5,
      accepted: 4,
      deposited: 500_000n,
      locked: 100_000n,
      owed: 300_000n,
      withdrawn: 100_000n,
      balance: 400_000n,
      surplus: 0n,
    },
  ],
};

describe("formatTable", () => {
  const tokenSymbols = { [token.toUpperCase().replace("0X", "0x")]: { symbol: "USDC", decimals: 6 } };
  const lineOf = (text: string, start: string) =>
    text
      .split("\n")
      .find((line) => line.startsWith(start))
      ?.split(/ {2,}/);

  it("given named tokens, when printed, it should show whole units and the verdict first", () => {
    const text = formatTable(report, { tokenSymbols });
    expect(text.startsWith("balanced")).to.equal(true);
    const amounts = ["5", "1.2345", "1.2345", "0.7655", "3", "0", "3.000007", "0.000007"];
    expect(lineOf(text, "USDC")).to.deep.equal(["USDC", "balanced", "2", "1", ...amounts]);
    expect(lineOf(text, payee)).to.deep.equal([payee, "USDC", "2", "1.2345", "1.2345"]);
    expect(text).to.include("2023-11-14T22:13:20.000Z");
    expect(text).to.not.include("assumed");
  });

  it("given a number of gifts, when printed, it should share out all gas and the fees that were paid", () => {
    const text = formatTable(report, { gifts: 1_000, ethUsd: 2_000 });
    expect(lineOf(text, "all transactions")).to.deep.equal(["all transactions", "5", "500000", "0.001", "2.000"]);
    expect(lineOf(text, "a settlement")).to.deep.equal(["a settlement", "4", "50000.0", "0.0001", "0.2000"]);
    expect(lineOf(text, "a gift")).to.deep.equal(["a gift", "1000", "500.0", "0.000001", "0.002000"]);
    expect(text).to.include("assumed: one ether at 2000 US dollars");
  });

  it("given a price of gas, when printed, it should count gas and modelled L1 data, and say that they are assumed", () => {
    const text = formatTable(report, { gifts: 1, l2GasPriceWei: 1_000_000n });
    const wei = 500_000n * 1_000_000n + 5n * l1DataFee({ bytes: 400n, ...assumedL1 });
    expect(lineOf(text, "a gift")?.[3]).to.equal(`0.${wei.toString().padStart(18, "0").replace(/0+$/, "")}`);
    expect(text).to.include("assumed: L2 gas at 1000000 wei; L1 data modelled");
  });

  it("given a broken fact, when printed, it should say it before anything else", () => {
    const message = "The escrow owes 100 and holds 99.";
    const text = formatTable({
      ...report,
      verdict: "broken",
      broken: 1,
      facts: [{ code: "shortage", message, token }],
    });
    expect(text.split("\n")[0]).to.equal("NOT balanced");
    expect(text.split("\n")[2]).to.equal(`  shortage: ${message}`);
  });

  it("given a round and its registry, when printed, each should have its line, and its projects theirs, most given first", () => {
    const text = formatTable(withRound, { tokenSymbols });
    const sums = ["1.5", "2", "0.25", "0", "0.1", "3.5", "3.500001", "0.000001"];
    expect(lineOf(text, pool)).to.deep.equal([pool, "USDC", "balanced", "settled", "2", "3", ...sums]);
    expect(lineOf(text, registry)?.slice(3)).to.deep.equal(["5", "4", "0.5", "0.1", "0.3", "0.1", "0.4", "0"]);
    const projects = text.split("\n").filter((line) => /^[12] /.test(line));
    expect(projects.map((line) => line.split(/ {2,}/))).to.deep.equal([
      ["2", "2", "1.5", "0.25", "0"],
      ["1", "2", "0.5", "0.25", "0", "disqualified"],
    ]);
  });

  it("given a round and its registry, when written as CSV, each line should have as many fields as there are names", () => {
    const [names = "", ...lines] = toCsv(withRound).trimEnd().split("\n");
    const rows = lines.map((line) =>
      Object.fromEntries(line.split(",").map((field, at) => [names.split(",")[at], field])),
    );
    expect(lines.every((line) => line.split(",").length === names.split(",").length)).to.equal(true);
    expect(rows.map(({ row }) => row)).to.deep.equal(["token", "payee", "round", "project", "project", "registry"]);
    expect(rows[2]).to.include({ pool, gifts: "1500000", pot: "2000000", match: "250000", owed: "3500000" });
    expect(rows[3]).to.include({ project: "1", status: "disqualified", subsidy: "8", rootSum: "9" });
    expect(rows[5]).to.include({ registry, locked: "100000", pool: "" });
  });

  it("given many payees, when printed, it should show those given most and count the rest", () => {
    const payees = Array.from({ length: 13 }, (_, index) => ({
      payee: `0x${index.toString(16).padStart(40, "0")}` as Address,
      token,
      channels: 1,
      settled: BigInt(index),
      given: BigInt(index),
    }));
    const text = formatTable({ ...report, payees });
    expect(text).to.include("… and 3 more");
    expect(lineOf(text, payees[12]?.payee ?? "")).to.not.equal(undefined);
    expect(lineOf(text, payees[2]?.payee ?? "")).to.equal(undefined);
    expect(toCsv({ ...report, payees }).split("\n")).to.have.length(1 + 1 + 13 + 1);
  });
});
