import { expect } from "chai";
import fc from "fast-check";
import type { Address } from "viem";
import { audit } from "../../../../src/audit/index.ts";
import { encodeCancelRound, encodeDisqualify } from "../../../../src/chain/index.ts";
import type { Channel } from "../../../../src/protocol/index.ts";
import { channelId, openGateData } from "../../../../src/protocol/index.ts";
import { startChain, type TestChain } from "../../../support/chain.ts";
import { type RoundStage, setRoundStage } from "../../../support/roundStage.ts";
import { seed } from "../../../support/seed.ts";
import { reasonHash } from "./scenario.ts";

const projects = 3;
const amount = fc.oneof(fc.bigInt({ min: 1n, max: 20n }), fc.bigInt({ min: 1n, max: 10_000n }));
const project = fc.bigInt({ min: 1n, max: BigInt(projects) });
const donor = fc.nat({ max: 2 });
const given = fc.record({ verb: fc.constant("give" as const), donor, project, amount, matched: fc.boolean() });
const running = fc.oneof(
  { weight: 5, arbitrary: given },
  {
    weight: 2,
    arbitrary: fc.record({ verb: fc.constant("donate" as const), donor, project, amount, matched: fc.boolean() }),
  },
  { weight: 2, arbitrary: fc.record({ verb: fc.constant("sponsor" as const), amount }) },
  { weight: 1, arbitrary: fc.record({ verb: fc.constant("refund" as const), donor }) },
);
const ends = fc.record({
  end: fc.constantFrom("settle" as const, "disqualify" as const, "cancel" as const, "switch" as const, "none" as const),
  project,
});
const histories = fc.record({ steps: fc.array(running, { maxLength: 14 }), ends, cap: amount });
type Step = typeof running extends fc.Arbitrary<infer step> ? step : never;

describe(`audit of random rounds (FARTHING_SEED=${seed})`, () => {
  let chain: TestChain;
  let stage: RoundStage;
  let donors: Address[];

  before(async () => {
    chain = await startChain();
    stage = await setRoundStage(chain);
    await stage.acceptedProjects(projects);
    donors = [await stage.person(), await stage.person(), await stage.person()];
  });
  after(() => chain.stop());

  it("given any history, when replayed from events alone, it should be the contracts' state bit for bit", async () => {
    let steps = 0;
    const statuses = new Set<string>();
    await fc.assert(
      fc.asyncProperty(histories, async (history) => {
        const pool = await stage.createRound(await stage.terms({ cap: history.cap }), [1n, 2n, 3n]);
        const channels: Channel[] = [];
        for (const address of donors) channels.push(await stage.open(address, pool, 200_000n));
        for (const step of history.steps) await play(pool, channels, step);
        await conclude(pool, channels, history.ends);
        const { escrow } = stage;
        const report = await audit({ client: chain.client, escrow: escrow.address, pools: [pool], fees: false });
        expect(report.facts).to.deep.equal([]);
        expect(report.verdict).to.equal("balanced");
        expect(report.rounds[0]?.balance).to.equal(report.rounds[0]?.owed);
        steps += history.steps.length;
        statuses.add(report.rounds[0]?.status ?? "");
      }),
      { numRuns: Number(process.env.FARTHING_RUNS ?? 25) },
    );
    expect([...statuses].sort()).to.deep.equal(["refunding", "running", "settled"]);
    expect(steps).to.be.greaterThan(50);
  }).timeout(300_000);

  async function play(pool: Address, channels: readonly Channel[], step: Step): Promise<void> {
    if (step.verb === "sponsor") return void (await stage.sponsor(stage.anyone, pool, step.amount));
    const [address, channel] = [donors[step.donor], channels[step.donor]];
    if (!address || !channel) throw new Error("no such donor");
    if (step.verb === "refund") return void (await stage.refund(channel, address));
    const gateData = step.matched ? openGateData : "0x";
    const gift = { projectId: step.project, cumulativeAmount: step.amount };
    if (step.verb === "donate") return void (await stage.donate(address, pool, [gift], gateData));
    const standing = await stage.standing(pool, channelId(channel, stage.escrow));
    const before = standing.find(({ projectId }) => projectId === step.project)?.cumulativeAmount ?? 0n;
    const others = standing.filter(({ projectId }) => projectId !== step.project);
    const list = [...others, { ...gift, cumulativeAmount: before + step.amount }];
    await stage.collect(
      channel,
      list.toSorted((a, b) => (a.projectId < b.projectId ? -1 : 1)),
      gateData,
    );
  }

  async function conclude(
    pool: Address,
    channels: readonly Channel[],
    { end, project }: { end: string; project: bigint },
  ) {
    const act = stage.onPool(pool);
    const terms = await act.getRoundTerms();
    if (end === "none") return;
    if (end === "cancel") await stage.steward(encodeCancelRound({ address: pool, reasonHash }));
    if (end === "disqualify") {
      await stage.at(terms.end);
      await stage.steward(encodeDisqualify({ address: pool, projectId: project, reasonHash }));
    }
    if (end === "switch") {
      await stage.at(terms.settleBy);
      await stage.mined(await act.switchToRefunds());
    } else if (end !== "cancel") {
      await stage.at(terms.challengeEnd);
      await stage.mined(await act.settleRound(await act.findPair()));
      for (const projectId of [1n, 2n, 3n]) {
        if (end !== "disqualify" || projectId !== project) await stage.mined(await act.claim({ projectId }));
      }
    }
    for (const channel of channels) await stage.refund(channel);
    for (let index = 0n; index < (await act.getReceiptCount()); index += 2n) {
      await stage.mined(await act.refundSponsor({ index }));
    }
  }
});
