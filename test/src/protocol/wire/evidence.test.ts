import { expect } from "chai";
import {
  type Evidence,
  formatEvidence,
  MalformedEvidenceError,
  parseEvidence,
} from "../../../../src/protocol/index.ts";

const evidence: Evidence = {
  channel: {
    payer: `0x${"11".repeat(20)}`,
    payee: `0x${"22".repeat(20)}`,
    token: `0x${"33".repeat(20)}`,
    salt: `0x${"44".repeat(32)}`,
    authorizedSigner: `0x${"55".repeat(20)}`,
  },
  cumulativeAmount: 12n,
  voucherSignature: `0x${"66".repeat(65)}`,
  allocation: {
    gateData: "0x7788",
    gifts: [
      { projectId: 1n, cumulativeAmount: 5n },
      { projectId: 2n ** 256n - 1n, cumulativeAmount: 7n },
    ],
    signature: `0x${"99".repeat(65)}`,
  },
};

describe("a line of a collector's export", () => {
  it("given evidence, when written and read, it should be the same, on one line", () => {
    const line = formatEvidence(evidence);
    expect(line).to.not.include("\n");
    expect(parseEvidence(line)).to.deep.equal(evidence);
  });

  it("given addresses with checksums, when read, they should be in lower case", () => {
    const line = formatEvidence(evidence).replaceAll("22".repeat(20), "aA".repeat(20));
    expect(parseEvidence(line).channel.payee).to.equal(`0x${"aa".repeat(20)}`);
  });

  const wrong: [condition: string, change: (line: string) => string][] = [
    ["nothing", () => ""],
    ["a list", (line) => `[${line}]`],
    ["half a line", (line) => line.slice(0, -20)],
    ["no channel", (line) => line.replace('"channel"', '"canal"')],
    ["a salt too short", (line) => line.replace("44".repeat(32), "44".repeat(31))],
    ["an amount as a number", (line) => line.replace('"12"', "12")],
    ["an amount with a sign", (line) => line.replace('"12"', '"-12"')],
    ["a signature of 64 bytes", (line) => line.replace("66".repeat(65), "66".repeat(64))],
    ["a gift without an amount", (line) => line.replace('"cumulativeAmount":"5",', "")],
    ["more characters than 64 gifts need", (line) => `${line}${" ".repeat(40_000)}`],
  ];
  for (const [condition, change] of wrong) {
    it(`given ${condition}, when read, it should be refused without a quotation`, () => {
      expect(() => parseEvidence(change(formatEvidence(evidence))))
        .to.throw(MalformedEvidenceError)
        .with.property("message")
        .that.does.not.include("6666");
    });
  }
});
