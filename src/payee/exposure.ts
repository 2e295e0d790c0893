import type { Address, Hex } from "viem";
import type { ChannelRecord } from "../store/record.ts";
import type { Context } from "./context.ts";
import { refusal } from "./refusal.ts";
import type { Refusal } from "./types.ts";

/**
 * Runs `work` when no other of the same payer is under way in this process: a sum over several channels must stand still while it is
 * judged. Several processes on one store may together exceed the limit by what each has under way.
 */
export async function inTurn<T>(
  turns: Map<Address, Promise<unknown>>,
  payer: Address,
  work: () => Promise<T>,
): Promise<T> {
  const before = turns.get(payer) ?? Promise.resolve();
  const own = before.then(work, work);
  turns.set(payer, own);
  try {
    return await own;
  } finally {
    if (turns.get(payer) === own) turns.delete(payer);
  }
}

/**
 * Whether a payer would owe more than the terms allow over all of its channels of one token, when this one owes `authorized`. What the
 * store thinks is too much is asked of the chain once.
 */
export async function payerFault(
  context: Context,
  record: ChannelRecord,
  authorized: bigint,
): Promise<Refusal | undefined> {
  const limit = context.terms.maxUnsettledPerPayer;
  if (limit === undefined) return undefined;
  const own = max(authorized - record.settled, 0n);
  const others = await owedElsewhere(context, record);
  if (own + sum(others) <= limit) return undefined;
  const readings = await Promise.all(others.map(({ id }) => context.chainState.read(id)));
  const settled = new Map(readings.map((reading) => [reading.id.toLowerCase(), reading.settled]));
  const newest = others.map((other) => ({ ...other, settled: max(settled.get(other.id) ?? 0n, other.settled) }));
  const owed = own + sum(newest);
  if (owed <= limit) return undefined;
  return refusal(
    "exposure-limit",
    `This payer would owe ${owed} unsettled over all of its channels; this payee holds at most ${limit}. Try again once some of it has settled.`,
  );
}

/** What the payer's other channels of the token owe. */
async function owedElsewhere({ store }: Context, { id, channel }: ChannelRecord): Promise<Owing[]> {
  const { payer, payee, token } = channel;
  const owing: Owing[] = [];
  let after: Hex | undefined;
  do {
    const page = await store.list({ payer, payee, token, unsettled: true, limit: pageSize, ...(after && { after }) });
    for (const each of page) if (each.id !== id) owing.push(each);
    after = page.length === pageSize ? page.at(-1)?.id : undefined;
  } while (after);
  return owing;
}

type Owing = Pick<ChannelRecord, "id" | "authorized" | "settled">;

function sum(owing: readonly Owing[]): bigint {
  return owing.reduce((total, { authorized, settled }) => total + max(authorized - settled, 0n), 0n);
}

function max(a: bigint, b: bigint): bigint {
  return a > b ? a : b;
}

const pageSize = 500;
