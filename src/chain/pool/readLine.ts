import { type Client, getAbiItem, type Hex } from "viem";
import { getBlockNumber, getLogs } from "viem/actions";
import { donationPoolAbi as abi } from "../../abi/donationPool.ts";
import type { Gift } from "../../protocol/allocation.ts";
import { FarthingError } from "../../protocol/errors.ts";
import { giftsHash } from "../../protocol/line.ts";
import { ChainUnavailableError, chainFailure, reasonOf } from "../failure.ts";
import type { At } from "../read.ts";
import { getGiftsHash } from "./reads.ts";

/**
 * What stands on one channel's line now, the next `previousGifts`: its newest `Collected` or `Refunded`, held to the hash that the
 * pool keeps, so that a provider can neither leave out nor make up a gift. A line without gifts costs no query of logs. To follow
 * many lines of a pool, use `createLineReader`.
 * @param parameters.fromBlock The block of the pool's making: 0 unless told.
 * @param parameters.chunk Most blocks asked for at once: all unless told; halved whenever a provider refuses.
 * @throws {@link LineMismatchError} where no event explains the hash.
 */
export async function readLine(
  client: Client,
  parameters: At & { channelId: Hex; fromBlock?: bigint | undefined; chunk?: bigint | undefined },
): Promise<readonly Gift[]> {
  const { address, channelId, fromBlock = 0n } = parameters;
  const head =
    parameters.blockNumber ??
    (await getBlockNumber(client, { cacheTime: 0 }).catch((error: unknown) => {
      throw chainFailure(error, "reading a line");
    }));
  const expected = await getGiftsHash(client, { address, blockNumber: head, lineId: channelId });
  if (expected === giftsHash([])) return [];
  let width = parameters.chunk ?? head - fromBlock + 1n;
  // The newest event is wanted, and it is usually near the end.
  for (let to = head; to >= fromBlock; ) {
    const from = to - width + 1n > fromBlock ? to - width + 1n : fromBlock;
    const lists = await listsIn(client, { address, channelId, from, to }).catch((error: unknown) => {
      if (from === to) throw new ChainUnavailableError(`reading the logs of block ${from}`, reasonOf(error));
      return undefined;
    });
    if (lists) {
      const standing = lists.findLast((gifts) => giftsHash(gifts) === expected);
      if (standing) return standing;
      to = from - 1n;
    } else {
      width = (to - from + 1n) / 2n;
    }
  }
  throw new LineMismatchError(channelId);
}

type Place = { address: At["address"]; channelId: Hex; from: bigint; to: bigint };

/** The lists of a line's events in a span of blocks, in their order. */
async function listsIn(client: Client, { address, channelId, from, to }: Place): Promise<(readonly Gift[])[]> {
  const span = { address, strict: true, fromBlock: from, toBlock: to } as const;
  const collected = await getLogs(client, { ...span, event: collectedEvent, args: { channelId } });
  const refunded = await getLogs(client, { ...span, event: refundedEvent, args: { lineId: channelId } });
  return [...collected, ...refunded]
    .toSorted((a, b) => Number(a.blockNumber - b.blockNumber) || a.logIndex - b.logIndex)
    .map(({ args }) => args.gifts);
}

const collectedEvent = getAbiItem({ abi, name: "Collected" });
const refundedEvent = getAbiItem({ abi, name: "Refunded" });

/** No event that the provider gave explains what the pool keeps of a line. */
export class LineMismatchError extends FarthingError {
  override readonly name = "LineMismatchError";
  constructor(channelId: Hex) {
    super(
      "line-mismatch",
      `No event of the pool explains what stands on the line of channel ${channelId}: the endpoint leaves events out, ` +
        "or they are older than the first block asked for. Ask another endpoint, or from an earlier block.",
    );
  }
}
