import { expect } from "chai";
import type { Address } from "viem";
import { audit, formatTable, type RoundReport, toJson } from "../../../../src/audit/index.ts";
import { startChain, type TestChain } from "../../../support/chain.ts";
import { gifts, type RoundStage, setRoundStage } from "../../../support/roundStage.ts";
import { failure } from "../../chain/support.ts";
import { playScenario, type Scenario } from "./scenario.ts";

describe("audit of rounds on a chain", () => {
  let chain: TestChain;
  let stage: RoundStage;
  let scenario: Scenario;

  before(async () => {
    chain = await startChain();
    stage = await setRoundStage(chain);
    scenario = await playScenario(stage);
  });
  after(() => chain.stop());

  const run = (options: Partial<Parameters<typeof audit>[0]> = {}) =>
    audit({ client: chain.client, escrow: stage.escrow.address, factory: stage.factory, fees: false, ...options });
  const reportOf = (rounds: readonly RoundReport[], pool: Address) => {
    const report = rounds.find((round) => round.pool === pool);
    if (!report) throw new Error(`no report of ${pool}`);
    return report;
  };

  it("given every verb of pool, factory and registry, when audited, it should account for each unit", async () => {
    const report = await run();
    expect(report.facts).to.deep.equal([]);
    expect(report.doubts).to.deep.equal([]);
    expect(report.verdict).to.equal("balanced");
    const { settled, cancelled, unmatched, switched } = scenario;
    expect(report.rounds.map(({ pool }) => pool)).to.deep.equal([settled, cancelled, unmatched, switched]);
    expect(report.rounds.map(({ status }) => status)).to.deep.equal(["settled", "refunding", "running", "refunding"]);
    for (const { pool, balance, verdict, surplus, owed } of report.rounds) {
      expect([balance, verdict, surplus]).to.deep.equal([await stage.balance(pool), "balanced", 0n]);
      expect(owed).to.equal(balance);
    }
    // Ann 90 and 25, Ben 50, Eve 30 and 16; Ben's 19 went back with the project, and Eve's 4 can.
    const first = reportOf(report.rounds, settled);
    expect(first).to.deep.include({ gifts: 90n + 25n + 50n + 30n + 16n, pot: 133n, donors: 3, refunded: 7n + 19n });
    const one = await stage.onPool(settled).getMatch({ projectId: 1n });
    const two = await stage.onPool(settled).getMatch({ projectId: 2n });
    expect(first).to.deep.include({ matched: one + two, claimed: 170n + 41n + one + two, owed: 4n });
    expect(first.sponsorRefunded).to.equal(133n - one - two);
    expect(one).to.equal(60n);
    expect(reportOf(report.rounds, unmatched)).to.deep.include({ claimed: 21n, owed: 5n, donors: 0 });
    expect(reportOf(report.rounds, cancelled)).to.deep.include({ gifts: 0n, refunded: 56n, sponsorRefunded: 10n });
    const [registry] = report.registries;
    // Eight applications and three challenges of 50; the last application is open, and 150 were withdrawn.
    expect(registry).to.deep.include({ projects: 8, accepted: 5, deposited: 550n, locked: 50n, verdict: "balanced" });
    expect(registry?.withdrawn).to.equal(550n - 50n - (registry?.owed ?? 0n));
    expect(formatTable(report)).to.include(`project of ${settled}`);
    expect(JSON.parse(toJson(report)).rounds).to.have.length(4);
  });

  it("given one round by address, when audited, it should be that round alone, found without the factory too", async () => {
    for (const options of [{ pools: [scenario.settled] }, { pools: [scenario.settled], factory: undefined }]) {
      const report = await run(options);
      expect(report.facts).to.deep.equal([]);
      expect(report.rounds.map(({ pool }) => pool)).to.deep.equal([scenario.settled]);
    }
  });

  it("given any past block, when audited as of it, it should be balanced", async () => {
    const head = await chain.client.getBlockNumber();
    for (let block = head; block > 30n; block -= 23n) {
      const report = await run({ toBlock: block });
      expect(report.facts, `block ${block}`).to.deep.equal([]);
      expect(report.verdict).to.equal("balanced");
    }
  });

  it("given a token that refuses the pool for a while, when audited, what waits in the escrow should be counted", async () => {
    const own = await startChain();
    try {
      const token = await own.deploy("DenyListToken");
      Object.assign(own.tokens, { plain: token });
      const rig = await setRoundStage(own, token);
      await rig.acceptedProjects(1);
      const pool = await rig.createRound(await rig.terms(), [1n]);
      const ann = await rig.person();
      const channel = await rig.open(ann, pool, 100n);
      await rig.deny(pool, true);
      const { voucherSignature } = await rig.item(channel, gifts([1n, 30n]));
      const settling = { channel, cumulativeAmount: 30n, signature: voucherSignature };
      await rig.mined(await rig.onEscrow(ann).settle(settling));
      const ask = { client: own.client, escrow: rig.escrow.address, factory: rig.factory, fees: false };
      const waiting = await audit(ask);
      expect(waiting.facts).to.deep.equal([]);
      expect(waiting.rounds[0]).to.deep.include({ owed: 30n, credit: 30n, balance: 0n, surplus: 0n });
      await rig.deny(pool, false);
      await rig.collect(channel, gifts([1n, 30n]));
      const arrived = await audit(ask);
      expect(arrived.verdict).to.equal("balanced");
      expect(arrived.rounds[0]).to.deep.include({ owed: 30n, credit: 0n, balance: 30n, gifts: 30n });
    } finally {
      await own.stop();
    }
  });

  it("given an address that is no factory or no round, when audited, it should refuse to say anything", async () => {
    expect(await failure(run({ factory: stage.registry }))).to.include({ code: "not-a-factory" });
    expect(await failure(run({ pools: [stage.registry] }))).to.include({ code: "not-a-round" });
  });

  it("given a round that the factory did not make, when audited with it, it should be called foreign", async () => {
    const other = await chain.deploy("DonationPoolFactory", [stage.escrow.address]);
    const report = await run({ factory: other, pools: [scenario.settled] });
    expect(report.facts.map(({ code }) => code)).to.deep.equal(["foreign-round"]);
  });
});
