import type { Address, Client, Hex } from "viem";
import { AuditError } from "./errors.ts";
import type { TokenFlow } from "./flows.ts";
import { createLedger, type Ledger } from "./ledger.ts";
import type { Subject } from "./locate.ts";
import { getBlock } from "./provider.ts";
import type { RoundProgress } from "./round/progress.ts";
import { createTally, type Tally } from "./tally.ts";

/** Where an audit keeps how far it came: one text, replaced as a whole. */
export type Checkpoint = {
  load(): Promise<string | undefined>;
  save(text: string): Promise<void>;
};

/** All that an audit has gathered so far. */
export type Progress = RoundProgress & {
  readonly ledger: Ledger;
  readonly flows: Map<Address, TokenFlow>;
  readonly tally: Tally;
  /** Events read. */
  events: number;
  /** First block not yet read. */
  nextBlock: bigint;
  /** Events when it was last saved. */
  savedEvents: number;
};

/** New events that make saving worth while; and never before the work has grown by a quarter, so that saving stays linear. */
const worthSaving = 10_000;

/** Goes on from a checkpoint if it is of this escrow and its last block is still on the chain; else starts afresh. */
export async function resume(of: Kept, subject: Subject): Promise<Progress> {
  const text = await of.checkpoint?.load();
  const saved = text === undefined ? undefined : parse(text);
  if (saved?.scope === scope(of) && (await isCurrent(of.client, saved, subject)))
    return { ...saved.progress, savedEvents: saved.progress.events };
  return {
    ledger: createLedger(subject.rules),
    flows: new Map(),
    tally: createTally(),
    events: 0,
    nextBlock: subject.fromBlock,
    savedEvents: 0,
    rounds: new Map(),
    registries: new Map(),
    holders: new Map(),
    strange: new Map(),
  };
}

/** Keeps the progress, if it has grown enough since it was last kept. */
export async function save(of: Kept, progress: Progress): Promise<void> {
  const { checkpoint, client } = of;
  const { events, savedEvents, nextBlock } = progress;
  if (!checkpoint || events - savedEvents < Math.max(worthSaving, savedEvents / 4)) return;
  const last = await getBlock(client, nextBlock - 1n);
  if (!last) return; // A provider that is behind itself: the next piece will do.
  await checkpoint.save(
    JSON.stringify({ format, scope: scope(of), lastHash: last.hash, progress } satisfies Saved, tag),
  );
  progress.savedEvents = events;
}

/** Of an audit's parameters, what a checkpoint depends on. */
type Kept = {
  client: Client;
  checkpoint?: Checkpoint | undefined;
  tokens?: readonly Address[] | undefined;
  fees?: boolean | undefined;
  factory?: Address | undefined;
  pools?: readonly Address[] | undefined;
};

type Saved = { format: typeof format; scope: string; lastHash: Hex; progress: Progress };

const format = "farthing-audit-3";

/** What was read depends on what was asked for: another question starts afresh. */
function scope({ tokens, fees = true, factory, pools }: Kept): string {
  const sorted = (addresses?: readonly Address[]) => addresses?.map((address) => address.toLowerCase()).sort() ?? "all";
  return JSON.stringify([sorted(tokens), fees, factory?.toLowerCase() ?? "none", sorted(pools)]);
}

function parse(text: string): Saved {
  try {
    return JSON.parse(text, revive) as Saved;
  } catch (cause) {
    throw new AuditError("corrupt-checkpoint", "The checkpoint cannot be read: remove it to start afresh.", { cause });
  }
}

async function isCurrent(client: Client, saved: Saved, { rules, block, fromBlock }: Subject): Promise<boolean> {
  if (saved.format !== format) return false;
  const { ledger, nextBlock } = saved.progress;
  const { escrow, gracePeriod } = ledger.rules;
  if (escrow.address !== rules.escrow.address || escrow.chainId !== rules.escrow.chainId) return false;
  if (gracePeriod !== rules.gracePeriod || nextBlock > block.number + 1n || nextBlock <= fromBlock) return false;
  return (await getBlock(client, nextBlock - 1n))?.hash === saved.lastHash;
}

function tag(_key: string, value: unknown): unknown {
  if (typeof value === "bigint") return { $bigint: value.toString() };
  if (value instanceof Map) return { $map: [...value] };
  return value;
}

function revive(_key: string, value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  if ("$bigint" in value) return BigInt(value.$bigint as string);
  if ("$map" in value) return new Map(value.$map as [unknown, unknown][]);
  return value;
}
