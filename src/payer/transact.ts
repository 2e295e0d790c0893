import type { Account, Hash } from "viem";
import { getChainId } from "viem/actions";
import { chainFailure, WrongChainError } from "../chain/failure.ts";
import { mined } from "../chain/mined.ts";
import { FarthingError } from "../protocol/errors.ts";
import type { PayerContext } from "./context.ts";

/**
 * Sends a transaction from the payer's wallet and waits until it is mined.
 * @param doing For the error, as `opening a channel`.
 * @throws {@link NoWalletError}, {@link TransactionRevertedError}, and `WrongChainError`, `ChannelRevertError`,
 * `WalletRefusedError`, `ChainUnavailableError` of the chain.
 */
export async function transact(context: PayerContext, doing: string, send: () => Promise<Hash>): Promise<Hash> {
  walletOf(context);
  await assertChain(context);
  return mined(context.client, await send(), doing);
}

/** The account that sends the payer's transactions. */
export function walletOf(context: PayerContext): Account {
  if (!context.client.account) throw new NoWalletError();
  return context.client.account;
}

/** @throws `WrongChainError` when the client speaks to another chain than the escrow's. */
export async function assertChain({ client, escrow }: PayerContext): Promise<void> {
  const chainId = await getChainId(client).catch((error: unknown) => {
    throw chainFailure(error, "asking for the chain's id");
  });
  if (chainId !== escrow.chainId) throw new WrongChainError(escrow.chainId, chainId);
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
