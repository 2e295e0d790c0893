import { type Address, type Client, getAbiItem } from "viem";
import { getBlockNumber, getLogs } from "viem/actions";
import { paymentChannelsAbi as abi } from "../abi/paymentChannels.ts";
import { getChannel } from "../chain/channels/reads.ts";
import { chainFailure } from "../chain/failure.ts";
import { eachSpan } from "../chain/observer/logs.ts";
import { type Channel, canonicalChannel, channelId, channelSigner, type Escrow } from "../protocol/channel.ts";
import type { PayerRecord } from "../store/payerStore.ts";
import type { PayerContext } from "./context.ts";
import { dayOf } from "./policy.ts";

/**
 * Writes down the payer's live channels that the chain knows and the store does not, as far as this signer signs for them.
 * @returns The records that are new. Their marks are what was settled: adopt what was signed beyond it on another device.
 */
export async function discover(context: PayerContext, of: Omit<OpenedChannels, "payer">): Promise<PayerRecord[]> {
  const { client, escrow, store, address: payer } = context;
  const found: PayerRecord[] = [];
  for (const channel of await openedChannels(client, escrow, { ...of, payer })) {
    const id = channelId(channel, escrow);
    if (channelSigner(channel) !== context.signer.address.toLowerCase() || (await store.get(id))) continue;
    const { deposit, settled, closeRequestedAt, finalized } = await getChannel(client, {
      address: escrow.address,
      channelId: id,
    });
    if (finalized || deposit === 0n) continue;
    const status = closeRequestedAt > 0n ? "closing" : "open";
    const spentToday = { day: dayOf(context.clock()), amount: 0n };
    const record: PayerRecord = { id, escrow, channel, deposit, authorized: settled, status, spentToday };
    await store.update(id, (known) => known ?? record);
    found.push(record);
  }
  return found;
}

/** Whose channels to look for, and where. */
export type OpenedChannels = {
  payer: Address;
  payee: Address;
  token: Address;
  /** The first block that may have one: 0 unless told. */
  fromBlock?: bigint | undefined;
  /** Most blocks asked for at once: all unless told; halved whenever a provider refuses. */
  chunk?: bigint | undefined;
};

/** The channels that a payer ever opened to a payee in a token, by the escrow's events, oldest first; closed ones too. */
export async function openedChannels(client: Client, escrow: Escrow, of: OpenedChannels): Promise<Channel[]> {
  const { payer, payee, token, fromBlock = 0n } = of;
  const { address } = escrow;
  const found = new Map<string, Channel>();
  const head = await getBlockNumber(client, { cacheTime: 0 }).catch((error: unknown) => {
    throw chainFailure(error, "looking for own channels");
  });
  await eachSpan({ from: fromBlock, to: head }, of.chunk ?? head + 1n, async ({ from, to }) => {
    const args = { payer, payee };
    const logs = await getLogs(client, { address, event, args, strict: true, fromBlock: from, toBlock: to });
    for (const log of logs) {
      const { salt, authorizedSigner } = log.args;
      const channel = canonicalChannel({ payer, payee, token: log.args.token, salt, authorizedSigner });
      // The id binds every field: an event that a provider made up for another channel is none of ours.
      const isOwn = !log.removed && log.args.channelId === channelId(channel, escrow);
      if (isOwn && channel.token === token.toLowerCase()) found.set(log.args.channelId, channel);
    }
  });
  return [...found.values()];
}

const event = getAbiItem({ abi, name: "ChannelOpened" });
