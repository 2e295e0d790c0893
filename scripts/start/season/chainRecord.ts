// What the chain says of a season when it is over, written down for the judge: amounts in decimal base units.
import { writeFile } from "node:fs/promises";
import { type Address, parseEventLogs } from "viem";
import { paymentChannelsAbi } from "../../../src/abi/paymentChannels.ts";
import { donorWallet, projects } from "./cast.ts";
import type { Round } from "./rounds.ts";
import type { SeasonStage } from "./stage.ts";

export type ChainRecord = {
  status: string;
  pot: string;
  unused: string;
  /** What the pools hold when everybody was sent home. */
  held: string;
  heldByDoomed: string;
  projects: { projectId: string; gifts: string; paid: string; match: string; payouts: string }[];
  /** In the order of the cast. */
  donors: { payer: Address; balance: string; coin: string; closedAt: number | undefined }[];
  sponsors: { deposit: string; balance: string }[];
  /** What each brought to the second round has again. */
  second: { balance: string }[];
  end: number;
};

/** Reads all of it from the chain and writes it to a file. */
export async function recordChain(stage: SeasonStage, rounds: { matched: Round; doomed: Round }, file: string) {
  const { world, seed, balance } = stage;
  const { pool, terms } = rounds.matched;
  const act = stage.onPool(stage.organiser, pool);
  const [{ unused }, closes] = [await act.getSettlement(), await closings(stage)];
  const record: ChainRecord = {
    status: await act.getRoundStatus(),
    pot: `${await act.getPot()}`,
    unused: `${unused}`,
    held: `${await balance(pool)}`,
    heldByDoomed: `${await balance(rounds.doomed.pool)}`,
    projects: await Promise.all(
      projects.map(async (_, index) => {
        const projectId = BigInt(index + 1);
        const { gifts, paid } = await act.getProjectState({ projectId });
        const payouts = await Promise.all(stage.payoutsOf(index).map(balance));
        const match = await act.getMatch({ projectId });
        const received = payouts.reduce((sum, one) => sum + one, 0n);
        return {
          projectId: `${projectId}`,
          gifts: `${gifts}`,
          paid: `${paid}`,
          match: `${match}`,
          payouts: `${received}`,
        };
      }),
    ),
    donors: await Promise.all(
      stage.donors.map(async ({ index }) => {
        const payer = donorWallet(seed, index).address.toLowerCase() as Address;
        const coin = await world.client.getBalance({ address: payer });
        return { payer, balance: `${await balance(payer)}`, coin: `${coin}`, closedAt: closes.get(payer) };
      }),
    ),
    sponsors: await Promise.all(
      stage.sponsors.map(async ({ address }, index) => {
        const { deposit } = await act.getReceipt({ index: BigInt(index) });
        return { deposit: `${deposit}`, balance: `${await balance(address)}` };
      }),
    ),
    second: await Promise.all(stage.second.map(async ({ address }) => ({ balance: `${await balance(address)}` }))),
    end: Number(terms.end),
  };
  await writeFile(file, `${JSON.stringify(record, null, 2)}\n`);
}

/** When each payer's channel was closed, Unix seconds of block time. */
async function closings({ world, escrow, token }: SeasonStage): Promise<Map<Address, number>> {
  const { client } = world;
  const logs = await client.getLogs({ address: escrow.address, fromBlock: 0n });
  const payers = new Map(
    parseEventLogs({ abi: paymentChannelsAbi, eventName: "ChannelOpened", logs })
      .filter(({ args }) => args.token.toLowerCase() === token)
      .map(({ args }) => [args.channelId, args.payer.toLowerCase() as Address]),
  );
  const closed = parseEventLogs({ abi: paymentChannelsAbi, eventName: "ChannelClosed", logs });
  const times = new Map<bigint, number>();
  const all = new Map<Address, number>();
  for (const { args, blockNumber } of closed) {
    const payer = payers.get(args.channelId);
    if (!payer) continue;
    const known = times.get(blockNumber) ?? Number((await client.getBlock({ blockNumber })).timestamp);
    times.set(blockNumber, known);
    all.set(payer, known);
  }
  return all;
}
