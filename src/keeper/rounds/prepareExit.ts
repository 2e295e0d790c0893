import type { Address, Client } from "viem";
import { encodeRequestCloseWithSignature, encodeWithdraw } from "../../chain/channels/encode.ts";
import { encodeCloseChannel, encodeCollectAndClose, encodeRefund } from "../../chain/pool/encode.ts";
import type { Call } from "../../chain/write.ts";
import type { RoundAction, RoundChannel } from "./decide.ts";
import { type RoundPrepareContext, simulatePool } from "./prepare.ts";

/** What leads out of a round, one transaction a channel. Its data may carry signatures: never log it. */
export type RoundExit = Call & { readonly purpose: string };

/** The call of an exit; undefined where nothing signed is kept for it. */
function encodeRoundExit(
  { record, weighed, line }: RoundChannel,
  action: Exclude<RoundAction, "collect">,
  { escrow, pool }: { escrow: Address; pool: Address },
): RoundExit | undefined {
  const { channel, closeRequest: wish } = record;
  switch (action) {
    case "collectAndClose": {
      if (!weighed.item) return undefined;
      // The escrow says that a close is pending: then the donor's word is there already.
      const closeSignature = record.closeRequestedAt !== 0n ? "0x" : wish?.signature;
      if (closeSignature === undefined) return undefined;
      return { ...encodeCollectAndClose({ address: pool, item: weighed.item, closeSignature }), purpose: action };
    }
    case "requestClose": {
      if (!wish) return undefined;
      const call = encodeRequestCloseWithSignature({ address: escrow, channel, signature: wish.signature });
      return { ...call, purpose: "requestCloseWithSignature" };
    }
    case "withdraw":
      return { ...encodeWithdraw({ address: escrow, channel }), purpose: action };
    case "closeChannel":
      return { ...encodeCloseChannel({ address: pool, channel }), purpose: action };
    case "refund":
      return { ...encodeRefund({ address: pool, channel, attributedGifts: line }), purpose: action };
  }
}

/** Simulates an exit: ready to be sent, or why the contract refuses it. */
export async function prepareExit(
  channel: RoundChannel,
  action: Exclude<RoundAction, "collect">,
  context: {
    client: Client;
    escrow: Address;
    pool: Address;
    account: Address;
    refresh: RoundPrepareContext["refresh"];
  },
): Promise<{ channel: RoundChannel; exit: RoundExit } | { refusal: string }> {
  const exit = encodeRoundExit(channel, action, context);
  if (!exit) return { refusal: "nothing signed is kept for it" };
  const { to, data, value } = exit;
  const revert = await simulatePool(context.client, context.account, { to, data, value });
  if (!revert) return { channel, exit };
  // Both verbs that bring the line's list: somebody may have changed it above the confirmation depth.
  const fresh = revert.reason === "GiftsMismatch" ? await context.refresh(channel) : undefined;
  if (!fresh) return { refusal: revert.reason };
  return prepareExit(fresh, action, { ...context, refresh: async () => undefined });
}
