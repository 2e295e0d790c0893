import { type Account, type Address, type Client, encodeFunctionData, erc20Abi, type Hash, type Hex } from "viem";
import { parseAccount } from "viem/accounts";
import { readContract, sendTransaction, call as simulate } from "viem/actions";
import { FarthingError } from "../protocol/errors.ts";
import { chainFailure, type DecodeRevert } from "./failure.ts";

/**
 * A call ready to be signed and broadcast by a wallet or by the sender. `value` is wei, `gas` a limit where an estimate would
 * mislead.
 */
export type Call = { to: Address; data: Hex; value: bigint; gas?: bigint };

/** Common to every write. */
export type WriteParameters = {
  /** The contract. */
  address: Address;
  /** Who sends; the client's account unless told. */
  account?: Account | Address | undefined;
};

/** A verb of a contract; resolves with the transaction's hash. */
export type Write<parameters> = (client: Client, parameters: WriteParameters & parameters) => Promise<Hash>;

/** Simulated first, so that nobody is asked to sign what would revert, and the reason is known. */
export async function write(
  client: Client,
  parameters: WriteParameters,
  call: Call,
  doing: string,
  decode?: DecodeRevert,
): Promise<Hash> {
  const account = senderOf(client, parameters.account);
  try {
    await simulate(client, { account, ...call });
    return await sendTransaction(client, { account, chain: client.chain ?? null, ...call } as never);
  } catch (error) {
    throw chainFailure(error, doing, decode);
  }
}

/**
 * Lets the contract take exactly `amount` of a token, never more: what verbs that take a token by allowance need first.
 * Resolves with undefined, and sends nothing, when the allowance is that amount already. A token that lets an allowance
 * change only from or to nothing needs an approval of 0 first.
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
