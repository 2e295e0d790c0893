import type { Hex } from "viem";
import type { ChannelStore } from "../../store/store.ts";
import type { Reader } from "./reader.ts";

type Mark = { number: bigint; hash: Hex };

/** Blocks kept to find where a reorganised chain forks. */
const trailLength = 64;

/** How far to go back when none of them is left, blocks. */
const blindStep = 1_000n;

/**
 * How far a store has read an escrow's logs (`number:hash` under one key of its meta), and a trail of the blocks that its
 * records were read at, so that a reorganisation is noticed and undone.
 */
export function createCursor(store: ChannelStore, { escrow, hashAt }: Reader) {
  const key = `observer:${escrow.chainId}:${escrow.address}`;
  const trailKey = `${key}:trail`;

  async function get(): Promise<Mark | undefined> {
    return parse((await store.meta.get(key)) ?? "");
  }

  async function trail(): Promise<Mark[]> {
    const text = (await store.meta.get(trailKey)) ?? "";
    return text.split(" ").flatMap((mark) => parse(mark) ?? []);
  }

  /** Notes a block that records were read at. */
  async function remember(mark: Mark): Promise<void> {
    const kept = (await trail()).filter(({ number }) => number < mark.number);
    await store.meta.set(trailKey, [...kept.slice(1 - trailLength), mark].map(format).join(" "));
  }

  /** Moves the cursor, after the writes that it stands for. */
  async function set(mark: Mark): Promise<void> {
    await remember(mark);
    await store.meta.set(key, format(mark));
  }

  /**
   * Checks that the newest block noted is still there. If not, takes cursor and trail back to the newest that is and
   * resolves with its number; undefined when nothing was undone.
   */
  async function rewind(): Promise<bigint | undefined> {
    const marks = await trail();
    const newest = marks.at(-1);
    if (!newest) return undefined;
    const present = await hashAt(newest.number);
    // Not there yet is a replica that lags, within what `block` tolerates: no reason to go back.
    if (present === undefined || present === newest.hash) return undefined;

    let fork: Mark | undefined;
    while (marks.length > 0 && !fork) {
      const mark = marks.pop() as Mark;
      if ((await hashAt(mark.number)) === mark.hash) fork = mark;
    }
    fork ??= await blind(newest);
    const cursor = await get();
    if (cursor && cursor.number > fork.number) await store.meta.set(key, format(fork));
    return fork.number;
  }

  async function blind(newest: Mark): Promise<Mark> {
    const number = newest.number > blindStep ? newest.number - blindStep : 0n;
    return { number, hash: (await hashAt(number)) ?? newest.hash };
  }

  return { get, set, remember, rewind };
}

function format({ number, hash }: Mark): string {
  return `${number}:${hash}`;
}

function parse(text: string): Mark | undefined {
  const [, number, hash] = /^(\d+):(0x[0-9a-f]{64})$/.exec(text) ?? [];
  return number && hash ? { number: BigInt(number), hash: hash as Hex } : undefined;
}
