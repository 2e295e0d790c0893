// What the chain says of the payers who asked to leave: what was owed then, and how much grace was left when it was paid.
import { type Hex, parseEventLogs } from "viem";
import { paymentChannelsAbi } from "../../src/abi/paymentChannels.ts";
import { getChannel } from "../../src/chain/index.ts";
import type { Channel, Escrow } from "../../src/protocol/index.ts";
import type { Report } from "./bots.ts";
import type { Exit } from "./grace.ts";
import { gracePeriod, type World } from "./world.ts";

/** A silent payer's exit as its own transaction shows it. Amounts in base units. */
export type SilentExit = Exit & {
  id: Hex;
  member: number;
  /** What the project had acknowledged by then. */
  authorized: bigint;
  /** What the chain had settled when the exit was asked for. */
  settledThen: bigint;
};

/** Reads one silent payer's exit; its descriptor comes from the event that opened the channel. */
export async function readExit(world: World, escrow: Escrow, report: Report): Promise<SilentExit> {
  const { client } = world;
  const { channelId: id, left, authorized } = report;
  if (!id || !left || authorized === undefined) throw new Error(`payer ${report.member} did not leave`);
  const receipt = await client.waitForTransactionReceipt({ hash: left });
  const { timestamp } = await client.getBlock({ blockNumber: receipt.blockNumber });
  const { settled } = await getChannel(client, {
    address: escrow.address,
    channelId: id,
    blockNumber: receipt.blockNumber,
  });
  const [opened] = parseEventLogs({
    abi: paymentChannelsAbi,
    eventName: "ChannelOpened",
    logs: await logsOf(world, escrow, id),
  });
  if (!opened) throw new Error(`channel ${id} was never opened`);
  const { payer, payee, token, salt, authorizedSigner } = opened.args;
  const channel: Channel = { payer, payee, token, salt, authorizedSigner };
  return {
    id,
    member: report.member,
    channel,
    closeRequestedAt: timestamp,
    authorized: BigInt(authorized),
    settledThen: settled,
  };
}

/** How a silent exit ended: what was settled in the end, and the grace left in seconds when it was; undefined if it never was. */
export async function readEnd(world: World, escrow: Escrow, exit: SilentExit) {
  const settlements = parseEventLogs({
    abi: paymentChannelsAbi,
    eventName: "ChannelSettled",
    logs: await logsOf(world, escrow, exit.id),
  }).filter(({ args }) => args.settled === exit.authorized);
  const [last] = settlements;
  const { settled, finalized } = await getChannel(world.client, { address: escrow.address, channelId: exit.id });
  if (!last) return { settled, finalized, graceLeft: undefined };
  const { timestamp } = await world.client.getBlock({ blockNumber: last.blockNumber });
  return { settled, finalized, graceLeft: Number(exit.closeRequestedAt + gracePeriod - timestamp) };
}

/** Every event of one channel, by its indexed id. */
async function logsOf({ client }: World, escrow: Escrow, id: Hex) {
  const all = await client.getLogs({ address: escrow.address, fromBlock: 0n, toBlock: "latest" });
  return all.filter(({ topics }) => topics[1] === id);
}
