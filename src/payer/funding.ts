import { type Address, erc20Abi } from "viem";
import { getBalance, readContract } from "viem/actions";
import { approve } from "../chain/channels/writes.ts";
import { chainFailure } from "../chain/failure.ts";
import { nativeCoin } from "../protocol/channel.ts";
import { FarthingError } from "../protocol/errors.ts";
import type { PayerContext } from "./context.ts";
import { transact, walletOf } from "./transact.ts";

/** @throws {@link InsufficientFundsError} when the payer's wallet holds less than `amount` of `token`, base units. */
export async function assertFunds(context: PayerContext, token: Address, amount: bigint): Promise<void> {
  const balance = await balanceOf(context, token);
  if (balance < amount) throw new InsufficientFundsError(token, amount, balance);
}

/** @throws {@link NoGasError} when a local key would send and has no coin; a wallet of its own may have gas paid for it. */
export async function assertGas(context: PayerContext): Promise<void> {
  if (walletOf(context).type === "local" && !(await hasGas(context))) throw new NoGasError(context.address);
}

/** Whether the payer's wallet has any coin. */
export async function hasGas(context: PayerContext): Promise<boolean> {
  return (await balanceOf(context, nativeCoin)) > 0n;
}

/**
 * Lets the escrow pull exactly `amount`, never more. An old allowance of another size goes to 0 first: some tokens
 * (USDT) refuse to change one that is not.
 */
export async function approveExactly(context: PayerContext, token: Address, amount: bigint): Promise<void> {
  if (token === nativeCoin) return;
  const { client, escrow, address: owner } = context;
  const allowance = await read("reading an allowance", () =>
    readContract(client, { address: token, abi: erc20Abi, functionName: "allowance", args: [owner, escrow.address] }),
  );
  for (const step of allowance > 0n && allowance !== amount ? [0n, amount] : [amount]) {
    if (step === allowance) continue;
    await transact(context, "approving a deposit", async () => {
      const hash = await approve(client, { address: escrow.address, token, amount: step });
      if (!hash) throw new AllowanceChangedError(token);
      return hash;
    });
  }
}

function balanceOf({ client, address }: PayerContext, token: Address): Promise<bigint> {
  return read("reading a balance", () =>
    token === nativeCoin
      ? getBalance(client, { address })
      : readContract(client, { address: token, abi: erc20Abi, functionName: "balanceOf", args: [address] }),
  );
}

async function read<result>(doing: string, work: () => Promise<result>): Promise<result> {
  try {
    return await work();
  } catch (error) {
    throw chainFailure(error, doing);
  }
}

/** The wallet holds less than the deposit. Nothing was sent. */
export class InsufficientFundsError extends FarthingError {
  override readonly name = "InsufficientFundsError";
  /** What is wanted, base units. */
  readonly required: bigint;
  /** What the wallet holds, base units. */
  readonly balance: bigint;
  constructor(token: Address, required: bigint, balance: bigint) {
    const what = token === nativeCoin ? "the native coin" : `token ${token}`;
    super(
      "insufficient-funds",
      `The deposit of ${required} base units is more than the wallet's ${balance} of ${what}. ` +
        "Nothing was sent; lower the deposit or fund the wallet.",
    );
    this.required = required;
    this.balance = balance;
  }
}

/** The wallet has no coin to pay gas with. Nothing was sent. */
export class NoGasError extends FarthingError {
  override readonly name = "NoGasError";
  constructor(address: Address) {
    super(
      "no-gas",
      `${address} has no coin for gas. Nothing was sent; fund it, or use \`openByAuthorization\` and a relayer.`,
    );
  }
}

/** Something else changed the allowance at this very moment. */
export class AllowanceChangedError extends FarthingError {
  override readonly name = "AllowanceChangedError";
  constructor(token: Address) {
    super(
      "allowance-changed",
      `The allowance of ${token} changed while it was being set. Nothing was locked; try again.`,
    );
  }
}
