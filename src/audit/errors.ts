import type { Address } from "viem";
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
