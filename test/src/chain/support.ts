import { createClient, type LocalAccount, type Transport } from "viem";
import { channelActions } from "../../../src/chain/channels/actions.ts";
import { type Channel, channelId, nativeCoin } from "../../../src/protocol/channel.ts";
import type { ChannelRecord } from "../../../src/store/record.ts";
import type { ChannelStore } from "../../../src/store/store.ts";
import type { TestChain } from "../../support/chain.ts";

let salts = 0n;

/** A channel descriptor with a salt of its own. */
export function describeChannel(fields: Partial<Channel> & Pick<Channel, "payer" | "payee">): Channel {
  salts += 1n;
  const salt = `0x${salts.toString(16).padStart(64, "0")}` as const;
  return { token: nativeCoin, salt, authorizedSigner: nativeCoin, ...fields };
}

/** A wallet with the escrow's verbs. */
export function escrowWallet(chain: TestChain, account: LocalAccount) {
  return chain.wallet(account as never).extend(channelActions({ address: chain.escrow.address }));
}

/** Opens a channel of the native coin, mined at once. */
export async function openChannel(chain: TestChain, payer: LocalAccount, payee: Channel["payee"], deposit = 1_000n) {
  const channel = describeChannel({ payer: payer.address, payee });
  await escrowWallet(chain, payer).open({ ...channel, deposit });
  return { channel, id: channelId(channel, chain.escrow) };
}

/** A client of the test chain over another transport. */
export function clientOver(chain: TestChain, transport: Transport) {
  return createClient({ chain: chain.chain, transport, cacheTime: 0, pollingInterval: 20 });
}

/** Puts a record as a payee would, with what it believes of the chain. */
export async function putRecord(
  store: ChannelStore,
  chain: TestChain,
  channel: Channel,
  fields: Partial<ChannelRecord> = {},
): Promise<ChannelRecord> {
  const id = channelId(channel, chain.escrow);
  const record: ChannelRecord = {
    id,
    escrow: chain.escrow,
    channel,
    deposit: 1_000n,
    settled: 0n,
    closeRequestedAt: 0n,
    finalized: false,
    block: { number: 0n, hash: `0x${"00".repeat(32)}` },
    authorized: 0n,
    spent: 0n,
    charges: [],
    ...fields,
  };
  return (await store.update(id, () => record)) as ChannelRecord;
}

/** Mines blocks one by one, the first of them `later` seconds on: another chain than the one that was reverted. */
export async function mineBlocks(chain: TestChain, count: number, later = 1) {
  await chain.increaseTime(later);
  for (let mined = 1; mined < count; mined += 1) await chain.client.mine({ blocks: 1 });
}

/** Looks until it is so; gives up after some thousand looks, so that a broken test ends. */
export async function until(condition: () => boolean | Promise<boolean>) {
  for (let looks = 0; looks < 2_000; looks += 1) {
    if (await condition()) return;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  throw new Error(`it never came to be that ${condition}`);
}

/** The error that a promise rejects with. */
export async function failure(promise: Promise<unknown>): Promise<Error> {
  const outcome = await promise.then(
    () => undefined,
    (error: unknown) => error,
  );
  if (!(outcome instanceof Error)) throw new Error("it should have failed");
  return outcome;
}
