import type { PayerChannel } from "../payer/channel.ts";
import type { Challenge, Credential, SignedVoucher, Source } from "../protocol/index.ts";
import type { Opening } from "./lane.ts";

/** What was signed for one idempotency key: asked again, the same key costs nothing new. */
export type Order = { channel: PayerChannel; voucher: SignedVoucher; price: bigint; opening?: Opening };

/** The credential that answers a challenge with an order: an `open` where the server does not know the channel yet. */
export function credentialOf(challenge: Challenge, order: Order, source: Source): Credential {
  const { channel, voucher, opening } = order;
  const { channelId, cumulativeAmount, signature } = voucher;
  if (!opening) return { challenge, payload: { action: "voucher", channelId, cumulativeAmount, signature } };
  const { salt, authorizedSigner } = channel.channel;
  const common = { action: "open", channelId, cumulativeAmount, salt, authorizedSigner } as const;
  if (opening.type === "hash") return { challenge, source, payload: { ...common, ...opening, signature } };
  return { challenge, payload: { ...common, ...opening, voucherSignature: signature } };
}
