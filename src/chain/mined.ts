import type { Client, Hash } from "viem";
import { waitForTransactionReceipt } from "viem/actions";
import { FarthingError } from "../protocol/errors.ts";
import { chainFailure } from "./failure.ts";

/**
 * Waits until a transaction is mined, and gives its hash again.
 * @param doing For the error, as `opening a channel`.
 * @throws {@link TransactionRevertedError}, `ChainUnavailableError`
 */
export async function mined(client: Client, hash: Hash, doing: string): Promise<Hash> {
  try {
    const receipt = await waitForTransactionReceipt(client, { hash });
    if (receipt.status !== "success") throw new TransactionRevertedError(doing, hash);
  } catch (error) {
    throw chainFailure(error, doing);
  }
  return hash;
}

/** A transaction was mined and reverted. */
export class TransactionRevertedError extends FarthingError {
  override readonly name = "TransactionRevertedError";
  readonly hash: Hash;
  constructor(doing: string, hash: Hash) {
    super(
      "transaction-reverted",
      `The transaction for ${doing} was mined and reverted (${hash}). Nothing was moved; try again.`,
    );
    this.hash = hash;
  }
}
