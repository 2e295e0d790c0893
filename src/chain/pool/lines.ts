import { type Client, getAbiItem, type Hex } from "viem";
import { getLogs } from "viem/actions";
import { donationPoolAbi as abi } from "../../abi/donationPool.ts";
import type { Gift, Pool } from "../../protocol/allocation.ts";
import { FarthingError } from "../../protocol/errors.ts";
import { eachSpan, isWithin, type Span } from "../observer/logs.ts";
import { type Block, createReader, ReplacedBlockError } from "../observer/reader.ts";

/** What stands on a channel's or a donation's line. */
export type Line = {
  /** The whole list, the next `previousGifts`: what was refunded is under project 0. Empty before the first event. */
  readonly gifts: readonly Gift[];
};

/** Replays a pool's events into what stands on each line. Kept in memory alone: the chain is the only source. */
export type LineReader = {
  /**
   * Reads what came since the last call, up to the block at the confirmation depth. A block that was replaced since then takes
   * back what it had said. Calls at once are one.
   * @throws `ChainUnavailableError`, `WrongChainError`, `StaleChainError`, `ReplacedBlockError`; nothing has changed then.
   */
  sync(): Promise<LineSync>;
  /** What stands as of the last sync. @throws {@link LinesNotReadError} before the first. */
  standing(lineId: Hex): Line;
  /** Forgets everything, so that the next sync reads it all again: for whoever saw that the pool has another `giftsHash`. */
  reset(): void;
};

export type LineSync = {
  /** Everything up to this block, itself included, has been read. */
  block: bigint;
  /** Lines with a new list, and those that a replaced block had changed. */
  touched: readonly Hex[];
};

export type LineReaderOptions = {
  client: Client;
  pool: Pool;
  /** The block of the pool's making, where reading starts: 0 unless told. */
  fromBlock?: bigint | undefined;
  /** Blocks that must be on top of what is believed: 2 unless told. */
  confirmations?: number | undefined;
  /** Most blocks asked for in one log query: 5,000 unless told; halved whenever a provider refuses. */
  chunk?: bigint | undefined;
};

/**
 * Reads the lines of one pool.
 * @example
 * const lines = createLineReader({ client, pool });
 * await lines.sync();
 * await client.collect({ ...item, previousGifts: lines.standing(channelId).gifts });
 */
export function createLineReader(options: LineReaderOptions): LineReader {
  const { client, pool, fromBlock = 0n, confirmations, chunk = 5_000n } = options;
  const reader = createReader({ client, escrow: pool, confirmations });
  /** Per line its lists by block, oldest first: the newest that no reorganisation can reach, and all after it. */
  const lists = new Map<Hex, Entry[]>();
  /** Blocks that syncs ended at, oldest first. */
  let trail: Block[] = [];
  let running: Promise<LineSync> | undefined;
  let resets = 0;

  async function pass(): Promise<LineSync> {
    const before = resets;
    const at = await reader.block();
    const fork = await findFork();
    const from = fork === undefined ? fromBlock : fork.number + 1n;
    const found: (Entry & { lineId: Hex })[] = [];
    await eachSpan({ from, to: at.number }, chunk, async (span) => {
      found.push(...(await entriesIn(span)));
    });
    // The logs were asked for by number: had the block been replaced meanwhile, they might be of two chains.
    if ((await reader.hashAt(at.number)) !== at.hash) throw new ReplacedBlockError(at.number);
    if (resets !== before) return pass();
    const touched = new Set(undo(from));
    for (const { lineId, ...entry } of found) {
      lists.set(lineId, [...(lists.get(lineId) ?? []), entry]);
      touched.add(lineId);
    }
    trail = trail.filter(({ number }) => number < from);
    if (at.number >= from) trail.push(at);
    trail = trail.slice(-trailLength);
    return { block: trail.at(-1)?.number ?? at.number, touched: [...touched] };
  }

  /** The newest block that a sync ended at and that is still there; undefined where everything is to be read again. */
  async function findFork(): Promise<Block | undefined> {
    for (const [index, block] of trail.toReversed().entries()) {
      const hash = await reader.hashAt(block.number);
      // The newest may not be there yet on a replica that lags: no reason to go back.
      if (hash === block.hash || (index === 0 && hash === undefined)) return block;
    }
    return undefined;
  }

  /** Takes back what blocks from `from` on had said, and drops what no reorganisation within the trail can bring back. */
  function undo(from: bigint): Hex[] {
    const settled = trail[0]?.number ?? 0n;
    const undone: Hex[] = [];
    for (const [lineId, entries] of lists) {
      if (entries.length === 1 && (entries[0]?.block ?? 0n) < from) continue;
      const left = entries.filter(({ block }) => block < from);
      if (left.length < entries.length) undone.push(lineId);
      const base = left.findLastIndex(({ block }) => block <= settled);
      if (left.length === 0) lists.delete(lineId);
      else lists.set(lineId, left.slice(Math.max(base, 0)));
    }
    return undone;
  }

  async function entriesIn(span: Span): Promise<(Entry & { lineId: Hex })[]> {
    const { address } = reader.escrow;
    const logs = await getLogs(client, { address, events, strict: true, fromBlock: span.from, toBlock: span.to });
    return logs
      .filter((log) => isWithin(log, address, span))
      .toSorted((a, b) => Number(a.blockNumber - b.blockNumber) || a.logIndex - b.logIndex)
      .map((log) => ({ lineId: lineOf(log), block: log.blockNumber, gifts: log.args.gifts }));
  }

  return {
    sync() {
      running ??= pass().finally(() => {
        running = undefined;
      });
      return running;
    },
    standing(lineId) {
      if (trail.length === 0) throw new LinesNotReadError();
      return { gifts: lists.get(lineId.toLowerCase() as Hex)?.at(-1)?.gifts ?? [] };
    },
    reset() {
      resets += 1;
      lists.clear();
      trail = [];
    },
  };
}

type Entry = { block: bigint; gifts: readonly Gift[] };

/** Blocks kept to find where a reorganised chain forks. */
const trailLength = 64;

const events = [
  getAbiItem({ abi, name: "Collected" }),
  getAbiItem({ abi, name: "Donated" }),
  getAbiItem({ abi, name: "Refunded" }),
];

type LineLog = Awaited<ReturnType<typeof getLogs<undefined, undefined, typeof events, true>>>[number];

function lineOf(log: LineLog): Hex {
  switch (log.eventName) {
    case "Collected":
      return log.args.channelId;
    case "Donated":
      return log.args.donationId;
    case "Refunded":
      return log.args.lineId;
  }
}

/** Somebody asked what stands on a line before anything was read. */
export class LinesNotReadError extends FarthingError {
  override readonly name = "LinesNotReadError";
  constructor() {
    super("lines-not-read", "What stands on the pool's lines is not known yet: let a sync end first.");
  }
}
