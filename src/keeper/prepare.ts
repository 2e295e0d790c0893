import type { Account, Address, Client, Hex } from "viem";
import { call as ethCall } from "viem/actions";
import { type ChannelErrorName, ChannelRevertError, channelErrorName } from "../chain/channels/decodeError.ts";
import { type Call, encodeSettle, encodeSettleBatch } from "../chain/channels/encode.ts";
import { previewSettle, type SettlePreview } from "../chain/channels/reads.ts";
import { chainFailure } from "../chain/failure.ts";
import type { ChannelRecord } from "../store/record.ts";
import type { Batch } from "./batches.ts";
import { provingTicks, settleByTicks } from "./ticks.ts";

/** A transaction that was simulated and went through, ready for the sender. Its data carries signatures: never log it. */
export type Prepared = {
  readonly purpose:
    | "settleBatch"
    | "settle"
    | "settleTicks"
    | "closeWithAuthorization"
    | "requestCloseWithSignature"
    | "withdraw";
  readonly call: Call;
  readonly records: readonly ChannelRecord[];
};

/** A channel that the escrow would refuse, with the escrow's reason. */
export type Refused = { readonly record: ChannelRecord; readonly reason: string };

/** What came of preparing: transactions to send, channels to quarantine, channels that somebody else settled meanwhile. */
export type Preparation = { calls: Prepared[]; refused: Refused[]; done: ChannelRecord[] };

export type PrepareContext = {
  client: Client;
  /** Asked about rows that the first endpoint refuses: one honest answer is enough to try. */
  secondary?: Client | undefined;
  escrow: Address;
  account: Account | Address;
};

/**
 * Turns a batch into settlements that a simulation has let through. Rows are previewed; a row that only its signer's
 * contract can judge is tried alone; a batch that reverts as a whole is halved until the culprit is alone.
 * @throws ChainUnavailableError when the node does not answer: that is no channel's fault and quarantines none.
 */
export async function prepareSettlements(batch: Batch, context: PrepareContext): Promise<Preparation> {
  const result: Preparation = { calls: [], refused: [], done: [] };
  if (batch.rows) await prepareBatch(batch, context, result);
  else for (const record of batch.records) await prepareSingle(record, context, result);
  return result;
}

/** Runs a call against the newest state without sending it; the revert if there is one. */
export async function simulate(call: Call, context: PrepareContext): Promise<ChannelRevertError | undefined> {
  try {
    await ethCall(context.client, { account: context.account, ...call });
    return undefined;
  } catch (error) {
    const failure = chainFailure(error, "simulating a settlement");
    if (failure instanceof ChannelRevertError) return failure;
    throw failure;
  }
}

async function prepareBatch(batch: Batch, context: PrepareContext, result: Preparation): Promise<void> {
  const payable: number[] = [];
  for (const [index, reason] of (await previewRows(batch, context)).entries()) {
    const record = batch.records[index] as ChannelRecord;
    if (reason === undefined) payable.push(index);
    else if (settledElsewhere.has(reason)) result.done.push(record);
    else if (reason === "InvalidSignature") await prepareSingle(record, context, result);
    else result.refused.push({ record, reason });
  }
  if (payable.length > 0) await prepareRows(select(batch, payable), context, result);
}

async function prepareRows(batch: Batch, context: PrepareContext, result: Preparation): Promise<void> {
  const { payee, token, records, rows = [] } = batch;
  const call = encodeSettleBatch({ address: context.escrow, payee, token, rows });
  const revert = await simulate(call, context);
  if (!revert) {
    result.calls.push({ purpose: "settleBatch", call, records });
  } else if (records.length === 1) {
    result.refused.push({ record: records[0] as ChannelRecord, reason: revert.reason });
  } else {
    for (const half of halves(batch)) await prepareRows(half, context, result);
  }
}

async function prepareSingle(record: ChannelRecord, context: PrepareContext, result: Preparation): Promise<void> {
  const settlement = settlementOf(record, context.escrow);
  if (!settlement) {
    result.refused.push({ record, reason: "no voucher is stored" });
    return;
  }
  const revert = await simulate(settlement.call, context);
  if (!revert) result.calls.push({ ...settlement, records: [record] });
  else if (settledElsewhere.has(revert.reason)) result.done.push(record);
  else result.refused.push({ record, reason: revert.reason });
}

/** The settlement of one channel alone, by whatever proves what it owes. */
function settlementOf(record: ChannelRecord, address: Address): Pick<Prepared, "purpose" | "call"> | undefined {
  const ticks = provingTicks(record);
  if (ticks) return { purpose: "settleTicks", call: settleByTicks(address, record, ticks) };
  const { channel, authorized: cumulativeAmount, signature } = record;
  if (signature === undefined) return undefined;
  return { purpose: "settle", call: encodeSettle({ address, channel, cumulativeAmount, signature }) };
}

/** Each row's refusal, undefined where one of the endpoints would pay it. */
async function previewRows(batch: Batch, context: PrepareContext): Promise<(ChannelErrorName | undefined)[]> {
  const reasons = await previewBy(context.client, batch, context.escrow);
  const refused = [...reasons.keys()].filter((index) => reasons[index] !== undefined);
  if (!context.secondary || refused.length === 0) return reasons;

  const second = await previewBy(context.secondary, select(batch, refused), context.escrow);
  for (const [at, index] of refused.entries()) {
    if (second[at] === undefined) reasons[index] = undefined;
  }
  return reasons;
}

async function previewBy(client: Client, batch: Batch, escrow: Address): Promise<(ChannelErrorName | undefined)[]> {
  const { payee, token, rows = [] } = batch;
  let previews: readonly SettlePreview[];
  try {
    previews = await previewSettle(client, { address: escrow, payee, token, rows });
  } catch (error) {
    // A view over many rows can run out of the node's gas for calls; a single row cannot.
    if (!(error instanceof ChannelRevertError) || rows.length < 2) throw error;
    const parts = await Promise.all(halves(batch).map((half) => previewBy(client, half, escrow)));
    return parts.flat();
  }
  return previews.map(({ reason }) => (reason === noReason ? undefined : (channelErrorName(reason) ?? "Unknown")));
}

function select(batch: Batch, indexes: readonly number[]): Batch {
  const pick = <T>(items: readonly T[]) => indexes.map((index) => items[index] as T);
  return { ...batch, records: pick(batch.records), rows: pick(batch.rows ?? []) };
}

function halves(batch: Batch): [Batch, Batch] {
  const all = [...batch.records.keys()];
  const middle = Math.ceil(all.length / 2);
  return [select(batch, all.slice(0, middle)), select(batch, all.slice(middle))];
}

const noReason: Hex = "0x00000000";

/** Not a fault: another keeper, or the payee itself, was faster. */
const settledElsewhere = new Set<string>(["AmountNotIncreasing", "ChannelFinalized"]);
