// Two days in under a minute: block time moves one hour a block, at the chain's own pace, and waits for nobody.
import type { Address } from "viem";
import { withdraw } from "../../src/chain/index.ts";
import type { Channel } from "../../src/protocol/index.ts";
import type { Progress } from "./progress.ts";
import { gracePeriod, type World } from "./world.ts";

const hour = 3600;

/** An exit that nobody but the keeper is left to answer. */
export type Exit = { channel: Channel; closeRequestedAt: bigint };

/**
 * Passes the grace period of every exit and `margin` hours more. The moment an exit is ready a stranger finishes it, so that
 * a keeper that comes late comes too late.
 */
export async function passGrace(
  world: World,
  escrow: Address,
  exits: readonly Exit[],
  margin: number,
  progress: Progress,
): Promise<void> {
  const { client } = world;
  const waiting = new Set(exits);
  const last = exits.reduce(
    (latest, { closeRequestedAt }) => (closeRequestedAt > latest ? closeRequestedAt : latest),
    0n,
  );
  const end = last + gracePeriod + BigInt(margin * hour);
  let block = await client.getBlock();
  const start = block.timestamp;
  while (block.timestamp < end) {
    await client.increaseTime({ seconds: hour });
    const next = await nextBlock(world, block.number);
    if (next.timestamp - block.timestamp > BigInt(hour + 5))
      throw new Error("time moved more than an hour in one block");
    block = next;
    for (const exit of waiting) {
      if (block.timestamp < exit.closeRequestedAt + gracePeriod) continue;
      waiting.delete(exit);
      await withdraw(client, { address: escrow, channel: exit.channel, account: world.stranger });
    }
    progress.update(Math.round(Number(block.timestamp - start) / hour));
  }
  // Two plain blocks more, so that what was sent last is deep enough to be believed.
  for (let blocks = 0; blocks < 4; blocks++) block = await nextBlock(world, block.number);
}

async function nextBlock({ client }: World, after: bigint) {
  for (;;) {
    const block = await client.getBlock();
    if (block.number > after) return block;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
