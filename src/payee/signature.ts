import type { Address, Hex } from "viem";
import { hexToBytes } from "../protocol/bytes.ts";
import { isPlainSignature } from "../protocol/signature.ts";
import { type SignedVoucher, voucherDigest } from "../protocol/voucher.ts";
import type { Context } from "./context.ts";
import { refusal } from "./refusal.ts";
import type { Refusal } from "./types.ts";

/** Whether this may be a signature at all, before anything is spent on it: undefined, or the refusal. */
export function signatureShapeFault(context: Context, signature: unknown): Refusal | undefined {
  if (isPlainSignature(signature)) return undefined;
  if (typeof signature === "string" && signature.toLowerCase().endsWith(erc6492Suffix) && signature.length <= longest) {
    return refusal(
      "invalid-signature",
      "Signatures of wallets that are not deployed yet (ERC-6492) are not accepted: deploy the wallet, or name an authorizedSigner.",
    );
  }
  if (!context.terms.acceptContractSigners) return notPlain;
  const isBytes =
    typeof signature === "string" && signature.length <= longest && /^0x(?:[0-9a-fA-F]{2})+$/.test(signature);
  return isBytes ? undefined : notPlain;
}

/**
 * Whether one of `signers` signed: recovery first, a contract's own word (ERC-1271) second, as the escrow does, so that a signer
 * that gains code later cannot revoke. Undefined, or the refusal.
 */
export async function signatureFault(
  context: Context,
  query: { signers: readonly Address[]; digest: Hex; signature: Hex },
): Promise<Refusal | undefined> {
  const { signers, digest, signature } = query;
  const plain = isPlainSignature(signature);
  const recovered = plain ? (await context.verifier.recover(digest, signature))?.toLowerCase() : undefined;
  if (recovered !== undefined && signers.includes(recovered as Address)) return undefined;
  if (context.terms.acceptContractSigners && context.isValidSignature) {
    for (const signer of signers) {
      if (await context.isValidSignature({ signer, digest, signature })) return undefined;
    }
    return refusal("signer-mismatch", "Neither the channel's signer nor its contract stands by this signature.");
  }
  return recovered === undefined ? notValid : signerMismatch;
}

/**
 * Whether a voucher is the signer's: over bytes, and without a promise where the verifier works in this thread. It is always the key
 * that is recovered and compared: checking against a known one would be a fifth faster and take a `v` that the escrow refuses.
 */
export function voucherFault(
  context: Context,
  signer: Address,
  voucher: SignedVoucher,
): Refusal | undefined | Promise<Refusal | undefined> {
  const { verifier, hashVoucher, terms, escrow } = context;
  const { signature } = voucher;
  const rsv = signature.length === plainLength ? hexToBytes(signature, scratch) : undefined;
  const digest = hashVoucher?.(voucher);
  if (!verifier.curve || !rsv || !digest || terms.acceptContractSigners)
    return signatureFault(context, { signers: [signer], digest: voucherDigest(voucher, escrow), signature });
  const { curve } = verifier;
  const judge = (key: Uint8Array | undefined) => {
    if (!key) return notValid;
    return context.keys.isOf(key, signer, curve) ? undefined : signerMismatch;
  };
  const recovering = curve.recoverKey(digest, rsv);
  return recovering instanceof Promise ? recovering.then(judge) : judge(recovering);
}

/** 65 bytes in hexadecimal, and where they are read to: nothing is awaited between reading them and handing them on. */
const plainLength = 132;
const scratch = new Uint8Array(65);

/** 4 KiB in hexadecimal: more than any wallet's proof, less than a nuisance. */
const longest = 2 + 2 * 4096;

/** Source: ERC-6492, "magicBytes". */
const erc6492Suffix = "6492".repeat(16);

const notPlain = refusal(
  "malformed",
  "The signature is malformed: give 65 bytes (r, s, v) in hexadecimal, with a low s and v of 27 or 28.",
);

const notValid = refusal("invalid-signature", "The signature recovers to no account. Sign this very message again.");

const signerMismatch = refusal(
  "signer-mismatch",
  "This is not the channel's signer's signature over this message. Check the key, the channel, the chain and the escrow; " +
    "contract wallets are not accepted as signers here, so give them an authorizedSigner key.",
);
