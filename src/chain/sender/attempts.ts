import { type Address, type Hex, keccak256, parseTransaction } from "viem";
import { estimateGas, call as ethCall, getBalance, getTransactionCount, sendRawTransaction } from "viem/actions";
import { FarthingError } from "../../protocol/errors.ts";
import type { JournalEntry } from "../../store/store.ts";
import { type ChannelRevertError, decodeChannelError } from "../channels/decodeError.ts";
import { chainFailure, reasonOf } from "../failure.ts";
import type { PoolRevertError } from "../pool/decodeError.ts";
import type { SendRequest } from "../sender.ts";
import type { Book } from "./book.ts";
import { asking, type Context } from "./context.ts";
import { currentFees, type Fees, raisedFees } from "./fees.ts";

export type Attempts = ReturnType<typeof createAttempts>;

/** Signing, journalling and broadcasting, in this order. */
export function createAttempts(context: Context, book: Book) {
  const { client, clock, policy, exclusive } = context;

  function send(request: SendRequest): Promise<JournalEntry> {
    return exclusive(async () => {
      await book.requireLease();
      const chainId = await book.chainId();
      const { to, data, purpose, channelIds, value = 0n } = request;
      const gas = await simulate({ to, data, value }, request);
      const fees = await currentFees(context);
      const cost = gas * fees.maxFeePerGas;
      const maxCost = request.maxCost ?? cost * policy.maxBumpFactor;
      if (cost > maxCost) throw new CostAboveCapError(maxCost, cost);
      const pending = await book.pending();
      await requireFunds(cost + value + pending.reduce((sum, entry) => sum + committed(entry), 0n));

      const nonce = await nextNonce(pending);
      const attempt = await sign({ chainId, to, data, value, nonce, gas, ...fees });
      const rest = { chainId, account: book.address, nonce, to, data, value, purpose, channelIds, maxCost };
      const id = `${chainId}-${nonce}-${attempt.hash.slice(2, 18)}`;
      await book.requireLease();
      const entry = await book.put({ id, ...rest, attempts: [attempt], status: "pending", createdAt: clock() });
      await broadcast(entry);
      return entry;
    });
  }

  /**
   * The smallest nonce that neither the chain nor the journal has used. Never asks for `pending`: mempools forget and lie.
   * Where the chain has used fewer than this process saw mined, it was reorganised, and those are broadcast again.
   */
  async function nextNonce(pending: readonly JournalEntry[]): Promise<number> {
    const { address } = book;
    const mined = await asking("reading the nonce", () => getTransactionCount(client, { address, blockTag: "latest" }));
    const undone = book.consumed().filter((entry) => entry.nonce >= mined);
    for (const entry of undone) await broadcast(entry);
    const held = new Set([...pending, ...undone].map((entry) => entry.nonce));
    let nonce = mined;
    while (held.has(nonce)) nonce += 1;
    return nonce;
  }

  /** Broadcasts the newest attempt. A failure leaves the entry as it is: the transaction may be out all the same. */
  async function broadcast(entry: JournalEntry): Promise<void> {
    const attempt = entry.attempts.at(-1);
    if (!attempt) return;
    try {
      await sendRawTransaction(client, { serializedTransaction: attempt.raw });
    } catch (error) {
      const reason = reasonOf(error);
      if (!isKnownAlready(reason)) context.onFault?.({ entry, reason: `broadcasting ${attempt.hash}: ${reason}` });
    }
  }

  /** Replaces a stuck transaction by one with the same nonce and higher fees, if its cap allows that. */
  function bump(stuck: JournalEntry): Promise<JournalEntry> {
    return exclusive(async () => {
      const entry = await book.current(stuck);
      const last = entry.attempts.at(-1);
      if (entry.status !== "pending" || !last) return entry;
      const { gas = 0n, maxFeePerGas = 0n, maxPriorityFeePerGas = 0n } = parseTransaction(last.raw);
      const fees = raisedFees({ maxFeePerGas, maxPriorityFeePerGas }, await currentFees(context), policy);
      const cost = gas * fees.maxFeePerGas;
      if (cost > (entry.maxCost ?? 0n)) {
        context.onFault?.({ entry, reason: `its cap of ${entry.maxCost} wei forbids raising the fee to ${cost}` });
        return entry;
      }
      const { chainId, to, data, value, nonce } = entry;
      const attempt = await sign({ chainId, to, data, value, nonce, gas, ...fees });
      await book.requireLease();
      const replaced = await book.put({ ...entry, attempts: [...entry.attempts, attempt] });
      await broadcast(replaced);
      return replaced;
    });
  }

  /** The gas to sign: what the request names, once a call with just that went through, else the estimate and its margin. */
  async function simulate(
    call: { to: Address; data: Hex; value: bigint },
    { gas: named, decode = decodeChannelError }: SendRequest,
  ): Promise<bigint> {
    const sent = { account: context.account.address, ...call };
    try {
      if (named !== undefined) {
        await ethCall(client, { ...sent, gas: named });
        return named;
      }
      const gas = await estimateGas(client, sent as never);
      return gas + (gas * policy.gasMarginPercent) / 100n;
    } catch (error) {
      const revert = decode(error);
      if (revert) throw new WouldRevertError(revert);
      throw chainFailure(error, "simulating a transaction");
    }
  }

  async function requireFunds(needed: bigint): Promise<void> {
    const { address } = book;
    const balance = await asking("reading the balance", () => getBalance(client, { address }));
    if (balance < needed) throw new OutOfFundsError(address, balance, needed);
  }

  type Unsigned = Fees & { chainId: number; to: Address; data: Hex; value: bigint; nonce: number; gas: bigint };

  async function sign(transaction: Unsigned): Promise<JournalEntry["attempts"][number]> {
    const raw = await context.account.signTransaction({ type: "eip1559", ...transaction });
    return { hash: keccak256(raw), raw, maxFeePerGas: transaction.maxFeePerGas };
  }

  return { send, bump, broadcast };
}

/** What a contract that the sender calls refuses with. */
export type SentRevert = ChannelRevertError | PoolRevertError;

/** The call would revert; nothing was signed. `reason` is the contract's. */
export class WouldRevertError extends FarthingError {
  override readonly name = "WouldRevertError";
  readonly reason: SentRevert;
  constructor(reason: SentRevert) {
    super("would-revert", `The transaction would revert, so it was not signed. ${reason.message}`);
    this.reason = reason;
  }
}

/** The transaction costs more than its request allows; nothing was signed. Wei. */
export class CostAboveCapError extends FarthingError {
  override readonly name = "CostAboveCapError";
  constructor(maxCost: bigint, cost: bigint) {
    super(
      "cost-above-cap",
      `The transaction may cost ${cost} wei, above its cap of ${maxCost}, so it was not signed. Wait for lower fees, or raise the cap.`,
    );
  }
}

/** The sending account cannot pay for this and what is still pending; nothing was signed. Wei. */
export class OutOfFundsError extends FarthingError {
  override readonly name = "OutOfFundsError";
  constructor(account: Address, balance: bigint, needed: bigint) {
    super(
      "out-of-funds",
      `${account} holds ${balance} wei and may need ${needed}, so nothing was signed. Send it some of the chain's coin.`,
    );
  }
}

/** Most that a pending entry can still take from the account, wei. */
function committed(entry: JournalEntry): bigint {
  const last = entry.attempts.at(-1);
  if (!last) return 0n;
  return (parseTransaction(last.raw).gas ?? 0n) * last.maxFeePerGas + entry.value;
}

/** Nodes have no common code for a transaction that they hold already. */
function isKnownAlready(reason: string): boolean {
  return /already known|already imported|already exists|known transaction/i.test(reason);
}
