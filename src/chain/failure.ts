import { BaseError, UserRejectedRequestError, ChainMismatchError as ViemChainMismatchError } from "viem";
import { FarthingError } from "../protocol/errors.ts";
import { decodeChannelError } from "./channels/decodeError.ts";

/**
 * What any failed call to a node or a wallet means, as an error of this library. Errors of viem carry the request, and a
 * request may carry vouchers, so none of them is kept as a cause: only the node's own words, with long hexadecimal cut.
 * @param decode Names the reason of the contract that was called; the escrow's unless told.
 */
export function chainFailure(error: unknown, doing: string, decode: DecodeRevert = decodeChannelError): FarthingError {
  if (error instanceof FarthingError) return error;
  const revert = decode(error);
  if (revert) return revert;
  if (error instanceof BaseError) {
    if (error.walk((cause) => cause instanceof UserRejectedRequestError)) return new WalletRefusedError(doing);
    const mismatch = error.walk((cause) => cause instanceof ViemChainMismatchError);
    if (mismatch) return new ChainUnavailableError(doing, reasonOf(mismatch));
  }
  return new ChainUnavailableError(doing, reasonOf(error));
}

/** Names the reason of a contract that reverted; undefined for any other failure. */
export type DecodeRevert = (error: unknown) => FarthingError | undefined;

/** A node's own words for why it failed, without request, and without anything long enough to be a signature. */
export function reasonOf(error: unknown): string {
  const words =
    error instanceof BaseError ? error.details || error.shortMessage : String((error as Error)?.message ?? error);
  return words
    .replace(/(0x)?[0-9a-fA-F]{65,}/g, "0x…")
    .split("\n")[0]
    ?.slice(0, 200) as string;
}

/** The node cannot be reached, or refused a call that it should answer. */
export class ChainUnavailableError extends FarthingError {
  override readonly name = "ChainUnavailableError";
  constructor(doing: string, reason: string) {
    super(
      "chain-unavailable",
      `The chain did not answer while ${doing}: ${reason}. Check the RPC endpoint; nothing was decided.`,
    );
  }
}

/** The node serves another chain than the one that was asked for. */
export class WrongChainError extends FarthingError {
  override readonly name = "WrongChainError";
  constructor(expected: number, actual: number) {
    super("wrong-chain", `The RPC endpoint serves chain ${actual}, not ${expected}. Point it at chain ${expected}.`);
  }
}

/** The person at the wallet said no. */
export class WalletRefusedError extends FarthingError {
  override readonly name = "WalletRefusedError";
  constructor(doing: string) {
    super("wallet-refused", `The wallet refused while ${doing}. Nothing was sent; ask again when ready.`);
  }
}
