import { expect } from "chai";
import type { Hex } from "viem";
import { audit, type FactCode, formatTable, type PublishedTotals } from "../../../../src/audit/index.ts";
import { encodeReinstateProject } from "../../../../src/chain/index.ts";
import { channelId, type Evidence, formatEvidence } from "../../../../src/protocol/index.ts";
import { gracePeriod, startChain, type TestChain } from "../../../support/chain.ts";
import { gifts, type RoundStage, setRoundStage } from "../../../support/roundStage.ts";
import { failure } from "../../chain/support.ts";
import { reasonHash } from "../round/scenario.ts";
import { evidenceLies } from "./lies.ts";
import { type EvidenceWorld, line, playEvidence, totalsOf } from "./world.ts";

describe("audit of a collector's evidence", () => {
  let chain: TestChain;
  let stage: RoundStage;
  let world: EvidenceWorld;
  let snapshot: Hex;

  before(async () => {
    chain = await startChain();
    stage = await setRoundStage(chain);
    world = await playEvidence(stage);
  });
  beforeEach(async () => {
    snapshot = await chain.client.snapshot();
  });
  afterEach(() => chain.client.revert({ id: snapshot }));
  after(() => chain.stop());

  function run(lines: Iterable<string>, ...published: PublishedTotals[]) {
    const answers = [...published];
    const totals = async () => (answers.length > 1 ? answers.shift() : answers[0]) as PublishedTotals;
    const evidence = { lines, ...(published.length > 0 ? { totals } : {}) };
    return audit({ client: chain.client, escrow: stage.escrow.address, factory: stage.factory, fees: false, evidence });
  }
  const written = (lines: readonly Evidence[]) => lines.map(formatEvidence);
  const codes = async (...asked: Parameters<typeof run>): Promise<FactCode[]> =>
    (await run(...asked)).facts.map(({ code }) => code);
  const idOf = (name: keyof EvidenceWorld["channels"]) => channelId(world.channels[name], stage.escrow);

  it("given an honest export in mid-round, when audited, it should prove each total and say what waits", async () => {
    const report = await run(written(world.lines), world.totals);
    expect([report.facts, report.doubts, report.verdict]).to.deep.equal([[], [], "balanced"]);
    expect(report.evidence).to.deep.include({ pool: world.pool, verdict: "balanced", channels: 4, gifts: 118n });
    expect(report.evidence?.projects).to.deep.equal([
      { projectId: 1n, gifts: 73n, donors: 2, attributed: 70n },
      { projectId: 2n, gifts: 40n, donors: 3, attributed: 33n },
      { projectId: 3n, gifts: 5n, donors: 1, attributed: 0n },
    ]);
    const [own] = report.evidence?.unattributed ?? [];
    expect(own).to.deep.include({ channelId: idOf("eve"), projectId: 3n, amount: 5n, reason: "not accepted" });
    expect(report.evidence?.beside).to.deep.equal({ channels: 0, gifts: 0n });
    expect(formatTable(report)).to.include("collector of round").and.include("for project 3: not accepted");
  });

  for (const [condition, code, lie] of evidenceLies) {
    it(`given ${condition}, when audited, it should find ${code} first`, async () => {
      const { lines, text = written(lines), totals } = await lie(world);
      const report = await run(text, totals);
      expect([report.verdict, report.evidence?.verdict]).to.deep.equal(["broken", "broken"]);
      expect(report.facts[0]?.code).to.equal(code);
      expect(report.rounds.map(({ verdict }) => verdict)).to.deep.equal(["balanced", "balanced"]);
    });
  }

  it("given totals that grew while the export was read, when audited, it should be balanced; grown too late, not", async () => {
    const [before, after] = [totalsOf(world.lines.slice(0, 3)), totalsOf(world.lines)];
    expect(await codes(written(world.lines), before, after)).to.deep.equal([]);
    expect(await codes(written(world.lines), before, before)).to.include("totals-mismatch");
    expect(await codes(written(world.lines.slice(0, 2)), before, after)).to.include("totals-mismatch");
  });

  it("given a donor who collected more alone, when audited, it should doubt and accuse nobody", async () => {
    await stage.collect(world.channels.ben, gifts([1n, 34n]));
    const report = await run(written(world.lines), world.totals);
    expect([report.verdict, report.facts]).to.deep.equal(["unknown", []]);
    expect(report.doubts[0]).to.include(`Channel ${idOf("ben")} gave project 1 1 more than the export has`);
  });

  it("given a channel that the export never had, when audited, it should stand beside", async () => {
    const lines = world.lines.slice(1);
    const report = await run(written(lines), totalsOf(lines));
    expect([report.verdict, report.evidence?.beside]).to.deep.equal(["balanced", { channels: 1, gifts: 65n }]);
  });

  it("given a channel that closed below its last gift, when audited in mid-round, it should name what is lost", async () => {
    const channel = world.channels.ben;
    const act = stage.onEscrow(channel.payer);
    await stage.mined(await act.requestClose({ channel }));
    await chain.increaseTime(gracePeriod);
    expect(await codes(written(world.lines), world.totals)).to.deep.equal([]);
    await stage.mined(await act.withdraw({ channel }));
    const report = await run(written(world.lines), world.totals);
    expect(report.facts).to.have.length(1);
    expect(report.facts[0]).to.deep.include({ code: "uncollected-gift", channelId: idOf("ben"), actual: 3n });
  });

  describe("after the end of the round", () => {
    const toEnd = async () => stage.at((await stage.onPool(world.pool).getRoundTerms()).end);

    it("given everything collected but what no project takes, when audited, it should list that by name", async () => {
      const lines = world.lines.slice(0, 3);
      await stage.collect(world.channels.ben, gifts([1n, 33n]));
      await toEnd();
      const report = await run(written(lines), totalsOf(lines));
      expect([report.facts, report.verdict]).to.deep.equal([[], "balanced"]);
      expect(report.evidence?.unattributed).to.have.length(1);
    });

    it("given an acknowledged gift that was never collected, when audited, it should name it", async () => {
      await toEnd();
      const report = await run(written(world.lines), world.totals);
      expect(report.facts.map(({ code }) => code)).to.deep.equal(["uncollected-gift", "uncollected-gift"]);
      expect(report.facts[0]).to.deep.include({ channelId: idOf("ben"), projectId: 1n, actual: 3n });
    });

    it("given a project reinstated after its gift was skipped, when audited, it should excuse what was skipped alone", async () => {
      const lines = world.lines.slice(0, 3);
      await stage.collect(world.channels.ben, gifts([1n, 33n]));
      await stage.steward(encodeReinstateProject({ address: stage.registry, projectId: 3n, reasonHash }));
      await toEnd();
      const report = await run(written(lines), totalsOf(lines));
      expect(report.facts).to.deep.equal([]);
      expect(report.evidence?.unattributed[0]).to.deep.include({ reason: "skipped", amount: 5n });
      const more = [...lines.slice(0, 2), await line(stage, world.channels.eve, gifts([2n, 8n], [3n, 6n]))];
      expect(await codes(written(more), totalsOf(more))).to.deep.equal(["uncollected-gift"]);
    });
  });

  it("given evidence of a round that is not audited, when audited, it should refuse to say anything", async () => {
    const evidence = { lines: written(world.lines) };
    const ask = { client: chain.client, escrow: stage.escrow.address, pools: [world.other], fees: false, evidence };
    expect(await failure(audit(ask))).to.include({ code: "no-such-round" });
  });
});
