import {
  AbiDecodingDataSizeTooSmallError,
  type Address,
  BaseError,
  type Client,
  ContractFunctionRevertedError,
  ContractFunctionZeroDataError,
  type Hex,
  HttpRequestError,
  numberToHex,
  TimeoutError,
} from "viem";
import type { RawLog } from "./events.ts";

/** One transaction as an audit needs it. Gas in units of gas, fees in wei. */
export type Transaction = {
  readonly hash: Hex;
  readonly from: Address;
  readonly to: Address | null;
  readonly input: Hex;
  readonly gasUsed: bigint;
  /** Execution and L1 data fee together. */
  readonly fee: bigint;
  /** The part for L1 data, on OP-stack chains; 0 elsewhere. */
  readonly l1Fee: bigint;
};

export type LogFilter = {
  address: Address | readonly Address[];
  topics?: readonly (Hex | readonly Hex[] | null)[];
};

/** Logs of a range of blocks, both ends included, exactly as the provider gives them. */
export function getLogs(client: Client, filter: LogFilter, fromBlock: bigint, toBlock: bigint): Promise<RawLog[]> {
  const range = { fromBlock: numberToHex(fromBlock), toBlock: numberToHex(toBlock) };
  return request(client, "eth_getLogs", [{ ...filter, ...range }]);
}

/** A block's hash and time; undefined where the provider does not know the block. */
export async function getBlock(client: Client, number: bigint): Promise<{ hash: Hex; timestamp: bigint } | undefined> {
  type Block = { hash: Hex; timestamp: Hex };
  const block = await request<Block | null>(client, "eth_getBlockByNumber", [numberToHex(number), false]);
  return block ? { hash: block.hash, timestamp: BigInt(block.timestamp) } : undefined;
}

/** A mined transaction with its receipt; undefined where the provider has lost it. */
export async function getTransaction(client: Client, hash: Hex): Promise<Transaction | undefined> {
  type Sent = { from: Address; to: Address | null; input: Hex };
  type Receipt = { gasUsed: Hex; effectiveGasPrice?: Hex; l1Fee?: Hex | null };
  const [sent, receipt] = await Promise.all([
    request<Sent | null>(client, "eth_getTransactionByHash", [hash]),
    request<Receipt | null>(client, "eth_getTransactionReceipt", [hash]),
  ]);
  if (!sent || !receipt) return undefined;
  const gasUsed = BigInt(receipt.gasUsed);
  const l1Fee = BigInt(receipt.l1Fee ?? 0);
  const fee = gasUsed * BigInt(receipt.effectiveGasPrice ?? 0) + l1Fee;
  const { from, to, input } = sent;
  return { hash, from: lowercase(from), to: to && lowercase(to), input, gasUsed, fee, l1Fee };
}

/** Whether an error says that nobody answered, so that asking for less will not help. */
export function isUnreachable(error: unknown): boolean {
  if (!(error instanceof BaseError)) return false;
  if (error.walk((cause) => cause instanceof TimeoutError)) return false;
  const http = error.walk((cause) => cause instanceof HttpRequestError);
  return http instanceof HttpRequestError && http.status === undefined;
}

/**
 * A contract's refusal, or there being none, is an answer; a provider's failure is not, and is thrown.
 */
export async function unlessRefused<result>(reading: Promise<result>): Promise<result | undefined> {
  try {
    return await reading;
  } catch (error) {
    if (isRefusal(error)) return undefined;
    throw error;
  }
}

function isRefusal(error: unknown): boolean {
  return (
    error instanceof BaseError &&
    error.walk(
      (cause) =>
        cause instanceof ContractFunctionRevertedError ||
        cause instanceof ContractFunctionZeroDataError ||
        cause instanceof AbiDecodingDataSizeTooSmallError,
    ) !== null
  );
}

/** Maps with at most so many in flight, in order. The first failure rejects. */
export async function concurrently<item, result>(
  items: readonly item[],
  work: (item: item) => Promise<result>,
  atOnce = 8,
): Promise<result[]> {
  const results: result[] = [];
  let next = 0;
  async function worker(): Promise<void> {
    for (let index = next++; index < items.length; index = next++) results[index] = await work(items[index] as item);
  }
  await Promise.all(Array.from({ length: Math.min(atOnce, items.length) }, worker));
  return results;
}

// Raw JSON-RPC: viem's own actions decode and copy every log, which is most of the time of a long audit.
function request<result>(client: Client, method: string, params: unknown): Promise<result> {
  return client.request({ method, params } as never) as Promise<result>;
}

function lowercase(address: Address): Address {
  return address.toLowerCase() as Address;
}
