import type { Address, Client, Hex } from "viem";
import { readContract } from "viem/actions";
import { paymentChannelsAbi as abi } from "../../abi/paymentChannels.ts";
import type { Channel } from "../../protocol/channel.ts";
import { type At, at, read } from "../read.ts";
import type { SettleRow } from "./settleRow.ts";

/** What the escrow stores of a channel. Amounts in base units, `closeRequestedAt` in Unix seconds, 0 for none. */
export type ChannelState = { deposit: bigint; settled: bigint; closeRequestedAt: bigint; finalized: boolean };

/** What a row of a batch would do on its own. `reason` is an error's selector, `0x00000000` when it would be paid. */
export type SettlePreview = { channelId: Hex; increase: bigint; reason: Hex };

/** One channel's state; a deposit of 0 for an id never opened. */
export function getChannel(client: Client, parameters: At & { channelId: Hex }): Promise<ChannelState> {
  return read("reading a channel", () =>
    readContract(client, { abi, functionName: "getChannel", args: [parameters.channelId], ...at(parameters) }),
  );
}

/** Many channels' states in one call, in the order asked. */
export function getChannels(
  client: Client,
  parameters: At & { channelIds: readonly Hex[] },
): Promise<readonly ChannelState[]> {
  return read("reading channels", () =>
    readContract(client, { abi, functionName: "getChannels", args: [parameters.channelIds], ...at(parameters) }),
  );
}

/** A channel's id as the escrow itself computes it. */
export function computeChannelId(client: Client, parameters: At & { channel: Channel }): Promise<Hex> {
  return read("computing a channel id", () =>
    readContract(client, { abi, functionName: "computeChannelId", args: [parameters.channel], ...at(parameters) }),
  );
}

/** What reverted payouts have left for an account, base units of `token`. */
export function credit(client: Client, parameters: At & { token: Address; owner: Address }): Promise<bigint> {
  return read("reading a credit", () =>
    readContract(client, {
      abi,
      functionName: "credit",
      args: [parameters.token, parameters.owner],
      ...at(parameters),
    }),
  );
}

/** Seconds between a close request and `withdraw`. */
export function closeGracePeriod(client: Client, parameters: At): Promise<bigint> {
  return read("reading the grace period", () =>
    readContract(client, { abi, functionName: "closeGracePeriod", ...at(parameters) }),
  );
}

/** The digest that a voucher's signer signs, as the escrow computes it. */
export function voucherDigest(
  client: Client,
  parameters: At & { channelId: Hex; cumulativeAmount: bigint },
): Promise<Hex> {
  const args = [parameters.channelId, parameters.cumulativeAmount] as const;
  return read("reading a voucher digest", () =>
    readContract(client, { abi, functionName: "voucherDigest", args, ...at(parameters) }),
  );
}

/** What `settleBatch` would do with each row if it came alone. */
export function previewSettle(
  client: Client,
  parameters: At & { payee: Address; token: Address; rows: readonly SettleRow[] },
): Promise<readonly SettlePreview[]> {
  const args = [parameters.payee, parameters.token, parameters.rows] as const;
  return read("previewing a settlement", () =>
    readContract(client, { abi, functionName: "previewSettle", args, ...at(parameters) }),
  );
}
