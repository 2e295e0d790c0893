import type { Hex } from "viem";
import type { Outcome } from "./batches.ts";
import { changed } from "./canonical.ts";
import { recordSchema } from "./codec.ts";
import { StoreUnavailableError } from "./errors.ts";
import type { Parties } from "./payerLimit.ts";
import type { PostgresChannels, Write } from "./postgresChannels.ts";
import { Debts } from "./postgresDebts.ts";
import { ConflictError, type Query } from "./postgresLane.ts";
import type { Stored } from "./postgresRow.ts";
import type { ChannelRecord } from "./record.ts";
import type { WeightedCache } from "./weightedCache.ts";

/** One call of `update`. */
export type Change = {
  readonly id: Hex;
  readonly change: (record: ChannelRecord | undefined) => ChannelRecord | undefined;
  /** See `ChannelStore.update`, base units. */
  readonly payerLimit?: bigint | undefined;
};

type Result = Outcome<ChannelRecord | undefined>;

/** Changes of one id, in the order of the calls, and where each stands among all of the batch. */
type Group = { readonly id: Hex; readonly calls: readonly { readonly index: number; readonly call: Change }[] };

/** What a group's changes came to, if what they were given is what is stored. */
type Attempt = { readonly group: Group; readonly before: Stored | undefined; readonly results: readonly Result[] };

export type UpdatesOptions = {
  channels: PostgresChannels;
  cache: WeightedCache<Hex, Stored>;
  where: string;
  /** How long others may be faster before a call fails, milliseconds. */
  timeout: number;
  reach: (position: string) => void;
  hooks: { beforeCommit?: () => void; afterCommit?: () => void };
  rivals: Rivals;
};

/** Whether other processes have been writing the same records lately. */
export type Rivals = { near: boolean };

/**
 * Performs many updates at once. Each record is written on condition that it still is what the change functions were given; where
 * another process was faster, they run again on what that one wrote. So no update is lost, and none counts that was decided on a
 * record of the past, an update that writes nothing included.
 *
 * A record at hand is taken for what is stored, and most often is. Where others write the same records all the time it most often is
 * not: then those are taken that nobody else has in hand, and kept from others from the reading to the writing. So are those under a
 * limit on what their payer owes, together with that.
 */
export async function performUpdates(
  query: Query,
  changes: readonly Change[],
  options: UpdatesOptions,
): Promise<Result[]> {
  const results: Result[] = [];
  const old = new Map<Hex, Stored>();
  const until = performance.now() + options.timeout;
  for (let waiting = groupById(changes); waiting.length > 0; ) {
    const next = options.rivals.near || waiting.some(isLimited) ? lockedRound : round;
    try {
      waiting = await next(query, waiting, { results, old }, options);
    } catch (error) {
      if (next === round || !(error instanceof ConflictError)) throw error;
      await query("ROLLBACK");
      options.rivals.near = false;
    }
    if (waiting.length === 0 || performance.now() < until) continue;
    const error = new StoreUnavailableError(
      options.where,
      `other processes kept changing a record for ${options.timeout} ms`,
    );
    for (const { calls } of waiting) for (const { index } of calls) results[index] = { error };
    break;
  }
  return results;
}

/**
 * Tries each group once.
 * @param progress.old What others have replaced: most of its charges are still kept, and need not be sent again.
 * @returns those whose record another process changed meanwhile.
 */
async function round(
  query: Query,
  groups: readonly Group[],
  { results, old }: { results: Result[]; old: Map<Hex, Stored> },
  options: UpdatesOptions,
): Promise<Group[]> {
  const { channels, cache } = options;
  const known = new Map(groups.flatMap(({ id }) => pair(id, cache.get(id))));
  const read = await channels.read(query, absent(groups, known), old);
  const attempts: Attempt[] = [];
  const writes: Write[] = [];
  for (const group of groups) {
    const before = known.get(group.id) ?? read.get(group.id);
    if (before instanceof Error) {
      settle(group, results, () => ({ error: before }));
      continue;
    }
    const { outcomes, after } = run(group, before?.record);
    attempts.push({ group, before, results: outcomes });
    if (after) writes.push({ before, record: after });
  }

  options.hooks.beforeCommit?.();
  const written = await channels.write(query, writes, options.reach).catch((error: unknown) => {
    if (error instanceof ConflictError) return new Map<Hex, Stored>();
    throw error;
  });
  const tried = new Set(writes.map(({ record }) => record.id));
  // What was read in this round and led to no write stands; what was at hand is asked about.
  const unsure = [...known.keys()].filter((id) => !tried.has(id));
  const confirmed = await channels.read(query, unsure, known);
  options.hooks.afterCommit?.();

  for (const [id, stored] of [...read, ...confirmed, ...written]) remember(cache, id, stored);
  const overtaken: Group[] = [];
  for (const { group, before, results: outcomes } of attempts) {
    const { id } = group;
    const stands = tried.has(id) ? written.has(id) : read.has(id) || confirmed.get(id) === before;
    if (stands) settle(group, results, (position) => outcomes[position] as Result);
    else {
      if (!confirmed.has(id)) cache.delete(id);
      if (before) old.set(id, before);
      overtaken.push(group);
    }
  }
  options.rivals.near = isCrowd(overtaken.length, groups.length);
  return overtaken;
}

/**
 * As {@link round}, in one transaction, with those records that nobody else has in hand.
 * @returns the other groups, and those that others made a record of first.
 */
async function lockedRound(
  query: Query,
  groups: readonly Group[],
  { results, old }: { results: Result[]; old: Map<Hex, Stored> },
  options: UpdatesOptions,
): Promise<Group[]> {
  const { channels, cache, rivals } = options;
  const ids = groups.map(({ id }) => id);
  const known = new Map(ids.flatMap((id) => pair(id, cache.get(id) ?? old.get(id))));
  await query("BEGIN");
  const free = await channels.lock(query, ids);
  // After the locks, so that nothing is older than they are.
  const read = await channels.read(query, ids, known);
  const parties = groups.filter(isLimited).flatMap((group) => partiesOf(group, read.get(group.id)));
  const debts = await Debts.of(query, parties, channels);
  const attempts: Attempt[] = [];
  const writes: Write[] = [];
  const left: Group[] = [];
  for (const group of groups) {
    const before = read.get(group.id);
    if (before instanceof Error) settle(group, results, () => ({ error: before }));
    else if (before && !free.has(group.id)) left.push(group);
    else {
      const { outcomes, after } = run(group, before?.record, debts);
      attempts.push({ group, before, results: outcomes });
      if (after) writes.push({ before, record: after });
    }
  }
  const busy = left.length;

  options.hooks.beforeCommit?.();
  const written = await channels.write(query, writes, options.reach);
  await query("COMMIT");
  options.hooks.afterCommit?.();

  for (const [id, stored] of [...read, ...written]) remember(cache, id, stored);
  const tried = new Set(writes.map(({ record }) => record.id));
  for (const { group, results: outcomes } of attempts) {
    const stands = !tried.has(group.id) || written.has(group.id);
    if (stands) settle(group, results, (position) => outcomes[position] as Result);
    else left.push(group);
  }
  const changed = ids.filter((id) => known.has(id) && read.get(id) !== known.get(id)).length;
  // Where everything is in others' hands, the next round waits for them.
  rivals.near = busy < groups.length && isCrowd(changed + busy, groups.length);
  return left;
}

/** Whether so many of a batch are worth locks. */
function isCrowd(count: number, of: number): boolean {
  return of >= smallestCrowd && count * 8 > of;
}

const smallestCrowd = 16;

function isLimited({ calls }: Group): boolean {
  return calls.some(({ call }) => call.payerLimit !== undefined);
}

/** Whose a group's channel is; of one that is not there yet only its changes know. */
function partiesOf({ id, calls }: Group, before: Stored | Error | undefined): Parties[] {
  if (before instanceof Error) return [];
  if (before) return [before.record.channel];
  for (const { call } of calls) {
    try {
      const first = changed(recordSchema, id, undefined, call.change);
      if (first) return [first.channel];
    } catch {
      // It is run once more, and then tells its caller.
    }
  }
  return [];
}

/** Runs a group's changes, each on what the one before it made; one that throws has changed nothing. */
function run(
  group: Group,
  before: ChannelRecord | undefined,
  debts = Debts.none(),
): { outcomes: Result[]; after: ChannelRecord | undefined } {
  let after: ChannelRecord | undefined;
  const outcomes = group.calls.map(({ call }): Result => {
    try {
      const current = after ?? before;
      const made = changed(recordSchema, group.id, current, call.change);
      if (made) {
        debts.count(current, made, call.payerLimit);
        after = made;
      }
      return { value: after ?? before };
    } catch (error) {
      return { error };
    }
  });
  return { outcomes, after };
}

function groupById(changes: readonly Change[]): Group[] {
  const groups = new Map<Hex, { index: number; call: Change }[]>();
  for (const [index, call] of changes.entries()) {
    const group = groups.get(call.id);
    if (group) group.push({ index, call });
    else groups.set(call.id, [{ index, call }]);
  }
  return [...groups].map(([id, calls]) => ({ id, calls }));
}

function settle({ calls }: Group, results: Result[], result: (position: number) => Result): void {
  for (const [position, { index }] of calls.entries()) results[index] = result(position);
}

function remember(cache: WeightedCache<Hex, Stored>, id: Hex, stored: Stored | Error): void {
  if (stored instanceof Error) cache.delete(id);
  else cache.set(id, stored, 1 + stored.record.charges.length);
}

function absent(groups: readonly Group[], known: ReadonlyMap<Hex, Stored>): Hex[] {
  return groups.map(({ id }) => id).filter((id) => !known.has(id));
}

function pair<K, V>(key: K, value: V | undefined): [K, V][] {
  return value === undefined ? [] : [[key, value]];
}
