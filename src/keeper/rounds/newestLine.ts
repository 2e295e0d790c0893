import { type Client, getAbiItem, type Hex } from "viem";
import { getBlock, getLogs } from "viem/actions";
import { donationPoolAbi as abi } from "../../abi/donationPool.ts";
import { chainFailure } from "../../chain/failure.ts";
import { getGiftsHash } from "../../chain/index.ts";
import type { Gift } from "../../protocol/allocation.ts";
import { giftsHash } from "../../protocol/line.ts";

/**
 * The list that stands on a line at the head: somebody may have collected above the confirmation depth. Undefined where the
 * pool's own hash of it does not confirm what the events say.
 * @param query.known The list at the confirmation depth.
 * @param query.fromBlock The first block above that depth.
 */
export async function newestLine(
  client: Client,
  query: { pool: Hex; lineId: Hex; known: readonly Gift[]; fromBlock: bigint },
): Promise<readonly Gift[] | undefined> {
  const { pool: address, lineId, known, fromBlock } = query;
  try {
    const { number: toBlock } = await getBlock(client, { blockTag: "latest" });
    if (toBlock < fromBlock) return undefined;
    const range = { address, strict: true, fromBlock, toBlock } as const;
    const [collected, refunded, hash] = await Promise.all([
      getLogs(client, { ...range, event: getAbiItem({ abi, name: "Collected" }), args: { channelId: lineId } }),
      getLogs(client, { ...range, event: getAbiItem({ abi, name: "Refunded" }), args: { lineId } }),
      getGiftsHash(client, { address, lineId, blockNumber: toBlock }),
    ]);
    const lists = [...collected, ...refunded]
      .toSorted((a, b) => Number(a.blockNumber - b.blockNumber) || a.logIndex - b.logIndex)
      .map(({ args }) => args.gifts);
    const newest = lists.at(-1) ?? known;
    return giftsHash(newest) === hash ? newest : undefined;
  } catch (error) {
    throw chainFailure(error, "reading a line's newest events");
  }
}
