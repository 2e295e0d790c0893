import type { Channel } from "../../protocol/channel.ts";
import { type Call, type Write, type WriteParameters, write } from "../write.ts";
import { decodePoolError } from "./decodeError.ts";
import * as encode from "./encode.ts";

/** Collects what a channel's newest allocation adds. Anyone may. */
export const collect: Write<encode.CollectItem> = verb(encode.encodeCollect, "collecting a channel");

/** Collects many channels; skips what can not be collected. */
export const collectBatch: Write<{ items: readonly encode.CollectItem[] }> = verb(
  encode.encodeCollectBatch,
  "collecting a batch",
);

/** The round's closer collects and closes a channel whose donor asked to leave. */
export const collectAndClose: Write<encode.CollectAndCloseParameters> = verb(
  encode.encodeCollectAndClose,
  "collecting and closing a channel",
);

/** Closes a channel to the pool when nothing more can be collected. Anyone may, from `end` on or while refunding. */
export const closeChannel: Write<{ channel: Channel }> = verb(encode.encodeCloseChannel, "closing a channel to a pool");

/** Gives at once from the sender's wallet. The token needs `approve` of the gifts' sum first. */
export const donate: Write<encode.DonateParameters> = verb(encode.encodeDonate, "donating");

/** As {@link donate}, for whoever signed the token's EIP-3009 authorization. */
export const donateWithAuthorization: Write<encode.DonateWithAuthorizationParameters> = verb(
  encode.encodeDonateWithAuthorization,
  "donating by authorization",
);

/** Adds to the pot. The token needs `approve` first. */
export const sponsor: Write<{ /** Base units. */ deposit: bigint }> = verb(encode.encodeSponsor, "sponsoring");

/** Settles a round by the pair of `findPair`. Anyone may. */
export const settleRound: Write<encode.SettleRoundParameters> = verb(encode.encodeSettleRound, "settling a round");

/** Switches a round that nobody settled in time to refunds. Anyone may. */
export const switchToRefunds: Write<object> = verb(encode.encodeSwitchToRefunds, "switching a round to refunds");

/** Pays a project what it is due, to the address that the registry holds. Anyone may. */
export const claim: Write<{ projectId: bigint }> = verb(encode.encodeClaim, "claiming for a project");

/** Pays a donor back what of a channel is the donor's. */
export const refund: Write<encode.RefundParameters> = verb(encode.encodeRefund, "refunding a donor");

/** As {@link refund}, for a donation without a channel. */
export const refundDonation: Write<encode.RefundDonationParameters> = verb(
  encode.encodeRefundDonation,
  "refunding a donation",
);

/** Pays a sponsor what of its deposit is unused. Anyone may. */
export const refundSponsor: Write<{ /** The receipt's. */ index: bigint }> = verb(
  encode.encodeRefundSponsor,
  "refunding a sponsor",
);

function verb<parameters>(
  encodeCall: (parameters: WriteParameters & NoInfer<parameters>) => Call,
  doing: string,
): Write<parameters> {
  return (client, parameters) => write(client, parameters, encodeCall(parameters), doing, decodePoolError);
}
