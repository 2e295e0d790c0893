import { type Address, type Client, type Hex, pad } from "viem";
import { type RawLog, UndecodableLogError } from "../events.ts";
import { transferTopic } from "../flows.ts";
import { concurrently, getLogs, type LogFilter } from "../provider.ts";
import { inOrder, withTimes } from "../readPiece.ts";
import type { Range } from "../readRanges.ts";
import { decodePoolLog, decodeRegistryLog, type PoolEvent, type RegistryEvent } from "./events.ts";
import type { Scope } from "./find.ts";
import type { Holder } from "./payouts.ts";

/** All that an audit reads of some blocks for its rounds and registries. */
export type RoundPiece = {
  /** In chain order, each with its block's time. */
  events: (PoolEvent | RegistryEvent)[];
  /** Of each holder's own token, into and out of it. */
  transfers: Map<Address, RawLog[]>;
  /** Registries that wrote what no registry writes: theirs is another code. */
  strange: Set<Address>;
};

/** Addresses that one filter names: providers bound its length. */
const addressesAtOnce = 100;

/** Everyone whose money the rounds' events speak of. */
export function holdersOf({ rounds, registries }: Pick<Scope, "rounds" | "registries">): Holder[] {
  return [
    ...rounds.map(({ pool, terms }): Holder => ({ address: pool, token: terms.token, of: "pool" })),
    ...registries.map(({ registry, depositToken }): Holder => {
      return { address: registry, token: depositToken, of: "registry" };
    }),
  ];
}

/** Reads the events of rounds and registries, and their tokens' transfers, of some blocks. */
export async function readRoundPiece(client: Client, scope: Scope, range: Range): Promise<RoundPiece> {
  const holders = holdersOf(scope);
  const strange = new Set<Address>();
  const events: (PoolEvent | RegistryEvent)[] = [];
  const kinds = new Map(holders.map(({ address, of }) => [address, of]));
  const filters = pages([...kinds.keys()]).map((address): LogFilter => ({ address }));
  for (const log of await read(client, filters, range, (log) => kinds.has(addressOf(log)))) {
    if (kinds.get(addressOf(log)) === "pool") events.push(decodePoolLog(log));
    else enterRegistryLog(log, events, strange);
  }
  events.sort((a, b) => Number(a.at.blockNumber - b.at.blockNumber) || a.at.logIndex - b.at.logIndex);

  const transfers = new Map<Address, RawLog[]>();
  await concurrently([...new Set(holders.map(({ token }) => token))], async (token) => {
    const own = new Set(holders.filter((holder) => holder.token === token).map(({ address }) => address));
    for (const log of await readTransfers(client, token, [...own], range)) {
      const parties = new Set(log.topics.slice(1, 3).map((topic) => `0x${topic.slice(26).toLowerCase()}` as Address));
      for (const party of parties) {
        if (own.has(party)) transfers.set(party, [...(transfers.get(party) ?? []), log]);
      }
    }
  });
  return { events: await withTimes(client, events, () => true), transfers, strange };
}

function enterRegistryLog(log: RawLog, events: (PoolEvent | RegistryEvent)[], strange: Set<Address>): void {
  try {
    events.push(decodeRegistryLog(log));
  } catch (error) {
    if (!(error instanceof UndecodableLogError)) throw error;
    strange.add(addressOf(log));
  }
}

/** A transfer between two of the holders is in both answers, and given once. */
async function readTransfers(client: Client, token: Address, own: readonly Address[], range: Range): Promise<RawLog[]> {
  const filters = pages(own).flatMap((page): LogFilter[] => {
    const parties = page.map((address) => pad(address));
    return [
      { address: token, topics: [transferTopic, parties] },
      { address: token, topics: [transferTopic, null, parties] },
    ];
  });
  const logs = await read(client, filters, range, (log) => addressOf(log) === token);
  return [...new Map(logs.map((log) => [`${log.blockNumber}:${log.logIndex}`, log])).values()];
}

async function read(
  client: Client,
  filters: readonly LogFilter[],
  range: Range,
  asked: (log: RawLog) => boolean,
): Promise<RawLog[]> {
  const answers = await concurrently(filters, async (filter) => {
    const logs = await getLogs(client, filter, range.from, range.to);
    inOrder(logs, range, asked);
    return logs;
  });
  return answers.flat();
}

function addressOf(log: { address: Hex }): Address {
  return log.address.toLowerCase() as Address;
}

function pages<item>(items: readonly item[]): item[][] {
  return Array.from({ length: Math.ceil(items.length / addressesAtOnce) }, (_, index) =>
    items.slice(index * addressesAtOnce, (index + 1) * addressesAtOnce),
  );
}
