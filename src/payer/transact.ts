import { type Abi, type Account, type Address, BaseError, type Hash, type TransactionReceipt } from "viem";
import { getChainId, waitForTransactionReceipt, writeContract } from "viem/actions";
import { FarthingError } from "../protocol/errors.ts";
import type { PayerContext } from "./context.ts";

/** One call of a contract by the payer's own wallet. */
export type Call = {
  address: Address;
  abi: Abi;
  functionName: string;
  args: readonly unknown[];
  value?: bigint;
};

/**
 * Sends a transaction from the payer's wallet and waits until it is mined.
 * @throws {@link NoWalletError}, {@link WrongChainError}, {@link TransactionFailedError}.
 */
export async function transact(context: PayerContext, call: Call): Promise<TransactionReceipt> {
  const hash = await broadcast(context, call);
  const receipt = await waitForTransactionReceipt(context.client, { hash });
  if (receipt.status !== "success") throw new TransactionFailedError(call.functionName, hash);
  return receipt;
}

/** The account that sends the payer's transactions. */
export function walletOf(context: PayerContext): Account {
  if (!context.client.account) throw new NoWalletError();
  return context.client.account;
}

/** @throws {@link WrongChainError} when the client speaks to another chain than the escrow's. */
export async function assertChain(context: PayerContext): Promise<void> {
  const chainId = await getChainId(context.client);
  if (chainId !== context.escrow.chainId) throw new WrongChainError(context.escrow.chainId, chainId);
}

async function broadcast(context: PayerContext, call: Call): Promise<Hash> {
  const account = walletOf(context);
  await assertChain(context);
  try {
    return await writeContract(context.client, { ...call, account, chain: context.client.chain ?? null } as never);
  } catch (error) {
    throw new TransactionFailedError(call.functionName, undefined, error);
  }
}

/** The payer's client has no account to send from. */
export class NoWalletError extends FarthingError {
  override readonly name = "NoWalletError";
  constructor() {
    super(
      "no-wallet",
      "This needs a transaction and the client has no account; give `client` one, or use a relayed open.",
    );
  }
}

/** The node speaks for another chain. Nothing was sent. */
export class WrongChainError extends FarthingError {
  override readonly name = "WrongChainError";
  constructor(expected: number, actual: number) {
    super(
      "wrong-chain",
      `The escrow is on chain ${expected} and the client on chain ${actual}; switch the client. Nothing was sent.`,
    );
  }
}

/** A transaction was refused before it was sent (`hash` undefined) or mined and reverted. */
export class TransactionFailedError extends FarthingError {
  override readonly name = "TransactionFailedError";
  readonly hash: Hash | undefined;
  constructor(verb: string, hash: Hash | undefined, cause?: unknown) {
    const reason = cause instanceof BaseError ? `: ${cause.shortMessage}` : "";
    const what = hash ? `was mined and reverted (${hash})` : "was refused before it was sent";
    super("transaction-failed", `The transaction \`${verb}\` ${what}${reason}. Nothing was locked by it.`, { cause });
    this.hash = hash;
  }
}
