import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { readConfig, SimulationConfigError } from "../../scripts/simulate/readConfig.ts";

const script = join(import.meta.dirname, "../../scripts/simulate.ts");

function simulate(...args: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [script, ...args], { encoding: "utf8" });
  return { status, stdout, stderr };
}

describe("npm run simulate", () => {
  const alone = ["round", "--donors", "0", "--projects", "0", "--pot", "10000", "--cap", "3000", "--sybils", "50"];

  it("given a round, when simulated, it should print what a person works out", () => {
    const { status, stdout } = simulate(...alone);
    expect(status).to.equal(0);
    // 50 wallets with 1 each draw 50 * 49, and 1 each is lost.
    expect(stdout).to.include("cost 50.00 USDC, tie up 50.00 and draw 2,450.00: the attacker gains 2,400.00.");
    expect(stdout).to.include("From 3 wallets on an attack can gain; 50 gain most, 2,400.00 USDC.");
    expect(stdout).to.include("acceptsSybil");
    expect(stdout).to.match(/^back to sponsors +10,000\.00 +7,550\.00$/m);
  });

  it("given a list of people, when simulated, it should print the loss and what an open gate would have let through", () => {
    const { stdout } = simulate(...alone, "--gate", "merkle");
    expect(stdout).to.include(
      "behind a list of people cost 50.00 USDC, tie up 50.00 and draw 0.00: the attacker loses 50.00.",
    );
    expect(stdout).to.include("Behind an open gate they would draw 2,450.00: the attacker gains 2,400.00.");
    expect(stdout).not.to.include("acceptsSybil");
  });

  it("given --json, when simulated, it should print one object of base units in decimal and nothing else", () => {
    const { stdout } = simulate(...alone, "--gate", "attested", "--sybil-keys", "2", "--json");
    const report = JSON.parse(stdout);
    expect(report.attack).to.deep.equal({
      sybils: 50,
      deposited: "50000000",
      cost: "50000000",
      match: "50000000",
      net: "0",
    });
    expect(report).to.deep.include({ breakEven: null, lostByOthers: "0", unused: "10000000000" });
    expect(report.ungated.match).to.equal("2450000000");
    expect(report.curve).to.have.length(51);
    expect(report.parameters).to.deep.include({ seed: 1, decimals: 6, symbol: "USDC" });
  });

  it("given a seed, when simulated again, it should print the same, and another crowd with another", () => {
    const [first, again, other] = ["7", "7", "8"].map((seed) => simulate("round", "--seed", seed).stdout);
    expect(again).to.equal(first);
    expect(other).not.to.equal(first);
    expect(first?.split("\n")).to.have.length.above(14);
  });

  it("given many projects, when printed, those beyond 20 should be added up in one row", () => {
    const { stdout } = simulate("round", "--projects", "25");
    expect(stdout)
      .to.match(/^20 /m)
      .and.to.match(/^5 more /m)
      .and.not.to.match(/^21 /m);
  });

  it("given --svg, when simulated, it should draw one picture that needs nothing else, with the same numbers", () => {
    const folder = mkdtempSync(join(tmpdir(), "farthing-simulate-"));
    try {
      const file = join(folder, "round.svg");
      expect(simulate("round", "--sybils", "50", "--cap", "3000", "--svg", file).status).to.equal(0);
      const { curve, attack, breakEven } = JSON.parse(
        simulate("round", "--sybils", "50", "--cap", "3000", "--json").stdout,
      );
      const svg = readFileSync(file, "utf8");
      expect(svg.match(/(?:href|src|url\(|<script|<style)/g)).to.equal(null);
      expect(svg.match(/<rect /g)).to.have.length(1 + 10 * 2 + 1 + 4);
      expect(svg).to.include(`pays from ${breakEven} wallets on`);
      const lines = [...svg.matchAll(/<polyline points="([^"]+)"/g)].map(([, points = ""]) => points.split(" "));
      expect(lines.map((points) => points.length)).to.deep.equal([curve.length, curve.length]);
      // The match's curve ends where the cost's does in width, and higher by their ratio.
      const [match, cost] = lines.map((points) => points.at(-1)?.split(",").map(Number) ?? []);
      expect(match?.[0]).to.equal(cost?.[0]);
      const ratio = (400 - (match?.[1] ?? 0)) / (400 - (cost?.[1] ?? 0));
      expect(ratio).to.be.closeTo(Number(attack.match) / Number(attack.cost), 0.01);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it("given nothing at all in the round, when drawn and printed, it should still be a picture and a table", () => {
    const nothing = ["round", "--donors", "0", "--projects", "0", "--pot", "0", "--sybils", "0", "--svg", "/dev/null"];
    const { status, stdout } = simulate(...nothing);
    expect(status).to.equal(0);
    expect(stdout).to.include("the attacker gains nothing");
  });

  const wrong: [args: string[], sentence: string][] = [
    [[], "say what to simulate"],
    [["rounds"], "say what to simulate"],
    [["round", "again"], "say what to simulate"],
    [["round", "--nonsense"], "nonsense"],
    [["round", "--donors", "-1"], "donors"],
    [["round", "--donors", "1e3"], "--donors must be a whole number from 0 to 100000"],
    [["round", "--projects", "1000"], "--projects must be a whole number from 0 to 999"],
    [["round", "--sybils", "10001"], "--sybils must be"],
    [["round", "--pot", "1,000"], "--pot must be an amount of tokens"],
    [["round", "--pot", "0.1234567"], "--pot must be an amount of tokens"],
    [["round", "--pot", "99999999999999999999999999"], "--pot must be an amount of tokens"],
    [["round", "--cap", "0"], "--cap must be an amount of tokens above 0"],
    [["round", "--min", "3", "--max", "2"], "--min must not be above --max"],
    [["round", "--gate", "closed"], "--gate must be open, merkle or attested"],
    [["round", "--sybil-weight", "50"], "--gate attested alone"],
    [["round", "--gate", "attested", "--sybil-weight", "101"], "--sybil-weight must be"],
    [["round", "--gate", "attested", "--sybil-keys", "0"], "--sybil-keys must be"],
    [["round", "--symbol", "<b>"], "--symbol must be"],
    [["round", "--svg", ""], "--svg must be"],
  ];
  for (const [args, sentence] of wrong) {
    it(`given "${args.join(" ")}", when read, it should be refused in one line that says why`, () => {
      expect(() => readConfig(args))
        .to.throw(SimulationConfigError, sentence)
        .with.property("message")
        .that.does.not.include("\n");
    });
  }

  it("given bad input, when started, it should say so in one line, print no numbers and exit 2", () => {
    for (const args of [
      ["round", "--pot", "1,000"],
      ["round", "--svg", "/nowhere/at/all.svg"],
    ]) {
      const { status, stdout, stderr } = simulate(...args);
      expect(stderr).to.match(/^simulate: [^\n]+\n$/);
      expect([status, stdout]).to.deep.equal([2, ""]);
    }
  });

  it("given --help, when started, it should list every option", () => {
    const { status, stdout } = simulate("--help");
    expect(status).to.equal(0);
    for (const option of [
      "--donors",
      "--pot",
      "--cap",
      "--sybils",
      "--sybil-cost",
      "--gate",
      "--json",
      "--svg",
      "--seed",
    ]) {
      expect(stdout).to.include(option);
    }
  });
});
