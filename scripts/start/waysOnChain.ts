// How channels were opened, topped up and settled, as the chain shows it: by the transactions behind the escrow's events.
import { type Address, decodeFunctionData, type Hash, isAddressEqual } from "viem";
import { paymentChannelsAbi as abi } from "../../src/abi/paymentChannels.ts";
import { decodeChannelEvents } from "../../src/chain/index.ts";
import { type Escrow, nativeCoin } from "../../src/protocol/index.ts";
import { type Claim, claim } from "./verdict.ts";
import type { World } from "./world.ts";

/** A way of moving money that every run must show at least once, and how often it did. */
export type WayCount = { name: string; count: number };

const openings = {
  "opened, native coin": (verb: string, native: boolean) => verb === "open" && native,
  "opened, token by approval": (verb: string, native: boolean) => verb === "open" && !native,
  "opened, relayed EIP-3009": (verb: string) => verb === "openWithAuthorization",
  "opened, Permit2": (verb: string) => verb === "openWithPermit2",
};
const topUps = {
  "topped up, by the payer": (verb: string) => verb === "topUp",
  "topped up, relayed EIP-3009": (verb: string) => verb === "topUpWithAuthorization",
  "topped up, Permit2": (verb: string) => verb === "topUpWithPermit2",
};
const settlements = {
  "settled by the keeper in a batch": (verb: string) => verb === "settleBatch",
  "settled by the keeper by ticks": (verb: string) => verb === "settleTicks",
};

/** Counts every way; events prove that a verb took effect, and its transaction tells which verb it was and who sent it. */
export async function readWays({ client }: World, { address }: Escrow, keeper: Address): Promise<WayCount[]> {
  const logs = await client.getLogs({ address, fromBlock: 0n, toBlock: "latest" });
  const sent = new Map<Hash, Promise<{ verb: string; isKeepers: boolean }>>();
  const sentBy = (hash: Hash) => {
    const known =
      sent.get(hash) ??
      client.getTransaction({ hash }).then(({ input: data, from }) => ({
        verb: decodeFunctionData({ abi, data }).functionName,
        isKeepers: isAddressEqual(from, keeper),
      }));
    sent.set(hash, known);
    return known;
  };
  const ways = { ...openings, ...topUps, ...settlements };
  const counts = new Map(Object.keys(ways).map((name) => [name, 0]));
  for (const { eventName, args, transactionHash } of decodeChannelEvents(logs, { address })) {
    const of = { ChannelOpened: openings, ChannelToppedUp: topUps, ChannelSettled: settlements }[eventName as string];
    if (!of) continue;
    const { verb, isKeepers } = await sentBy(transactionHash);
    if (of === settlements && !isKeepers) continue;
    const native = "token" in args && args.token === nativeCoin;
    const way = Object.entries(of).find(([, matches]) => matches(verb, native));
    if (way) counts.set(way[0], (counts.get(way[0]) ?? 0) + 1);
  }
  return [...counts].map(([name, count]) => ({ name, count }));
}

/** One claim a way: it happened. */
export function wayClaims(ways: readonly WayCount[]): Claim[] {
  return ways.map(({ name, count }) => claim(count > 0, `channels ${name}: ${count}`));
}

/** The closing table. */
export function formatWays(ways: readonly WayCount[]): string {
  return ways.map(({ name, count }) => `  ${name.padEnd(48)} ${String(count).padStart(6)}`).join("\n");
}
