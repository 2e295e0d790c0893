import type { Address, BaseError } from "viem";
import { FarthingError } from "../protocol/errors.ts";

/** An audit could not be made: nothing is said about the books. `cause` is the provider's error, if it was one. */
export class AuditError extends FarthingError {
  override readonly name = "AuditError";
}

/** There is no escrow at that address on that chain. */
export function notAnEscrow(address: Address, chainId: number, block: bigint): AuditError {
  return new AuditError(
    "not-an-escrow",
    `There is no escrow at ${address} on chain ${chainId} at block ${block}: check the address, the chain and the block.`,
  );
}

/** The provider failed at something other than logs. */
export function providerFailed(cause: BaseError): AuditError {
  const [reason] = cause.shortMessage.split("\n");
  return new AuditError(
    "provider-failed",
    `The RPC provider did not answer: ${reason} Check that it is up and keeps state as old as the audited block.`,
    { cause },
  );
}
