import { type Address, type Hex, parseSignature, serializeCompactSignature, signatureToCompactSignature } from "viem";
import type { Channel } from "../../protocol/channel.ts";
import { FarthingError } from "../../protocol/errors.ts";

/** One channel of a batch; payee and token are the batch's. */
export type SettleRow = {
  payer: Address;
  salt: Hex;
  authorizedSigner: Address;
  /** Base units, cumulative. */
  cumulativeAmount: bigint;
  r: Hex;
  /** EIP-2098: `s` with the parity of `v` in its highest bit. */
  vs: Hex;
};

/**
 * A channel's newest voucher as a row of `settleBatch`, `closeBatch` or `previewSettle`. Without a signature the row is one
 * that `closeBatch` closes with nothing more to pay.
 * @throws {@link UnusableSignatureError} for anything but 64 or 65 bytes: batches take ECDSA alone.
 */
export function toSettleRow(
  channel: Channel,
  voucher: { cumulativeAmount: bigint; signature?: Hex | undefined },
): SettleRow {
  const { payer, salt, authorizedSigner } = channel;
  return { payer, salt, authorizedSigner, cumulativeAmount: voucher.cumulativeAmount, ...compact(voucher.signature) };
}

/** The signature cannot be a row of a batch. */
export class UnusableSignatureError extends FarthingError {
  override readonly name = "UnusableSignatureError";
  constructor(bytes: number) {
    super(
      "unusable-signature",
      `A batch takes ECDSA signatures of 64 or 65 bytes, not ${bytes}: use settle for this channel.`,
    );
  }
}

const zeroWord: Hex = `0x${"0".repeat(64)}`;

function compact(signature: Hex | undefined): { r: Hex; vs: Hex } {
  if (signature === undefined || signature === "0x") return { r: zeroWord, vs: zeroWord };
  const digits = signature.length - 2;
  if (digits === 130) {
    const compacted = serializeCompactSignature(signatureToCompactSignature(parseSignature(signature)));
    return split(compacted);
  }
  if (digits === 128) return split(signature);
  throw new UnusableSignatureError(digits / 2);
}

function split(signature: Hex): { r: Hex; vs: Hex } {
  return { r: signature.slice(0, 66) as Hex, vs: `0x${signature.slice(66)}` };
}
