import type { Address, Client } from "viem";
import * as reads from "./reads.ts";
import * as writes from "./writes.ts";

type Bound<action> = action extends (client: Client, parameters: infer parameters) => infer result
  ? Record<string, never> extends Omit<parameters, "address">
    ? (parameters?: Omit<parameters, "address">) => result
    : (parameters: Omit<parameters, "address">) => result
  : never;

/** Every verb of the escrow with its address filled in. */
export type ChannelActions = { [name in keyof typeof actions]: Bound<(typeof actions)[name]> };

/**
 * The escrow's verbs as client methods.
 * @example
 * const client = createWalletClient({ account, chain, transport }).extend(channelActions({ address }));
 * const { deposit } = await client.getChannel({ channelId }); // base units of the channel's token
 */
export function channelActions({ address }: { address: Address }): (client: Client) => ChannelActions {
  return (client) =>
    Object.fromEntries(
      Object.entries(actions).map(([name, action]) => [
        name,
        (parameters: object = {}) => (action as AnyAction)(client, { ...parameters, address }),
      ]),
    ) as ChannelActions;
}

type AnyAction = (client: Client, parameters: object) => unknown;

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
  topUp: writes.topUp,
  settle: writes.settle,
  settleBatch: writes.settleBatch,
  close: writes.close,
  closeWithAuthorization: writes.closeWithAuthorization,
  closeBatch: writes.closeBatch,
  requestClose: writes.requestClose,
  requestCloseWithSignature: writes.requestCloseWithSignature,
  withdraw: writes.withdraw,
  withdrawCredit: writes.withdrawCredit,
};
