import { type Address, type Hex, recoverAddress } from "viem";
import { hexToBytes } from "./bytes.ts";
import { type Escrow, maxAmount } from "./channel.ts";
import { FarthingError } from "./errors.ts";
import { isPlainSignature } from "./signature.ts";
import type { Signer } from "./signer.ts";
import { escrowSeparator, messageDigest, signMessage, typeHashOf, word } from "./typedData.ts";

/** The payer's promise: on this channel, up to this cumulative amount. */
export type Voucher = {
  channelId: Hex;
  /** Base units of the channel's token whatever its decimals, cumulative, at most 2^128 - 1. */
  cumulativeAmount: bigint;
};

export type SignedVoucher = Voucher & {
  /** 65 bytes: `r`, `s`, `v`. It is money until settled: never log it. */
  signature: Hex;
};

/**
 * The EIP-712 digest of a voucher, laid by hand over a cached domain separator: what {@link signVoucher} signs and
 * `Verifier.recover` recovers from. Equal to viem's `hashTypedData` and the escrow's `voucherDigest`.
 */
export function voucherDigest(voucher: Voucher, escrow: Escrow): Hex {
  return messageDigest("Voucher", [voucher.channelId, word(voucher.cumulativeAmount)], escrow);
}

/**
 * {@link voucherDigest} of many vouchers of one escrow, over bytes: no text is made and nothing but the digest is allocated.
 * @param keccak256 The hash to use; undefined comes back for what is no channel id or no amount.
 */
export function voucherHasher(
  escrow: Escrow,
  keccak256: (bytes: Uint8Array) => Uint8Array,
): (voucher: Voucher) => Uint8Array | undefined {
  const struct = new Uint8Array(96);
  const amount = new DataView(struct.buffer, 64);
  const message = new Uint8Array(66);
  hexToBytes(typeHashOf("Voucher"), struct);
  message.set([0x19, 0x01]);
  hexToBytes(escrowSeparator(escrow), message, 2);
  return ({ channelId, cumulativeAmount }) => {
    if (channelId.length !== 66 || cumulativeAmount < 0n || cumulativeAmount > maxAmount) return undefined;
    if (!hexToBytes(channelId, struct, 32)) return undefined;
    amount.setBigUint64(16, cumulativeAmount >> 64n);
    amount.setBigUint64(24, cumulativeAmount);
    message.set(keccak256(struct), 34);
    return keccak256(message);
  };
}

/** Signs a voucher. */
export async function signVoucher(signer: Signer, voucher: Voucher, escrow: Escrow): Promise<SignedVoucher> {
  const { channelId, cumulativeAmount } = voucher;
  const message = { channelId, cumulativeAmount };
  return {
    ...message,
    signature: await signMessage(signer, "Voucher", message, voucherDigest(voucher, escrow), escrow),
  };
}

/**
 * Who signed a voucher, lower case. For clients and tools; a payee uses a `Verifier`, which is faster and never throws.
 * @throws {@link InvalidSignatureError} unless the signature is 65 bytes, low-s, `v` 27 or 28, and recovers to an address.
 */
export async function recoverVoucher(voucher: SignedVoucher, escrow: Escrow): Promise<Address> {
  const { signature } = voucher;
  if (!isPlainSignature(signature)) throw new InvalidSignatureError();
  try {
    const signer = await recoverAddress({ hash: voucherDigest(voucher, escrow), signature });
    return signer.toLowerCase() as Address;
  } catch {
    // The cause would carry the signature, which is money: it stays here.
    throw new InvalidSignatureError();
  }
}

/** A signature is malformed or recovers to nobody. */
export class InvalidSignatureError extends FarthingError {
  override readonly name = "InvalidSignatureError";
  constructor() {
    super(
      "invalid-signature",
      "The signature is not a valid one: give 65 bytes (r, s, v) with a low s and v of 27 or 28, over this very message.",
    );
  }
}
