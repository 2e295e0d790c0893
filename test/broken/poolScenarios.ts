// For each named fault of the donation pool, a story that a sound pool passes and that the fault turns red.
import type { Address } from "viem";
import { channelId } from "../../src/protocol/channel.ts";
import { signVoucher } from "../../src/protocol/voucher.ts";
import { gifts, type RoundStage } from "../support/roundStage.ts";
import { attempted, equal, refused, type Scenario } from "./unsafe.ts";

export type PoolFault =
  | "attributes-before-the-cash"
  | "allocation-leaves-out-a-gift"
  | "lone-donor-draws-matching"
  | "settles-by-any-pair"
  | "refund-forgets-the-line";

/** What a donor only signs must not be paid to a project from another donor's money. */
const attributesBeforeTheCash: Scenario<RoundStage> = async (stage) => {
  const { pool, ann, gains } = await givingRound(stage);
  const channel = await stage.open(ann, pool, 1_000n);
  const item = await stage.item(channel, gifts([2n, 400n]));
  await attempted(async () => stage.mined(await stage.onPool(pool).collect({ ...item, voucherSignature: "0x" })));
  await stage.mined(await stage.onPool(pool).claim({ projectId: 2n }));
  equal("what a project got of a gift that never arrived", (await gains())[1] ?? 0n, 0n);
};

/** A gift that a later allocation leaves out must not be given a second time to another project. */
const allocationLeavesOutAGift: Scenario<RoundStage> = async (stage) => {
  const { pool, ann, gains } = await givingRound(stage);
  const channel = await stage.open(ann, pool, 1_000n);
  await stage.collect(channel, gifts([1n, 100n], [2n, 100n]));
  const moved = await stage.item(channel, gifts([1n, 200n]));
  await attempted(async () => stage.mined(await stage.onPool(pool).collect(moved)));
  for (const projectId of [1n, 2n]) await stage.mined(await stage.onPool(pool).claim({ projectId }));
  const [first = 0n, second = 0n] = await gains();
  equal("what projects got of 500 and 200", first + second, 700n);
};

/** One donor alone, in however many gifts, must draw nothing from the pot. */
const loneDonorDrawsMatching: Scenario<RoundStage> = async (stage) => {
  const { pool, ann, gains } = await matchedRound(stage, { cap: 1_000n });
  const channel = await stage.open(ann, pool, 1_000n);
  await stage.collect(channel, gifts([1n, 100n]));
  await stage.collect(channel, gifts([1n, 400n]));
  await settle(stage, pool);
  await stage.mined(await stage.onPool(pool).claim({ projectId: 1n }));
  equal("what the project of a lone donor got", (await gains())[0] ?? 0n, 400n);
};

/** Whoever settles first must not choose how the pot is divided. */
const settlesByAnyPair: Scenario<RoundStage> = async (stage) => {
  const { pool, ann, ben, gains } = await matchedRound(stage, { cap: 60n });
  for (const donor of [ann, ben]) await stage.collect(await stage.open(donor, pool, 100n), gifts([1n, 50n], [2n, 9n]));
  const wrong = { cappedCount: 1, cappedSubsidy: 0n };
  await stage.at((await stage.onPool(pool).getRoundTerms()).challengeEnd);
  const settled = await attempted(async () => stage.mined(await stage.onPool(pool).settleRound(wrong)));
  if (!settled) await stage.mined(await stage.onPool(pool).settleRound(await stage.onPool(pool).findPair()));
  await stage.mined(await stage.onPool(pool).claim({ projectId: 2n }));
  equal("gifts and match of a project", (await gains())[1] ?? 0n, 18n + 18n);
};

/** What went back to a donor must not go back a second time, out of other donors' money. */
const refundForgetsTheLine: Scenario<RoundStage> = async (stage) => {
  const { pool, ann } = await givingRound(stage);
  const before = await stage.balance(ann);
  const channel = await stage.open(ann, pool, 300n);
  await stage.collect(channel, gifts([1n, 100n]));
  const voucher = { channelId: channelId(channel, stage.escrow), cumulativeAmount: 300n };
  const { signature } = await signVoucher(stage.key(ann), voucher, stage.escrow);
  await stage.mined(await stage.onEscrow(stage.anyone).settle({ channel, cumulativeAmount: 300n, signature }));
  const refund = { channel, attributedGifts: gifts([1n, 100n]) };
  await stage.mined(await stage.onPool(pool, ann).refund(refund));
  await refused("a second refund", async () => stage.mined(await stage.onPool(pool, ann).refund(refund)));
  equal("what the donor has left of its money", before - (await stage.balance(ann)), 100n);
};

/** The story of each fault. */
export const poolScenarios: Record<PoolFault, Scenario<RoundStage>> = {
  "attributes-before-the-cash": attributesBeforeTheCash,
  "allocation-leaves-out-a-gift": allocationLeavesOutAGift,
  "lone-donor-draws-matching": loneDonorDrawsMatching,
  "settles-by-any-pair": settlesByAnyPair,
  "refund-forgets-the-line": refundForgetsTheLine,
};

/** Two projects, by what their payouts have gained since, and two donors. */
async function cast(stage: RoundStage) {
  const projects = await stage.acceptedProjects(2);
  const payouts = projects.map(({ payout }) => payout);
  const before = await Promise.all(payouts.map(stage.balance));
  const gains = async () =>
    (await Promise.all(payouts.map(stage.balance))).map((now, index) => now - (before[index] ?? 0n));
  return { ann: await stage.person(), ben: await stage.person(), gains };
}

/** A round without matching that holds 500 of Ben's for project 1. */
async function givingRound(stage: RoundStage) {
  const people = await cast(stage);
  const pool = await stage.createRound(await stage.withoutMatching(), [1n, 2n]);
  await stage.donate(people.ben, pool, gifts([1n, 500n]), "0x");
  return { pool, ...people };
}

/** A round with a pot of 150. */
async function matchedRound(stage: RoundStage, fields: { cap: bigint }) {
  const people = await cast(stage);
  const pool = await stage.createRound(await stage.terms(fields), [1n, 2n]);
  await stage.sponsor(await stage.person(), pool, 150n);
  return { pool, ...people };
}

async function settle(stage: RoundStage, pool: Address) {
  const act = stage.onPool(pool);
  await stage.at((await act.getRoundTerms()).challengeEnd);
  await stage.mined(await act.settleRound(await act.findPair()));
}
