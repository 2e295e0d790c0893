import type { Address, Hex } from "viem";
import { encodeDisqualify } from "../../../../src/chain/pool/encode.ts";
import { type Channel, channelId } from "../../../../src/protocol/channel.ts";
import { signVoucher } from "../../../../src/protocol/voucher.ts";
import { day, gifts } from "../../../support/roundStage.ts";
import type { World } from "./world.ts";

/** A round with one donor's channel, another that is to be closed early, and a donation. */
export type Round = { pool: Address; channel: Channel; leaving: Channel; donationSalt: Hex };

/** Tells how a round stands, and then looks at it; whatever the look changes is undone. */
export type Look = (phase: string, round: Round) => Promise<void>;

/** Leads a round with a pot through every phase that it can be in. */
export async function leadMatched(world: World, look: Look): Promise<void> {
  const { stage, addresses, chain } = world;
  const pool = await world.createMatched([1n, 2n]);
  const round = await open(world, pool);
  const act = stage.onPool(pool);
  const { start, end, challengeEnd, settleBy } = await act.getRoundTerms();
  await stage.sponsor(addresses.sponsor, pool, 500n);
  await world.approveAll(pool); // an exact approval came before
  await look("before the start", round);
  await stage.at(start + day);
  await give(world, round);
  await look("giving", round);
  await stage.at(end + 3_600n);
  await stage.steward(encodeDisqualify({ address: pool, projectId: 2n, reasonHash: `0x${"11".repeat(32)}` }));
  await look("challenge", round);
  await stage.at(challengeEnd + day);
  await look("settling", round);
  const unsettled = await chain.client.snapshot();
  await stage.mined(await act.settleRound(await act.findPair()));
  await look("settled", round);
  await chain.client.revert({ id: unsettled });
  await stage.at(settleBy + day);
  await look("overdue", round);
  await stage.mined(await act.switchToRefunds());
  await look("refunding", round);
}

/** Leads a round without a pot through its phases. */
export async function leadGiving(world: World, look: Look): Promise<void> {
  const { stage } = world;
  const pool = await world.createGiving([1n, 2n]);
  const round = await open(world, pool);
  const { start, end } = await stage.onPool(pool).getRoundTerms();
  await look("before the start", round);
  await stage.at(start + day);
  await give(world, round);
  await look("giving", round);
  await stage.at(end + day);
  await look("after the end", round);
}

/** Two channels of the donor's; of the first, 300 of 1,000 base units are settled before anything is given. */
async function open(world: World, pool: Address): Promise<Round> {
  const { stage, addresses } = world;
  const channel = await stage.open(addresses.donor, pool, 1_000n);
  const leaving = await stage.open(addresses.donor, pool, 1_000n);
  const message = { channelId: channelId(channel, stage.escrow), cumulativeAmount: 300n };
  const { signature } = await signVoucher(stage.key(addresses.donor), message, stage.escrow);
  await stage.mined(await stage.onEscrow(stage.anyone).settle({ channel, cumulativeAmount: 300n, signature }));
  await world.approveAll(pool);
  return { pool, channel, leaving, donationSalt: stage.nextSalt() };
}

/** The donor gives by channel and at once, and so does somebody else; 150 of what was settled stays unattributed. */
async function give(world: World, round: Round) {
  const { stage, addresses } = world;
  const { pool, channel } = round;
  await world.collect(channel, gifts([1n, 100n], [2n, 50n]));
  const donor = stage.onPool(pool, addresses.donor);
  const donation = { gifts: gifts([1n, 20n], [2n, 30n]), gateData: "0x" as const, salt: round.donationSalt };
  await stage.mined(await donor.donate(donation));
  await world.collect(await stage.open(await stage.person(), pool, 1_000n), gifts([1n, 100n]));
}
