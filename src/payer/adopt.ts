import type { Hex } from "viem";
import { channelSigner } from "../protocol/channel.ts";
import { FarthingError } from "../protocol/errors.ts";
import { InvalidSignatureError, recoverVoucher, type SignedVoucher } from "../protocol/voucher.ts";
import type { PayerRecord } from "../store/payerStore.ts";
import type { PayerContext } from "./context.ts";

/**
 * Takes over a mark that the channel's own signer signed on another device. The signature proves it, so no cap is asked and
 * nothing counts for the day: the money was given away there.
 * @param evidence What to keep with it instead of what is kept; the kept stays where it gives none.
 * @returns The own mark, which a lower voucher does not lower.
 * @throws {@link ForeignVoucherError} for a voucher of anybody else or of another channel.
 */
export async function adopt(
  context: PayerContext,
  record: Pick<PayerRecord, "id" | "channel" | "escrow">,
  voucher: SignedVoucher,
  evidence: (kept: string | undefined) => string | undefined = () => undefined,
): Promise<bigint> {
  const { id } = record;
  if (voucher.channelId.toLowerCase() !== id || (await signerOf(voucher, record)) !== channelSigner(record.channel)) {
    throw new ForeignVoucherError(id);
  }
  const { cumulativeAmount: authorized, signature } = voucher;
  const kept = await context.store.update(id, (before) => {
    if (!before) return undefined;
    const replaced = evidence(before.evidence);
    const after = replaced === undefined ? before : { ...before, evidence: replaced };
    const isNewest = authorized > before.authorized || (authorized === before.authorized && !before.signature);
    if (!isNewest) return after;
    const { ticks: _retired, ...rest } = after;
    return { ...rest, authorized, signature };
  });
  if (!kept) throw new ForeignVoucherError(id);
  return kept.authorized;
}

async function signerOf(voucher: SignedVoucher, { escrow }: Pick<PayerRecord, "escrow">): Promise<string | undefined> {
  try {
    return await recoverVoucher(voucher, escrow);
  } catch (error) {
    if (error instanceof InvalidSignatureError) return undefined;
    throw error;
  }
}

/** A voucher that the channel's own signer did not sign. Nothing was taken over. */
export class ForeignVoucherError extends FarthingError {
  override readonly name = "ForeignVoucherError";
  constructor(id: Hex) {
    super(
      "foreign-voucher",
      `The voucher was not signed for channel ${id} by its own signer: whoever showed it is mistaken or lies.`,
    );
  }
}
