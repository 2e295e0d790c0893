import type { PayerChannel } from "../payer/channel.ts";
import type { Opening } from "../payer/opening.ts";
import type { AllocationPayload, Challenge, Credential, SignedVoucher, Source } from "../protocol/index.ts";

/** What was signed for one idempotency key: asked again, the same key costs nothing new. */
export type Order = { channel: PayerChannel; voucher: SignedVoucher; price: bigint; opening?: Opening };

/** What an order shows of itself; on a channel to a donation pool, with where the money goes. */
export type Shown = Omit<Order, "channel" | "price"> & {
  channel: Pick<PayerChannel, "channel">;
  allocation?: AllocationPayload;
};

/** The credential that answers a challenge with an order: an `open` where the server does not know the channel yet. */
export function credentialOf(challenge: Challenge, order: Shown, source: Source): Credential {
  const { channel, voucher, opening, allocation } = order;
  const { channelId, cumulativeAmount, signature } = voucher;
  const paid = { channelId, cumulativeAmount, ...(allocation ? { allocation } : {}) };
  if (!opening) return { challenge, payload: { action: "voucher", ...paid, signature } };
  const { salt, authorizedSigner } = channel.channel;
  const common = { action: "open", ...paid, salt, authorizedSigner } as const;
  if (opening.type === "hash") return { challenge, source, payload: { ...common, ...opening, signature } };
  return { challenge, payload: { ...common, ...opening, voucherSignature: signature } };
}
