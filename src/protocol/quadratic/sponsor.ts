import { FarthingError } from "../errors.ts";

/** One sponsor's payment into a round's pot, base units. */
export type SponsorReceipt = {
  /** What the pot held before it. */
  prefix: bigint;
  deposit: bigint;
};

/**
 * A receipt's part of what the round left unused, `floor(U*(prefix+d)/M) - floor(U*prefix/M)`, base units: all receipts
 * together get `unused` to the unit, in whatever order they come; a round that refunds has `unused = pot`.
 * @throws {@link ReceiptOutsidePotError}
 */
export function sponsorRefund({ prefix, deposit }: SponsorReceipt, unused: bigint, pot: bigint): bigint {
  if (prefix < 0n || deposit <= 0n || prefix + deposit > pot || unused < 0n || unused > pot) {
    throw new ReceiptOutsidePotError();
  }
  return (unused * (prefix + deposit)) / pot - (unused * prefix) / pot;
}

/** A receipt, or the unused part, does not fit into the pot. */
export class ReceiptOutsidePotError extends FarthingError {
  override readonly name = "ReceiptOutsidePotError";
  constructor() {
    super(
      "receipt-outside-pot",
      "The receipt or the unused part does not fit into the pot: read all of them from one block of the round.",
    );
  }
}
