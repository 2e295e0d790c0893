import { type Account, type Address, type Client, encodeFunctionData, erc20Abi, type Hash, type Hex } from "viem";
import { parseAccount } from "viem/accounts";
import { readContract, sendTransaction, call as simulate } from "viem/actions";
import type { Channel } from "../../protocol/channel.ts";
import { FarthingError } from "../../protocol/errors.ts";
import { chainFailure } from "../failure.ts";
import * as encode from "./encode.ts";

/** Common to every write. */
export type WriteParameters = {
  /** The escrow. */
  address: Address;
  /** Who sends; the client's account unless told. */
  account?: Account | Address | undefined;
};

type Write<parameters> = (client: Client, parameters: WriteParameters & parameters) => Promise<Hash>;

/**
 * Lets the escrow take exactly `amount` of a token, never more: what `open` and `topUp` with a token need first. Resolves
 * with undefined, and sends nothing, when the allowance is that amount already. A token that lets an allowance change only
 * from or to nothing needs an approval of 0 first.
 */
export async function approve(
  client: Client,
  parameters: WriteParameters & { token: Address; amount: bigint },
): Promise<Hash | undefined> {
  const { address, token, amount } = parameters;
  const owner = senderOf(client, parameters.account).address;
  try {
    const args = [owner, address] as const;
    const allowance = await readContract(client, { address: token, abi: erc20Abi, functionName: "allowance", args });
    if (allowance === amount) return undefined;
  } catch (error) {
    throw chainFailure(error, "reading an allowance");
  }
  const data = encodeFunctionData({ abi: erc20Abi, functionName: "approve", args: [address, amount] });
  return write(client, parameters, { to: token, data, value: 0n }, "approving a deposit");
}

/** Opens a channel; the sender becomes its payer. A token needs {@link approve} first. Resolves with the hash. */
export const open: Write<encode.OpenParameters> = (client, parameters) =>
  write(client, parameters, encode.encodeOpen(parameters), "opening a channel");

/** Opens a channel for whoever signed the token's EIP-3009 authorization. */
export const openWithAuthorization: Write<encode.OpenWithAuthorizationParameters> = (client, parameters) =>
  write(client, parameters, encode.encodeOpenWithAuthorization(parameters), "opening a channel by authorization");

/** Adds to a deposit and withdraws a pending close. A token needs {@link approve} first. */
export const topUp: Write<encode.TopUpParameters> = (client, parameters) =>
  write(client, parameters, encode.encodeTopUp(parameters), "topping up a channel");

/** Pays the payee what a voucher adds to `settled`. Anyone may. */
export const settle: Write<encode.VoucherParameters> = (client, parameters) =>
  write(client, parameters, encode.encodeSettle(parameters), "settling a channel");

/** Settles many channels of one payee and token with one payout; skips what cannot be settled. */
export const settleBatch: Write<encode.BatchParameters> = (client, parameters) =>
  write(client, parameters, encode.encodeSettleBatch(parameters), "settling a batch");

/** The payee closes: paid up to the voucher, the remainder to the payer at once. */
export const close: Write<encode.VoucherParameters> = (client, parameters) =>
  write(client, parameters, encode.encodeClose(parameters), "closing a channel");

/** As {@link close}, by anyone who holds the payee's consent. */
export const closeWithAuthorization: Write<encode.CloseWithAuthorizationParameters> = (client, parameters) =>
  write(client, parameters, encode.encodeCloseWithAuthorization(parameters), "closing a channel by authorization");

/** The payee closes many channels of one token. */
export const closeBatch: Write<encode.BatchParameters> = (client, parameters) =>
  write(client, parameters, encode.encodeCloseBatch(parameters), "closing a batch");

/** The payer asks to leave; the grace period starts. */
export const requestClose: Write<{ channel: Channel }> = (client, parameters) =>
  write(client, parameters, encode.encodeRequestClose(parameters), "requesting a close");

/** As {@link requestClose}, by anyone who holds the payer's or signer's `CloseRequest`. */
export const requestCloseWithSignature: Write<{ channel: Channel; signature: Hex }> = (client, parameters) =>
  write(client, parameters, encode.encodeRequestCloseWithSignature(parameters), "requesting a close by signature");

/** Ends a channel whose grace period is over; the remainder goes to the payer. Anyone may. */
export const withdraw: Write<{ channel: Channel }> = (client, parameters) =>
  write(client, parameters, encode.encodeWithdraw(parameters), "withdrawing");

/** Pushes an account's credit to the account itself. Anyone may. */
export const withdrawCredit: Write<encode.CreditParameters> = (client, parameters) =>
  write(client, parameters, encode.encodeWithdrawCredit(parameters), "withdrawing a credit");

/** The client has no account, and none was given. */
export class NoAccountError extends FarthingError {
  override readonly name = "NoAccountError";
  constructor() {
    super("no-account", "There is no account to send from: give the client one, or pass `account`.");
  }
}

function senderOf(client: Client, account: Account | Address | undefined): Account {
  const chosen = account ?? client.account;
  if (!chosen) throw new NoAccountError();
  return parseAccount(chosen);
}

// Simulated first, so that nobody is asked to sign what would revert, and the reason is known.
async function write(client: Client, parameters: WriteParameters, call: encode.Call, doing: string): Promise<Hash> {
  const account = senderOf(client, parameters.account);
  try {
    await simulate(client, { account, ...call });
    return await sendTransaction(client, { account, chain: client.chain ?? null, ...call } as never);
  } catch (error) {
    throw chainFailure(error, doing);
  }
}
