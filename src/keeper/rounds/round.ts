import type { Address, Client } from "viem";
import {
  getAcceptedBits,
  getRoundEscrow,
  getRoundProjects,
  getRoundStatus,
  getRoundTerms,
  type RoundStatus,
  type RoundTerms,
} from "../../chain/index.ts";
import type { Observed } from "../../chain/observer.ts";
import type { Escrow } from "../../protocol/channel.ts";
import { FarthingError } from "../../protocol/errors.ts";

/** A round as of one block at the confirmation depth. */
export type Round = {
  readonly pool: Address;
  readonly terms: RoundTerms;
  /** Every gift's, lower case. */
  readonly token: Address;
  readonly status: RoundStatus;
  readonly block: Observed["block"];
  /** Ids of its projects. */
  readonly projects: readonly bigint[];
  /** `start <= t < end` and not refunding: gifts can be attributed. */
  readonly open: boolean;
  /** Open, and no more than the margin is left: whatever is due is collected. */
  readonly ending: boolean;
  /** From `end` on or while refunding: channels can be closed and leftovers refunded by anyone. */
  readonly over: boolean;
  /** Whether a project takes gifts now. */
  readonly takesGifts: (projectId: bigint) => boolean;
};

/** Terms never change: they are read once, and checked to be of a round on this escrow. */
export async function readTerms(client: Client, pool: Address, escrow: Escrow): Promise<RoundTerms> {
  const [actual, terms] = await Promise.all([
    getRoundEscrow(client, { address: pool }),
    getRoundTerms(client, { address: pool }),
  ]);
  if (actual.toLowerCase() !== escrow.address.toLowerCase()) throw new ForeignRoundError(pool, actual, escrow.address);
  return terms;
}

export async function readRound(
  client: Client,
  { pool, terms, margin, block }: { pool: Address; terms: RoundTerms; margin: bigint; block: Observed["block"] },
): Promise<Round> {
  const at = { address: pool, blockNumber: block.number };
  const [status, projects] = await Promise.all([getRoundStatus(client, at), getRoundProjects(client, at)]);
  const { start, end, registry } = terms;
  const { timestamp } = block;
  const open = status !== "refunding" && start <= timestamp && timestamp < end;
  const accepted = open ? await readAccepted(client, registry, projects, block.number) : new Set<bigint>();
  return {
    pool,
    terms,
    token: terms.token.toLowerCase() as Address,
    status,
    block,
    projects,
    open,
    ending: open && timestamp >= end - margin,
    over: status === "refunding" || timestamp >= end,
    takesGifts: (projectId) => accepted.has(projectId),
  };
}

/** The projects of a round that the registry accepts: one read for 256 of them. */
async function readAccepted(
  client: Client,
  registry: Address,
  projects: readonly bigint[],
  blockNumber: bigint,
): Promise<ReadonlySet<bigint>> {
  const words = [...new Set(projects.map((id) => id >> 8n))];
  const bits = new Map(
    await Promise.all(
      words.map(
        async (wordIndex) =>
          [wordIndex, await getAcceptedBits(client, { address: registry, wordIndex, blockNumber })] as const,
      ),
    ),
  );
  return new Set(projects.filter((id) => (((bits.get(id >> 8n) ?? 0n) >> (id & 0xffn)) & 1n) === 1n));
}

/** A pool settles through another escrow than the keeper's. */
export class ForeignRoundError extends FarthingError {
  override readonly name = "ForeignRoundError";
  constructor(pool: Address, actual: Address, expected: Address) {
    super(
      "foreign-round",
      `The round ${pool} settles through the escrow ${actual}, but this keeper works for ${expected}. Give it that escrow, or another round.`,
    );
  }
}
