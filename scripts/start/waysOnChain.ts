// How channels were opened, topped up and settled, as the chain shows it: by the transactions behind the escrow's events.
import { decodeFunctionData, type Hash } from "viem";
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
  "settled in a batch": (verb: string) => verb === "settleBatch",
  "settled by ticks": (verb: string) => verb === "settleTicks",
};

/** Counts every way; events prove that a verb took effect, and its transaction tells which verb it was. */
export async function readWays({ client }: World, { address }: Escrow): Promise<WayCount[]> {
  const logs = await client.getLogs({ address, fromBlock: 0n, toBlock: "latest" });
  const verbs = new Map<Hash, Promise<string>>();
  const verbOf = (hash: Hash) => {
    const known = verbs.get(hash) ?? client.getTransaction({ hash }).then(({ input }) => verbIn(input));
    verbs.set(hash, known);
    return known;
  };
  const ways = { ...openings, ...topUps, ...settlements };
  const counts = new Map(Object.keys(ways).map((name) => [name, 0]));
  for (const { eventName, args, transactionHash } of decodeChannelEvents(logs, { address })) {
    const of = { ChannelOpened: openings, ChannelToppedUp: topUps, ChannelSettled: settlements }[eventName as string];
    if (!of) continue;
    const verb = await verbOf(transactionHash);
    const native = "token" in args && args.token === nativeCoin;
    const way = Object.entries(of).find(([, matches]) => matches(verb, native));
    if (way) counts.set(way[0], (counts.get(way[0]) ?? 0) + 1);
  }
  return [...counts].map(([name, count]) => ({ name, count }));
}

function verbIn(data: Parameters<typeof decodeFunctionData>[0]["data"]): string {
  return decodeFunctionData({ abi, data }).functionName;
}

/** One claim a way: it happened. */
export function wayClaims(ways: readonly WayCount[]): Claim[] {
  return ways.map(({ name, count }) => claim(count > 0, `channels ${name}: ${count}`));
}

/** The closing table. */
export function formatWays(ways: readonly WayCount[]): string {
  return ways.map(({ name, count }) => `  ${name.padEnd(48)} ${String(count).padStart(6)}`).join("\n");
}
