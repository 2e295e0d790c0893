import { type Address, parseEventLogs } from "viem";
import { paymentChannelsAbi } from "../../../../src/abi/paymentChannels.ts";
import { decodePoolEvents } from "../../../../src/chain/pool/decodeEvents.ts";
import { canonicalChannel, channelId } from "../../../../src/protocol/channel.ts";
import { signVoucher } from "../../../../src/protocol/voucher.ts";
import { day, gifts } from "../../../support/roundStage.ts";
import type { World } from "./world.ts";

export type Everybody = Awaited<ReturnType<typeof setEverybody>>;

/** Base units of the honest: what the two donors gave to the first two projects, and what the sponsor paid. */
export const given = { annToFirst: 100n, annToSecond: 50n, benToFirst: 100n, pot: 500n };

/**
 * A running round of a hostile creator: two honest donors and an honest sponsor; projects 1 and 2 are honest, 3 is hostile
 * and has one hostile donor. Of Ann's channel 300 are settled, of which 150 are attributed.
 */
export async function setEverybody(world: World) {
  const { stage, addresses, projects, chain } = world;
  const pool = await world.createMatched([1n, 2n, 3n]);
  const [ann, ben, sue] = [await stage.person(), await stage.person(), await stage.person()];
  await stage.sponsor(sue, pool, given.pot);
  await world.approveAll(pool, [ann, ben, sue]);
  const channel = await stage.open(ann, pool, 1_000n);
  const hostile = await stage.open(addresses.donor, pool, 1_000n);
  const act = stage.onPool(pool);
  const { start, settleBy, challengeEnd, end } = await act.getRoundTerms();
  await stage.at(start + day);
  await world.collect(channel, gifts([1n, given.annToFirst], [2n, given.annToSecond]));
  const message = { channelId: channelId(channel, chain.escrow), cumulativeAmount: 300n };
  const { signature } = await signVoucher(stage.key(ann), message, chain.escrow);
  await stage.mined(await stage.onEscrow(stage.anyone).settle({ channel, cumulativeAmount: 300n, signature }));
  const salt = stage.nextSalt();
  const donation = { gifts: gifts([1n, given.benToFirst]), gateData: await world.gateData(pool, ben), salt };
  await stage.mined(await stage.onPool(pool, ben).donate(donation));
  await world.collect(hostile, gifts([3n, 100n]));
  const watched: Record<string, Address> = {
    ...{ ann, ben, sue },
    first: projects[0]?.payout as Address,
    second: projects[1]?.payout as Address,
    third: projects[2]?.payout as Address,
    hostile: addresses.donor,
  };

  /** What each has lost (below zero) or gained since `before`, what is locked in the escrow left out. */
  async function holdings(): Promise<Record<string, bigint>> {
    const entries = Object.entries(watched).map(
      async ([name, account]) => [name, await stage.balance(account)] as const,
    );
    return Object.fromEntries(await Promise.all(entries));
  }

  /** A stranger ends the round as far as it goes, and pays everybody all that is due. @returns what is left in the pool. */
  async function finish(): Promise<bigint> {
    if ((await stage.now()) < challengeEnd) await stage.at(challengeEnd);
    if ((await act.getRoundStatus()) === "running") await stage.mined(await act.settleRound(await act.findPair()));
    const { channels, donations } = await lines();
    for (const of of channels) {
      const { finalized } = await stage.onEscrow(stage.anyone).getChannel({ channelId: channelId(of, chain.escrow) });
      if (!finalized) await stage.mined(await act.closeChannel({ channel: of }));
      await stage.refund(of);
    }
    for (const { donationId, donor, salt: of } of donations) {
      const attributedGifts = await stage.standing(pool, donationId);
      await stage.mined(await act.refundDonation({ donor, salt: of, attributedGifts }));
    }
    const settled = (await act.getRoundStatus()) === "settled";
    for (const id of settled ? await act.getRoundProjects() : []) {
      const { disqualified } = await act.getProjectState({ projectId: id });
      if (!disqualified) await stage.mined(await act.claim({ projectId: id }));
    }
    for (let index = 0n; index < (await act.getReceiptCount()); index += 1n) {
      const { refunded } = await act.getReceipt({ index });
      if (!refunded) await stage.mined(await act.refundSponsor({ index }));
    }
    return stage.balance(pool);
  }

  /** Every channel to the pool and every donation, whoever's. */
  async function lines() {
    const logs = await chain.client.getLogs({ fromBlock: 0n });
    const channels = parseEventLogs({ abi: paymentChannelsAbi, logs, eventName: "ChannelOpened" })
      .map(({ args }) => canonicalChannel(args))
      .filter(({ payee, token }) => payee === pool && token === world.token);
    const donations = decodePoolEvents(logs, { address: pool }).flatMap((event) =>
      event.eventName === "Donated" ? [event.args] : [],
    );
    return { channels, donations };
  }

  return {
    ...{ pool, act, ann, ben, sue, channel, hostile, salt, watched, holdings, finish, end, challengeEnd, settleBy },
  };
}
