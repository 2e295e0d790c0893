import { type Address, type Client, type Hex, keccak256, type LocalAccount, parseTransaction } from "viem";
import {
  estimateGas,
  estimateMaxPriorityFeePerGas,
  getBalance,
  getBlock,
  getChainId,
  getTransactionCount,
  sendRawTransaction,
} from "viem/actions";
import { FarthingError } from "../../protocol/errors.ts";
import type { Journal, JournalEntry } from "../../store/store.ts";
import { type ChannelRevertError, decodeChannelError } from "../channels/decodeError.ts";
import { ChainUnavailableError, chainFailure, reasonOf, WrongChainError } from "../failure.ts";
import type { SenderOptions, SendRequest } from "../sender.ts";
import type { Mutex } from "./mutex.ts";
import type { Policy } from "./policy.ts";

export type Context = {
  client: Client;
  account: LocalAccount;
  journal: Journal;
  clock: () => number;
  lease?: (() => Promise<boolean>) | undefined;
  confirmations: bigint;
  policy: Policy;
  onFault?: SenderOptions["onFault"];
  /** Signing, journalling and broadcasting happen one at a time. */
  exclusive: Mutex;
};

export type Attempts = ReturnType<typeof createAttempts>;

type Fees = { maxFeePerGas: bigint; maxPriorityFeePerGas: bigint };

/** Signing, journalling and broadcasting. */
export function createAttempts(context: Context) {
  const { client, journal, clock, policy, exclusive } = context;
  const account = context.account.address.toLowerCase() as Address;
  const caps = new Map<string, bigint>();
  let chain: number | undefined;
  let lowest = 0;

  async function chainId(): Promise<number> {
    const actual = await asking("reading the chain id", () => getChainId(client));
    const expected = chain ?? client.chain?.id ?? actual;
    if (actual !== expected) throw new WrongChainError(expected, actual);
    chain = actual;
    return actual;
  }

  async function pending(): Promise<JournalEntry[]> {
    return journal.list({ chainId: chain ?? (await chainId()), account, status: "pending" });
  }

  function send(request: SendRequest): Promise<JournalEntry> {
    return exclusive(async () => {
      await requireLease();
      const id = await chainId();
      const value = request.value ?? 0n;
      const gas = await simulate(request, value);
      const fees = await currentFees();
      const cost = gas * fees.maxFeePerGas;
      if (request.maxCost !== undefined && cost > request.maxCost) throw new CostAboveCapError(request.maxCost, cost);
      await requireFunds(cost + value);

      const nonce = await nextNonce();
      const { to, data, purpose, channelIds } = request;
      const attempt = await sign({ chainId: id, to, data, value, nonce, gas, ...fees });
      const entry: JournalEntry = {
        id: `${nonce}-${attempt.hash.slice(2, 18)}`,
        chainId: id,
        account,
        nonce,
        to,
        data,
        value,
        purpose,
        channelIds,
        attempts: [attempt],
        status: "pending",
        createdAt: clock(),
      };
      caps.set(entry.id, request.maxCost ?? cost * policy.maxBumpFactor);
      await requireLease();
      await journal.put(entry);
      await broadcast(entry);
      return entry;
    });
  }

  /** The smallest nonce that neither the chain nor the journal has used. Never asks for `pending`: mempools forget and lie. */
  async function nextNonce(): Promise<number> {
    const mined = await asking("reading the nonce", () =>
      getTransactionCount(client, { address: account, blockTag: "latest" }),
    );
    const held = new Set((await pending()).map((entry) => entry.nonce));
    let nonce = Math.max(mined, lowest);
    while (held.has(nonce)) nonce += 1;
    return nonce;
  }

  /** Broadcasts the newest attempt. A failure leaves the entry pending: it may be out all the same. */
  async function broadcast(entry: JournalEntry): Promise<void> {
    const attempt = entry.attempts.at(-1);
    if (!attempt) return;
    try {
      await sendRawTransaction(client, { serializedTransaction: attempt.raw });
    } catch (error) {
      const reason = reasonOf(error);
      if (!/already known|already imported|known transaction/i.test(reason)) context.onFault?.({ entry, reason });
    }
  }

  /** Replaces a stuck transaction by one with the same nonce and higher fees; undefined where the cap forbids it. */
  function bump(entry: JournalEntry): Promise<JournalEntry | undefined> {
    return exclusive(async () => {
      const last = entry.attempts.at(-1);
      if (!last || !(await leads())) return undefined;
      const { gas = 0n, maxFeePerGas = 0n, maxPriorityFeePerGas = 0n } = parseTransaction(last.raw);
      const now = await currentFees();
      const fees = {
        maxFeePerGas: max(raised(maxFeePerGas), now.maxFeePerGas),
        maxPriorityFeePerGas: max(raised(maxPriorityFeePerGas), now.maxPriorityFeePerGas),
      };
      const first = entry.attempts[0] ?? last;
      const cap = caps.get(entry.id) ?? gas * first.maxFeePerGas * policy.maxBumpFactor;
      if (gas * fees.maxFeePerGas > cap) return undefined;
      const { chainId: id, to, data, value, nonce } = entry;
      const attempt = await sign({ chainId: id, to, data, value, nonce, gas, ...fees });
      const replaced: JournalEntry = { ...entry, attempts: [...entry.attempts, attempt] };
      await journal.put(replaced);
      await broadcast(replaced);
      return replaced;
    });
  }

  function raised(fee: bigint): bigint {
    return fee + (fee * policy.bumpPercent) / 100n + 1n;
  }

  async function simulate({ to, data }: SendRequest, value: bigint): Promise<bigint> {
    try {
      const gas = await estimateGas(client, { account: context.account.address, to, data, value } as never);
      return gas + (gas * policy.gasMarginPercent) / 100n;
    } catch (error) {
      const revert = decodeChannelError(error);
      if (revert) throw new WouldRevertError(revert);
      throw chainFailure(error, "estimating gas");
    }
  }

  function currentFees(): Promise<Fees> {
    return asking("reading fees", async () => {
      const [head, tip] = await Promise.all([
        getBlock(client, { blockTag: "latest" }),
        estimateMaxPriorityFeePerGas(client, { chain: client.chain ?? null } as never),
      ]);
      const maxPriorityFeePerGas = max(tip, policy.minPriorityFee);
      const base = head.baseFeePerGas ?? 0n;
      return { maxPriorityFeePerGas, maxFeePerGas: (base * policy.baseFeePercent) / 100n + maxPriorityFeePerGas };
    });
  }

  async function requireFunds(needed: bigint): Promise<void> {
    const balance = await asking("reading the balance", () => getBalance(client, { address: account }));
    if (balance < needed) throw new OutOfFundsError(account, balance, needed);
  }

  async function leads(): Promise<boolean> {
    return context.lease ? await context.lease() : true;
  }

  async function requireLease(): Promise<void> {
    if (!(await leads())) throw new LeaseLostError(account);
  }

  type Unsigned = Fees & { chainId: number; to: Address; data: Hex; value: bigint; nonce: number; gas: bigint };

  async function sign(transaction: Unsigned): Promise<JournalEntry["attempts"][number]> {
    const raw = await context.account.signTransaction({ type: "eip1559", ...transaction });
    return { hash: keccak256(raw), raw, maxFeePerGas: transaction.maxFeePerGas };
  }

  /** A nonce known to be used, whatever a lagging node says. */
  function used(nonce: number): void {
    lowest = Math.max(lowest, nonce + 1);
  }

  return { account, chainId, pending, send, bump, broadcast, leads, used };
}

/** The call would revert; nothing was signed. `reason` is the contract's. */
export class WouldRevertError extends FarthingError {
  override readonly name = "WouldRevertError";
  readonly reason: ChannelRevertError;
  constructor(reason: ChannelRevertError) {
    super("would-revert", `The transaction would revert and was not signed. ${reason.message}`);
    this.reason = reason;
  }
}

/** The transaction costs more than its request allows; nothing was signed. Wei. */
export class CostAboveCapError extends FarthingError {
  override readonly name = "CostAboveCapError";
  constructor(maxCost: bigint, cost: bigint) {
    super(
      "cost-above-cap",
      `The transaction may cost ${cost} wei, above the cap of ${maxCost}; nothing was signed. Wait for lower fees, or raise the cap.`,
    );
  }
}

/** The sending account cannot pay; nothing was signed. Wei. */
export class OutOfFundsError extends FarthingError {
  override readonly name = "OutOfFundsError";
  constructor(account: Address, balance: bigint, needed: bigint) {
    super(
      "out-of-funds",
      `${account} holds ${balance} wei and needs ${needed}; nothing was signed. Send it some of the chain's coin.`,
    );
  }
}

/** Another process leads for this key. */
export class LeaseLostError extends FarthingError {
  override readonly name = "LeaseLostError";
  constructor(account: Address) {
    super(
      "lease-lost",
      `This process no longer holds the lease of ${account}; nothing was sent. Another one does the work now.`,
    );
  }
}

export async function asking<T>(doing: string, ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    const failure = chainFailure(error, doing);
    if (failure.code === "reverted") throw new ChainUnavailableError(doing, failure.message);
    throw failure;
  }
}

function max(a: bigint, b: bigint): bigint {
  return a > b ? a : b;
}
