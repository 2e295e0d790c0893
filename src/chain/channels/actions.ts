import type { Address, Client } from "viem";
import { type BoundActions, bindActions } from "../bind.ts";
import * as reads from "./reads.ts";
import * as writes from "./writes.ts";

/** Every verb of the escrow with its address filled in. */
export type ChannelActions = BoundActions<typeof actions>;

/**
 * The escrow's verbs as client methods.
 * @example
 * const client = createWalletClient({ account, chain, transport }).extend(channelActions({ address }));
 * const { deposit } = await client.getChannel({ channelId }); // base units of the channel's token
 */
export function channelActions({ address }: { address: Address }): (client: Client) => ChannelActions {
  return bindActions(actions, address);
}

const actions = {
  getChannel: reads.getChannel,
  getChannels: reads.getChannels,
  computeChannelId: reads.computeChannelId,
  credit: reads.credit,
  closeGracePeriod: reads.closeGracePeriod,
  voucherDigest: reads.voucherDigest,
  previewSettle: reads.previewSettle,
  approve: writes.approve,
  open: writes.open,
  openWithAuthorization: writes.openWithAuthorization,
  openWithPermit2: writes.openWithPermit2,
  topUp: writes.topUp,
  topUpWithAuthorization: writes.topUpWithAuthorization,
  topUpWithPermit2: writes.topUpWithPermit2,
  settle: writes.settle,
  settleTicks: writes.settleTicks,
  settleBatch: writes.settleBatch,
  close: writes.close,
  closeWithAuthorization: writes.closeWithAuthorization,
  closeBatch: writes.closeBatch,
  requestClose: writes.requestClose,
  requestCloseWithSignature: writes.requestCloseWithSignature,
  withdraw: writes.withdraw,
  withdrawCredit: writes.withdrawCredit,
};
