import { donationId } from "../../../../src/protocol/line.ts";
import { findCapped } from "../../../../src/protocol/quadratic/settlement.ts";
import { gifts } from "../../../support/roundStage.ts";
import { type PoolStage, reasonHash } from "./stage.ts";

/** How a round ends, and everything that it then pays out. */
export function describeSettling(the: () => PoolStage) {
  it("settles what is left of it, and pays projects, sponsors, and donors of what was taken out", async () => {
    const { round, witness, projects, ann, ben, sue, idOf, createRound, next } = the();
    const pool = await createRound({ cap: 60n });
    const act = round.onPool(pool);
    await round.sponsor(sue.address, pool, 100n);
    const channel = await round.open(ann.address, pool, 100n);
    await round.collect(channel, gifts([1n, 50n], [2n, 9n]));
    await round.donate(ben.address, pool, gifts([1n, 50n]));
    const { end, challengeEnd } = await act.getRoundTerms();
    await round.at(end);
    const disqualified = { name: "ProjectDisqualified", args: { projectId: 2n, reasonHash } };
    const disqualify = { functionName: "disqualify", args: [2n, reasonHash] };
    await witness.transactBy(round.steward, disqualify, [disqualified], pool);

    await next(challengeEnd);
    const { subsidy } = await act.getProjectState({ projectId: 1n });
    const pair = findCapped(new Map([[1n, subsidy]]), { pot: 100n, cap: 60n });
    const lambda = { numerator: 1n, denominator: 2n ** 64n };
    await witness.transact(
      ben,
      { functionName: "settleRound", args: [BigInt(pair.cappedCount), pair.cappedSubsidy] },
      [{ name: "Settled", args: { cappedCount: 1n, cappedSubsidy: subsidy, ...lambda, unused: 40n } }],
      pool,
    );
    await witness.read(ann, { functionName: "status" }, 2n, pool);
    await witness.read(ann, { functionName: "matchOf", args: [1n] }, 60n, pool);
    await witness.read(ann, { functionName: "settlement" }, { ...lambda, unused: 40n }, pool);

    const claimed = { name: "Claimed", args: { projectId: 1n, payout: projects[0]?.payout, amount: 160n } };
    await witness.transact(ben, { functionName: "claim", args: [1n] }, [claimed], pool);
    const returned = { name: "SponsorRefunded", args: { index: 0n, sponsor: sue.address, amount: 40n } };
    await witness.transact(ben, { functionName: "refundSponsor", args: [0n] }, [returned], pool);
    const standing = gifts([0n, 9n], [1n, 50n]);
    const refunded = { lineId: idOf(channel), donor: ann.address, amount: 9n, gifts: standing };
    const refund = { functionName: "refund", args: [channel, gifts([1n, 50n], [2n, 9n])] };
    await witness.transact(ben, refund, [{ name: "Refunded", args: refunded }], pool);
  });

  it("is cancelled, and a donation goes back", async () => {
    const { round, witness, ann, ben, createRound } = the();
    const pool = await createRound();
    const salt = await round.donate(ann.address, pool, gifts([1n, 8n]));
    const cancelled = [{ name: "Cancelled", args: { reasonHash } }];
    await witness.transactBy(round.steward, { functionName: "cancel", args: [reasonHash] }, cancelled, pool);
    const args = { lineId: donationId(ann.address, salt), donor: ann.address, amount: 8n, gifts: gifts([0n, 8n]) };
    const refund = { functionName: "refundDonation", args: [ann.address, salt, gifts([1n, 8n])] };
    await witness.transact(ben, refund, [{ name: "Refunded", args }], pool);
  });

  it("is switched to refunds when nobody settles it", async () => {
    const { round, witness, ben, createRound, next } = the();
    const pool = await createRound();
    await next((await round.onPool(pool).getRoundTerms()).settleBy);
    await witness.transact(ben, { functionName: "switchToRefunds" }, [{ name: "SwitchedToRefunds", args: {} }], pool);
    await witness.read(ben, { functionName: "status" }, 1n, pool);
  });
}
