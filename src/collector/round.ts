import type { Address, Client, Hex } from "viem";
import { getBlock } from "viem/actions";
import { chainFailure } from "../chain/failure.ts";
import {
  createLineReader,
  getAcceptedBits,
  getRoundEscrow,
  getRoundProjects,
  getRoundStatus,
  getRoundTerms,
  type RoundStatus,
  type RoundTerms,
} from "../chain/index.ts";
import type { Gift } from "../protocol/index.ts";
import { type Escrow, FarthingError } from "../protocol/index.ts";

/** What the chain says of a round, at its head: a suspension or a cancelling counts at once. */
export type RoundFacts = {
  block: bigint;
  /** The head's timestamp, Unix seconds. */
  time: bigint;
  status: RoundStatus;
  /** Ids of the round's projects, in the order of their admission. */
  projects: readonly bigint[];
  /** Whether a project takes part in the round and the registry accepts it. */
  takes(projectId: bigint): boolean;
  /** What the pool has attributed of a channel, and under project 0 refunded. */
  standing(channelId: Hex): readonly Gift[];
  /** When this was asked for, milliseconds of the monotonic clock. */
  askedAt: number;
};

/** Watches one round. */
export type Round = {
  readonly terms: RoundTerms;
  /** What was read last, however old. */
  last(): RoundFacts;
  /**
   * Facts asked for at most so many milliseconds ago; reads the chain where there are none, once for however many ask.
   * @throws what reading the chain throws.
   */
  atMost(age: number): Promise<RoundFacts>;
  /** Milliseconds since what was read last was asked for. */
  age(): number;
  /** Looks every `interval` milliseconds until the function that it returns is called, which resolves when the last look has ended. */
  watch(interval: number, onPass: (error?: unknown) => void): () => Promise<void>;
};

/**
 * Reads a round's terms, which never change, and its first facts.
 * @param options.monotonic Milliseconds that never go back.
 * @throws {@link WrongPoolError} for a pool of another escrow; what reading the chain throws.
 */
export async function openRound(options: {
  client: Client;
  pool: Address;
  escrow: Escrow;
  fromBlock?: bigint | undefined;
  monotonic?: () => number;
}): Promise<Round> {
  const { client, escrow, fromBlock, monotonic = () => performance.now() } = options;
  const address = options.pool;
  const [terms, actual] = await Promise.all([getRoundTerms(client, { address }), getRoundEscrow(client, { address })]);
  if (actual.toLowerCase() !== escrow.address.toLowerCase()) throw new WrongPoolError(address, actual, escrow.address);
  // At the head, as all of these facts: the reader takes back what a reorganisation takes back.
  const lines = createLineReader({ client, pool: { address, chainId: escrow.chainId }, fromBlock, confirmations: 0 });

  let facts: RoundFacts | undefined;
  let running: { askedAt: number; result: Promise<RoundFacts> } | undefined;

  async function pass(askedAt: number): Promise<RoundFacts> {
    const { number: blockNumber, timestamp } = await head();
    const at = { address, blockNumber };
    const [status, projects] = await Promise.all([
      getRoundStatus(client, at),
      getRoundProjects(client, at),
      lines.sync(),
    ]);
    const words = await acceptedWords(projects, blockNumber);
    const admitted = new Set(projects);
    return {
      block: blockNumber,
      // A replica that lags does not turn time back.
      time: facts && facts.time > timestamp ? facts.time : timestamp,
      status,
      projects,
      takes: (id) => admitted.has(id) && (((words.get(id >> 8n) ?? 0n) >> (id & 0xffn)) & 1n) === 1n,
      standing: (channelId) => lines.standing(channelId).gifts,
      askedAt,
    };
  }

  async function head() {
    try {
      return await getBlock(client, { blockTag: "latest" });
    } catch (error) {
      throw chainFailure(error, "reading the newest block");
    }
  }

  async function acceptedWords(projects: readonly bigint[], blockNumber: bigint): Promise<Map<bigint, bigint>> {
    const indexes = [...new Set(projects.map((id) => id >> 8n))];
    const { registry } = terms;
    const read = (wordIndex: bigint) => getAcceptedBits(client, { address: registry, wordIndex, blockNumber });
    const words = await Promise.all(indexes.map(read));
    return new Map(indexes.map((index, position) => [index, words[position] as bigint]));
  }

  function begin(): Promise<RoundFacts> {
    const askedAt = monotonic();
    const result = pass(askedAt)
      .then((read) => {
        facts = read;
        return read;
      })
      .finally(() => {
        running = undefined;
      });
    running = { askedAt, result };
    return result;
  }

  async function atMost(age: number): Promise<RoundFacts> {
    const since = monotonic() - age;
    for (;;) {
      if (facts && facts.askedAt >= since) return facts;
      if (!running) return begin();
      if (running.askedAt >= since) return running.result;
      // One that began too early is under way: the next is for everybody who waits for it to end.
      await running.result.catch(() => undefined);
    }
  }

  await atMost(0);
  return {
    terms,
    atMost,
    last: () => facts as RoundFacts,
    age: () => monotonic() - (facts as RoundFacts).askedAt,
    watch(interval, onPass) {
      let looking: Promise<void> | undefined;
      const timer = setInterval(() => {
        looking ??= atMost(0)
          .then(
            () => onPass(),
            (error: unknown) => onPass(error),
          )
          .finally(() => {
            looking = undefined;
          });
      }, interval);
      return async () => {
        clearInterval(timer);
        await looking;
      };
    },
  };
}

/** The pool collects the channels of another escrow. */
export class WrongPoolError extends FarthingError {
  override readonly name = "WrongPoolError";
  constructor(pool: Address, actual: Address, expected: Address) {
    super(
      "wrong-pool",
      `The pool ${pool} collects channels of escrow ${actual.toLowerCase()}, not of ${expected.toLowerCase()}. Give the escrow and the pool that belong together.`,
    );
  }
}
