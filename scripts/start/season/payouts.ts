// After the end: a stranger settles the round, projects pull, what is unused or unattributed goes back.
import { type Address, type Hex, parseEventLogs } from "viem";
import { paymentChannelsAbi } from "../../../src/abi/paymentChannels.ts";
import { closeChannel, decodePoolEvents, getChannel, refund } from "../../../src/chain/index.ts";
import { type Channel, canonicalChannel, channelId, type Gift } from "../../../src/protocol/index.ts";
import { projects, special } from "./cast.ts";
import type { Round } from "./rounds.ts";
import type { SeasonStage } from "./stage.ts";
import { payoutDelay } from "./terms.ts";

/** Whose claim reverted at first, and what the others were paid by then. */
export type Payouts = { refused: bigint[]; paidMeanwhile: number; paidLate: bigint };

/** Settles, and pays every project: the denied one after its manager named another address. */
export async function payOut(stage: SeasonStage, { pool }: Round): Promise<Payouts> {
  const { world, mined, managers, payouts, newPayout } = stage;
  const act = stage.onPool(stage.challenger, pool); // anybody: this one lost its challenge
  await mined(await act.settleRound(await act.findPair()));
  const denied = payouts[Number(special.denied) - 1] as Address;
  await stage.deny(denied, true);
  const refused: bigint[] = [];
  for (const projectId of projects.map((_, index) => BigInt(index + 1))) {
    const sent = await act.claim({ projectId }).catch((error: unknown) => {
      if (projectId !== special.denied) throw error;
      refused.push(projectId);
      return undefined;
    });
    if (sent) await mined(sent);
  }
  const manager = managers[Number(special.denied) - 1];
  if (!manager) throw new Error("the denied project has no manager");
  await mined(await stage.onRegistry(manager).changePayout({ projectId: special.denied, newPayout }));
  await world.pass(payoutDelay);
  await mined(await act.claim({ projectId: special.denied }));
  for (const index of stage.sponsors.keys()) await mined(await act.refundSponsor({ index: BigInt(index) }));
  const paidMeanwhile = projects.length - refused.length;
  return { refused, paidMeanwhile, paidLate: await stage.balance(newPayout) };
}

/** Channels that are sent home at the same time. */
const atOnce = 20;

/** Closes what is still open and pays back what no project took, by a stranger. */
export async function sendHome(stage: SeasonStage, { pool }: Round): Promise<void> {
  const { world, escrow } = stage;
  const logs = await world.client.getLogs({ address: escrow.address, fromBlock: 0n });
  const channels = parseEventLogs({ abi: paymentChannelsAbi, eventName: "ChannelOpened", logs })
    .map(({ args }): Channel => canonicalChannel(args))
    .filter(({ payee }) => payee === pool);
  const standing = await readStanding(stage, pool);
  const sender = { address: pool, account: world.stranger };
  const sendOne = async (channel: Channel) => {
    const id = channelId(channel, escrow);
    const { settled, finalized } = await getChannel(world.client, { address: escrow.address, channelId: id });
    const gifts = standing.get(id) ?? [];
    const kept = gifts.reduce((sum, { cumulativeAmount }) => sum + cumulativeAmount, 0n);
    if (settled > kept) {
      await stage.mined(await refund(world.client, { ...sender, channel, attributedGifts: gifts }));
    }
    if (!finalized) await stage.mined(await closeChannel(world.client, { ...sender, channel }));
  };
  for (let from = 0; from < channels.length; from += atOnce) {
    await Promise.all(channels.slice(from, from + atOnce).map(sendOne));
  }
}

/** What stands on each line of a round, by the last event of each. */
export async function readStanding({ world }: SeasonStage, pool: Address): Promise<Map<Hex, readonly Gift[]>> {
  const logs = await world.client.getLogs({ address: pool, fromBlock: 0n });
  const standing = new Map<Hex, readonly Gift[]>();
  for (const { eventName, args } of decodePoolEvents(logs, { address: pool })) {
    if (eventName === "Collected") standing.set(args.channelId, args.gifts);
    if (eventName === "Donated") standing.set(args.donationId, args.gifts);
    if (eventName === "Refunded") standing.set(args.lineId, args.gifts);
  }
  return standing;
}
