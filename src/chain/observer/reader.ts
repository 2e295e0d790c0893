import type { Address, Client, Hex } from "viem";
import { getBlock, getChainId } from "viem/actions";
import type { Escrow } from "../../protocol/channel.ts";
import { FarthingError } from "../../protocol/errors.ts";
import { type ChannelState, getChannels } from "../channels/reads.ts";
import { ChainUnavailableError, chainFailure, reasonOf, WrongChainError } from "../failure.ts";
import type { Observed } from "../observer.ts";

export type Block = Observed["block"];

/** Two endpoints say different things of one channel at one block, or the second says nothing. */
export type Disagreement =
  | {
      field: "deposit" | "settled" | "closeRequestedAt" | "finalized";
      id: Hex;
      block: Block;
      primary: bigint | boolean;
      secondary: bigint | boolean;
    }
  | { field: "block"; block: Block; secondary: Hex }
  | { field: "unavailable"; block: Block; reason: string };

/** Reads blocks and channel states, and believes no more than it must. */
export type Reader = {
  client: Client;
  escrow: Escrow;
  block(): Promise<Block>;
  /** The hash at a height on the chain as it is now; undefined above the head. */
  hashAt(number: bigint): Promise<Hex | undefined>;
  read(ids: readonly Hex[], block: Block): Promise<Observed[]>;
};

/** Ids in one `eth_call`: about 1.2 million gas, far below every provider's cap. */
const idsPerCall = 400;

/** A load-balanced endpoint may answer from a replica this many blocks behind. More is a stale chain. */
const tolerance = 8n;

export function createReader(options: {
  client: Client;
  escrow: Escrow;
  confirmations?: number | undefined;
  secondary?: Client | undefined;
  onDisagreement?: ((disagreement: Disagreement) => void) | undefined;
}): Reader {
  const { client, secondary, onDisagreement } = options;
  const escrow: Escrow = { ...options.escrow, address: options.escrow.address.toLowerCase() as Address };
  const confirmations = BigInt(options.confirmations ?? 2);
  let highest = 0n;

  async function block(): Promise<Block> {
    try {
      const [chainId, head] = await Promise.all([getChainId(client), getBlock(client, { blockTag: "latest" })]);
      if (chainId !== escrow.chainId) throw new WrongChainError(escrow.chainId, chainId);
      if (head.number + tolerance < highest) throw new StaleChainError(highest, head.number);
      const number = head.number > confirmations ? head.number - confirmations : 0n;
      const { hash, timestamp } = confirmations === 0n ? head : await getBlock(client, { blockNumber: number });
      if (head.number > highest) highest = head.number;
      return { number, hash, timestamp };
    } catch (error) {
      throw chainFailure(error, "reading the newest block");
    }
  }

  async function hashAt(number: bigint): Promise<Hex | undefined> {
    try {
      return (await getBlock(client, { blockNumber: number })).hash;
    } catch (error) {
      if (error instanceof Error && error.name === "BlockNotFoundError") return undefined;
      throw chainFailure(error, `reading block ${number}`);
    }
  }

  async function read(ids: readonly Hex[], at: Block): Promise<Observed[]> {
    if (ids.length === 0) return [];
    const own = await states(client, escrow.address, ids, at);
    // The state was asked for by number: had the block been replaced meanwhile, it would be another block's.
    if ((await hashAt(at.number)) !== at.hash) throw new ReplacedBlockError(at.number);
    const merged = secondary ? await compare(secondary, ids, own, at) : own;
    return merged.map((state, index) => ({ id: ids[index] as Hex, ...state, block: at }));
  }

  async function compare(second: Client, ids: readonly Hex[], own: ChannelState[], at: Block): Promise<ChannelState[]> {
    try {
      const chainId = await getChainId(second);
      if (chainId !== escrow.chainId) throw new WrongChainError(escrow.chainId, chainId);
      const { hash } = await getBlock(second, { blockNumber: at.number });
      if (hash !== at.hash) onDisagreement?.({ field: "block", block: at, secondary: hash });
      const others = await states(second, escrow.address, ids, at);
      return own.map((state, index) => merge(ids[index] as Hex, state, others[index] as ChannelState, at));
    } catch (error) {
      // An absent second opinion must not stop settlements: it is reported, and the first opinion stands.
      onDisagreement?.({ field: "unavailable", block: at, reason: reasonOf(error) });
      return own;
    }
  }

  function merge(id: Hex, primary: ChannelState, other: ChannelState, at: Block): ChannelState {
    let differ = false;
    for (const field of ["deposit", "settled", "closeRequestedAt", "finalized"] as const) {
      if (primary[field] === other[field]) continue;
      differ = true;
      onDisagreement?.({ field, id, block: at, primary: primary[field], secondary: other[field] });
    }
    return differ ? cautious(primary, other, at) : primary;
  }

  return { client, escrow, block, hashAt, read };
}

/** The endpoint's head is far below what it was: a replica that lags, or lies. */
export class StaleChainError extends FarthingError {
  override readonly name = "StaleChainError";
  constructor(highest: bigint, head: bigint) {
    super(
      "stale-chain",
      `The RPC endpoint says the newest block is ${head}, but block ${highest} was seen before. It lags; nothing was decided. Wait, or use another endpoint.`,
    );
  }
}

/** The chain was reorganised between two questions; the next pass sees the new one. */
export class ReplacedBlockError extends FarthingError {
  override readonly name = "ReplacedBlockError";
  constructor(number: bigint) {
    super("replaced-block", `Block ${number} was replaced while it was read; nothing was decided. Try again.`);
  }
}

/** Of two readings, what sells nothing more and settles soonest: a close counts as requested, a channel stays watched. */
function cautious(a: ChannelState, b: ChannelState, at: Block): ChannelState {
  const requests = [a.closeRequestedAt, b.closeRequestedAt].filter((time) => time !== 0n);
  if (a.finalized !== b.finalized && requests.length === 0) requests.push(at.timestamp);
  return {
    deposit: a.deposit < b.deposit ? a.deposit : b.deposit,
    settled: a.settled < b.settled ? a.settled : b.settled,
    closeRequestedAt: requests.reduce((least, time) => (least === 0n || time < least ? time : least), 0n),
    finalized: a.finalized && b.finalized,
  };
}

async function states(client: Client, address: Address, ids: readonly Hex[], at: Block): Promise<ChannelState[]> {
  const all: ChannelState[] = [];
  for (let start = 0; start < ids.length; start += idsPerCall) {
    const channelIds = ids.slice(start, start + idsPerCall);
    const some = await getChannels(client, { address, channelIds, blockNumber: at.number });
    if (some.length !== channelIds.length) {
      throw new ChainUnavailableError("reading channels", `${some.length} answers to ${channelIds.length} questions`);
    }
    for (const { deposit, settled, closeRequestedAt, finalized } of some) {
      all.push({ deposit, settled, closeRequestedAt, finalized });
    }
  }
  return all;
}
