import type { Address, Hex } from "viem";
import type { Escrow } from "../protocol/channel.ts";
import { FarthingError } from "../protocol/errors.ts";
import type { ChannelRecord } from "../store/record.ts";
import { withObserved } from "./chainState.ts";
import type { Context } from "./context.ts";
import { refusal } from "./refusal.ts";
import type { Refusal } from "./types.ts";

/** What an operator may tell a payee to put up with at its start. */
export type StartOptions = {
  /** Start on an empty store although the chain shows live channels: their payers present them, and their vouchers, again. */
  allowEmptyStore?: boolean;
  /**
   * Channels of which the operator knows that the chain is ahead for a reason other than an old store, as when a payer settled
   * a voucher by itself that it had never shown. What was settled is taken as authorized and spent.
   */
  acceptChainFor?: readonly Hex[];
  /**
   * Whether payers are free to settle vouchers that they never showed, as donors of a pool are: a chain that is ahead is then no
   * sign of an old store. Its records stay as they are, and what was settled is there to see. False unless told.
   */
  payersSettle?: boolean;
  /** Block of the escrow's deployment, where reading its logs starts. */
  fromBlock?: bigint;
};

/** See {@link Payee.start}. */
export async function start(context: Context, options: StartOptions): Promise<void> {
  const { store } = context;
  const owner = await store.meta.get(ownerKey);
  const expected = describe(context.escrow, context.address);
  if (owner !== undefined && owner !== expected)
    throw new WrongStoreError(`it belongs to ${owner}, not to ${expected}`);

  const [first] = await store.list({ limit: 1 });
  // A store that was started before and is empty lost nothing: nobody has presented a channel yet.
  if (!first && owner === undefined && !options.allowEmptyStore)
    await requireNothingOnChain(context, options.fromBlock);

  let after: Hex | undefined;
  do {
    const records = await store.list({ live: true, limit: pageSize, ...(after && { after }) });
    for (const record of records) requireOwn(context, record);
    await compare(context, records, options);
    after = records.at(-1)?.id;
  } while (after);

  if (owner === undefined) await store.meta.set(ownerKey, expected);
}

/** Why a store that was named before is not to be written to, or undefined. */
export async function ownerFault({ store, escrow, address }: Context): Promise<Refusal | undefined> {
  const owner = await store.meta.get(ownerKey);
  return owner === undefined || owner === describe(escrow, address) ? undefined : foreignStore;
}

async function requireNothingOnChain(context: Context, fromBlock: bigint | undefined): Promise<void> {
  const { observer, address } = context;
  const opened = await observer.opened({ payee: address, ...(fromBlock === undefined ? {} : { fromBlock }) });
  for (let from = 0; from < opened.length; from += pageSize) {
    const page = await observer.read(opened.slice(from, from + pageSize).map(({ id }) => id));
    const live = page.find(({ deposit, finalized }) => deposit > 0n && !finalized);
    if (live) throw new EmptyStoreError(live.id);
  }
}

function requireOwn(context: Context, { id, escrow, channel }: ChannelRecord): void {
  const owner = describe(escrow, channel.payee);
  const expected = describe(context.escrow, context.address);
  if (owner !== expected) throw new WrongStoreError(`channel ${id} in it belongs to ${owner}, not to ${expected}`);
}

async function compare(
  context: Context,
  records: readonly ChannelRecord[],
  { acceptChainFor = [], payersSettle = false }: StartOptions,
): Promise<void> {
  if (records.length === 0) return;
  const accepted = new Set<string>(acceptChainFor.map((id) => id.toLowerCase()));
  const observed = await context.observer.read(records.map(({ id }) => id));
  const known = new Map(observed.map((state) => [state.id.toLowerCase(), state]));
  for (const record of records) {
    const state = known.get(record.id);
    if (!state || state.deposit === 0n) {
      throw new WrongStoreError(
        `the chain knows nothing of channel ${record.id}: it was reset, or is another of the same id`,
      );
    }
    const isBehind = !payersSettle && state.settled > record.authorized;
    if (isBehind && !accepted.has(record.id))
      throw new StoreBehindChainError(record.id, record.authorized, state.settled);
    await context.store.update(record.id, (stored) => {
      if (!stored) return undefined;
      const seen = withObserved(stored, state);
      return isBehind ? caughtUp(seen, state.settled) : seen;
    });
  }
}

/** What was settled counts as spent, so that it buys nothing twice; the old voucher and ticks are worth nothing any more. */
function caughtUp(record: ChannelRecord, settled: bigint): ChannelRecord {
  if (record.authorized >= settled) return record;
  const { signature: _stale, ticks: _retired, reservations: _lapsed, ...rest } = record;
  return { ...rest, authorized: settled, spent: settled };
}

function describe(escrow: Escrow, payee: Address): string {
  return `payee ${payee.toLowerCase()} of escrow ${escrow.address.toLowerCase()} on chain ${escrow.chainId}`;
}

const foreignStore = refusal("unavailable", "The store here is another payee's: nothing was written to it.");

/** Where the store says whose it is. */
const ownerKey = "payee";
const pageSize = 500;

/** The store belongs to another payee, escrow or chain. */
export class WrongStoreError extends FarthingError {
  override readonly name = "WrongStoreError";
  constructor(fact: string) {
    super(
      "wrong-store",
      `This store is not this payee's: ${fact}. Give the right store, chain, escrow and payee, and start again.`,
    );
  }
}

/** The chain has paid out more than the store knows to be signed: the store is an old copy. */
export class StoreBehindChainError extends FarthingError {
  override readonly name = "StoreBehindChainError";
  readonly id: Hex;
  constructor(id: Hex, authorized: bigint, settled: bigint) {
    super(
      "store-behind-chain",
      `The store is older than the chain: channel ${id} has settled ${settled} there, and only ${authorized} is authorized here. ` +
        "Restore the newest copy of the store. If no newer one exists, or the payer settled by itself, name the channel in acceptChainFor.",
    );
    this.id = id;
  }
}

/** The store is empty, yet the chain shows live channels of this payee. */
export class EmptyStoreError extends FarthingError {
  override readonly name = "EmptyStoreError";
  readonly id: Hex;
  constructor(id: Hex) {
    super(
      "store-empty",
      `The store is empty, yet the chain shows live channels of this payee, ${id} among them. ` +
        "Give the right store, or start with allowEmptyStore if it is truly lost or the channels were opened before the first start.",
    );
    this.id = id;
  }
}
