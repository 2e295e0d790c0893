import { type Address, erc20Abi } from "viem";
import { getBalance, readContract } from "viem/actions";
import { nativeCoin } from "../protocol/channel.ts";
import { FarthingError } from "../protocol/errors.ts";
import type { PayerContext } from "./context.ts";
import { transact } from "./transact.ts";

/** @throws {@link InsufficientFundsError} when the payer's wallet holds less than `amount` of `token`, base units. */
export async function assertFunds(context: PayerContext, token: Address, amount: bigint): Promise<void> {
  const { client, address } = context;
  const balance =
    token === nativeCoin
      ? await getBalance(client, { address })
      : await readContract(client, { address: token, abi: erc20Abi, functionName: "balanceOf", args: [address] });
  if (balance < amount) throw new InsufficientFundsError(token, amount, balance);
}

/**
 * Lets the escrow pull exactly `amount`, never more. An old allowance of another size goes to 0 first: some tokens
 * (USDT) refuse to change one that is not.
 */
export async function approveExactly(context: PayerContext, token: Address, amount: bigint): Promise<void> {
  if (token === nativeCoin) return;
  const spender = context.escrow.address;
  const allowance = await readContract(context.client, {
    address: token,
    abi: erc20Abi,
    functionName: "allowance",
    args: [context.address, spender],
  });
  if (allowance === amount) return;
  const approve = (value: bigint) =>
    transact(context, { address: token, abi: erc20Abi, functionName: "approve", args: [spender, value] });
  if (allowance > 0n) await approve(0n);
  await approve(amount);
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
