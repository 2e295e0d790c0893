import { type Account, type Address, type Client, decodeFunctionResult, type Hex } from "viem";
import { call as ethCall } from "viem/actions";
import { donationPoolAbi as abi } from "../../abi/donationPool.ts";
import { chainFailure } from "../../chain/failure.ts";
import { decodePoolError, PoolRevertError } from "../../chain/pool/decodeError.ts";
import { encodeCollect, encodeCollectBatch } from "../../chain/pool/encode.ts";
import type { Call } from "../../chain/write.ts";
import { inParts } from "../inParts.ts";
import type { Collecting } from "./batches.ts";
import type { RoundChannel } from "./decide.ts";

/** A transaction of a round that was simulated and went through. Its data carries signatures: never log it. */
export type PreparedCollect = {
  readonly purpose: "collect" | "collectBatch";
  readonly call: Call;
  readonly collecting: readonly Collecting[];
};

/** What came of preparing: transactions to send, channels to quarantine, channels that are not the keeper's any more. */
export type CollectPreparation = {
  calls: PreparedCollect[];
  refused: { channel: RoundChannel; reason: string }[];
  /** The pool takes nothing now, or somebody else was faster: the next pass sees it. */
  passed: { channel: RoundChannel; reason: string }[];
};

export type RoundPrepareContext = {
  client: Client;
  /** Asked about items that the first endpoint refuses: one honest answer is enough to try. */
  secondary?: Client | undefined;
  pool: Address;
  account: Account | Address;
  /**
   * A channel weighed against the list that stands at the head, where that is another than at the confirmation depth; undefined
   * when no such list could be found.
   */
  refresh: (channel: RoundChannel) => Promise<RoundChannel | undefined>;
};

/**
 * Turns items into collections that a simulation has let through: a batch of which the pool would take every item, or else
 * each item is tried alone, what passes is a batch, and one that fails together is halved.
 * @throws ChainUnavailableError when the node does not answer: that is no channel's fault and quarantines none.
 */
export async function prepareCollects(
  collecting: readonly Collecting[],
  context: RoundPrepareContext,
): Promise<CollectPreparation> {
  const result: CollectPreparation = { calls: [], refused: [], passed: [] };
  if (await offer(collecting, context, result)) return result;
  const outcomes = await inParts(collecting, (entry) => tryAlone(entry, context));
  const passing: Collecting[] = [];
  for (const outcome of outcomes) {
    if ("collecting" in outcome) passing.push(outcome.collecting);
    else if (notTheirFault.has(outcome.reason)) result.passed.push(outcome);
    else result.refused.push(outcome);
  }
  await offerParts(passing, context, result);
  return result;
}

/** Adds one transaction for all of these if the pool would take every one of them. */
async function offer(
  collecting: readonly Collecting[],
  { client, pool, account }: RoundPrepareContext,
  result: CollectPreparation,
): Promise<boolean> {
  if (collecting.length === 0) return true;
  const prepared = encodeCollects(pool, collecting);
  const { call, purpose } = prepared;
  // A batch passes over what it can not collect, so that it went through says nothing: what counts is how many it took.
  const passes =
    purpose === "collect"
      ? !(await simulatePool(client, account, call))
      : (await countCollected(client, account, call)) === BigInt(collecting.length);
  if (passes) result.calls.push(prepared);
  return passes;
}

/** One transaction for these: alone, an item says in its own receipt what became of it. */
export function encodeCollects(pool: Address, collecting: readonly Collecting[]): PreparedCollect {
  const items = collecting.map(({ item }) => item);
  const [only] = items;
  return only && items.length === 1
    ? { purpose: "collect", call: encodeCollect({ address: pool, ...only }), collecting }
    : { purpose: "collectBatch", call: encodeCollectBatch({ address: pool, items }), collecting };
}

async function offerParts(
  collecting: readonly Collecting[],
  context: RoundPrepareContext,
  result: CollectPreparation,
): Promise<void> {
  if (await offer(collecting, context, result)) return;
  const [first] = collecting;
  if (collecting.length === 1 && first) {
    result.passed.push({ channel: first.channel, reason: "it went through, and then it did not" });
    return;
  }
  const middle = Math.ceil(collecting.length / 2);
  for (const half of [collecting.slice(0, middle), collecting.slice(middle)]) await offerParts(half, context, result);
}

type Outcome = { collecting: Collecting } | { channel: RoundChannel; reason: string };

async function tryAlone(collecting: Collecting, context: RoundPrepareContext): Promise<Outcome> {
  const { channel } = collecting;
  const refusal = await refusalOf(collecting, context);
  if (refusal === undefined) return { collecting };
  if (refusal !== "GiftsMismatch") return { channel, reason: refusal };
  const fresh = await context.refresh(channel);
  if (!fresh) return { channel, reason: refusal };
  const { item, gain, unsettled } = fresh.weighed;
  if (gain === 0n && unsettled === 0n) return { channel, reason: doneElsewhere };
  if (!item) return { channel, reason: fresh.weighed.refusal ?? refusal };
  const again = await refusalOf({ channel: fresh, item }, context);
  return again === undefined ? { collecting: { channel: fresh, item } } : { channel, reason: again };
}

/** Why the pool would not take an item; undefined where one of the endpoints says that it would. */
async function refusalOf({ item }: Collecting, context: RoundPrepareContext): Promise<string | undefined> {
  const { client, secondary, pool, account } = context;
  const call = encodeCollect({ address: pool, ...item });
  const revert = await simulatePool(client, account, call);
  if (revert && secondary && !(await simulatePool(secondary, account, call))) return undefined;
  return revert?.reason;
}

/** Runs a call of a pool's against the newest state without sending it; the revert if there is one. */
export async function simulatePool(
  client: Client,
  account: Account | Address,
  call: Call,
): Promise<PoolRevertError | undefined> {
  try {
    await ethCall(client, { account, ...call });
    return undefined;
  } catch (error) {
    return revertOf(error);
  }
}

async function countCollected(client: Client, account: Account | Address, call: Call): Promise<bigint | undefined> {
  let data: Hex | undefined;
  try {
    ({ data } = await ethCall(client, { account, ...call }));
  } catch (error) {
    revertOf(error);
    return undefined;
  }
  return data && decodeFunctionResult({ abi, functionName: "collectBatch", data });
}

function revertOf(error: unknown): PoolRevertError {
  const failure = chainFailure(error, "simulating a collection", decodePoolError);
  if (failure instanceof PoolRevertError) return failure;
  throw failure;
}

/** The round's time or state at the head, or somebody's faster transaction: nothing that waiting longer would heal. */
const doneElsewhere = "collected by somebody else";
const notTheirFault = new Set<string>(["NotOpen", "WrongStatus", doneElsewhere]);
