import { type Hex, recoverAddress } from "viem";
import { allocationDigest, checkAllocation, InvalidAllocationError, type Pool } from "../protocol/allocation.ts";
import { type Channel, channelSigner, type Escrow } from "../protocol/channel.ts";
import { gateDataHash } from "../protocol/donation.ts";
import { isPlainSignature } from "../protocol/signature.ts";
import { voucherDigest } from "../protocol/voucher.ts";
import type { HeldAllocation } from "../protocol/wire/allocation.ts";

/** Whether the channel's own signer signed both halves of a pair, and the pair is one that a pool takes. */
export async function isOwnPair(
  { cumulativeAmount, voucherSignature, allocation }: HeldAllocation,
  { id: channelId, channel, escrow }: { id: Hex; channel: Channel; escrow: Escrow },
  pool: Pool,
): Promise<boolean> {
  const message = {
    channelId,
    cumulativeAmount,
    gateDataHash: gateDataHash(allocation.gateData),
    gifts: allocation.gifts,
  };
  try {
    checkAllocation(message);
  } catch (error) {
    if (error instanceof InvalidAllocationError) return false;
    throw error;
  }
  const signer = channelSigner(channel);
  return (
    (await recover(voucherDigest(message, escrow), voucherSignature)) === signer &&
    (await recover(allocationDigest(message, pool), allocation.signature)) === signer
  );
}

async function recover(hash: Hex, signature: Hex): Promise<string | undefined> {
  if (!isPlainSignature(signature)) return undefined;
  try {
    return (await recoverAddress({ hash, signature })).toLowerCase();
  } catch {
    // It recovers to nobody; the library's words would carry the signature.
    return undefined;
  }
}
