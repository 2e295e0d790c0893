// What a member locks, in each way of locking: by a transaction of its own, or by a signature that somebody else submits.
import { type Address, bytesToHex, createClient, type Hash, type Hex, http, publicActions } from "viem";
import type { PrivateKeyAccount } from "viem/accounts";
import { mainnet } from "viem/chains";
import { approve, openWithPermit2, topUpWithAuthorization, topUpWithPermit2 } from "../../src/chain/index.ts";
import type { PayerChannel } from "../../src/payer/index.ts";
import {
  authorizationTypedData,
  canonicalChannel,
  type Escrow,
  openPermitTypedData,
  permit2Address,
  platformRandom,
  randomSalt,
  topUpAuthorizationNonce,
  topUpPermitTypedData,
} from "../../src/protocol/index.ts";
import type { BotsConfig } from "./bots.ts";
import { deposit, type Member, session, submitter, wallet } from "./cast.ts";

/** A client of the run's chain, for an account if one is given. */
export function clientOf({ rpc, chainId }: Pick<BotsConfig, "rpc" | "chainId">, account?: PrivateKeyAccount) {
  const chain = { ...mainnet, id: chainId };
  return createClient({ chain, transport: http(rpc), pollingInterval: 250, ...(account && { account }) }).extend(
    publicActions,
  );
}

export type Client = ReturnType<typeof clientOf>;

/** Opens a member's channel by a Permit2 transfer that it signs and a stranger submits. */
export async function openByPermit2(member: Member, payee: Address, first: bigint, config: BotsConfig): Promise<void> {
  const { seed, token, escrow: address } = config;
  const account = wallet(seed, member.index);
  const own = clientOf(config, account);
  // Once for every app that uses Permit2; exactly what this run can lock all the same.
  await mined(own, await approve(own, { address: permit2Address, token, amount: deposit.token }));

  const authorizedSigner = session(seed, member.index).address;
  const channel = canonicalChannel({ payer: account.address, payee, token, salt: randomSalt(), authorizedSigner });
  const permit = await freshPermit(own, first);
  const signature = await account.signTypedData(openPermitTypedData(channel, permit, escrowOf(config)));
  const stranger = clientOf(config, submitter(seed, member.index));
  const { nonce, deadline } = permit;
  const request = { address, ...channel, deposit: first, from: account.address, nonce, deadline, signature };
  await mined(stranger, await openWithPermit2(stranger, request));
}

/** Locks `additionalDeposit` more in the way in which the member opened, and waits until payees see it. */
export async function topUp(member: Member, channel: PayerChannel, additionalDeposit: bigint, config: BotsConfig) {
  const stranger = clientOf(config, submitter(config.seed, member.index));
  if (member.way === "authorization") await byAuthorization(stranger);
  else if (member.way === "permit2") await byPermit2(stranger);
  else await channel.topUp(additionalDeposit);
  const seen = (await stranger.getBlockNumber()) + confirmations;
  while ((await stranger.getBlockNumber({ cacheTime: 0 })) < seen) await new Promise((done) => setTimeout(done, 250));

  async function byAuthorization(client: Client) {
    const account = wallet(config.seed, member.index);
    const escrow = escrowOf(config);
    const topUpSalt = randomWord();
    const nonce = topUpAuthorizationNonce({ channel: channel.channel, additionalDeposit, topUpSalt }, escrow);
    const window = { validAfter: 0n, validBefore: await inAnHour(client) };
    const authorization = {
      from: account.address,
      to: config.escrow,
      value: additionalDeposit,
      ...window,
      nonce,
    };
    const domain = { name: "Demo Dollar", version: "1", chainId: config.chainId, verifyingContract: config.token };
    const signature = await account.signTypedData(authorizationTypedData(authorization, domain));
    const request = { channel: channel.channel, additionalDeposit, topUpSalt, ...window, nonce, signature };
    await mined(client, await topUpWithAuthorization(client, { address: config.escrow, ...request }));
  }

  async function byPermit2(client: Client) {
    const permit = await freshPermit(client, additionalDeposit);
    const typed = topUpPermitTypedData(channel.channel, permit, escrowOf(config));
    const signature = await wallet(config.seed, member.index).signTypedData(typed);
    const { nonce, deadline } = permit;
    const request = { channel: channel.channel, additionalDeposit, nonce, deadline, signature };
    await mined(client, await topUpWithPermit2(client, { address: config.escrow, ...request }));
  }
}

/** Blocks until a payee of the demonstration counts a deposit: two on top of its own, and one for the clock to be asked in. */
const confirmations = 3n;

function escrowOf({ escrow: address, chainId }: BotsConfig): Escrow {
  return { address, chainId };
}

async function freshPermit(client: Client, amount: bigint) {
  return { amount, nonce: BigInt(randomWord()), deadline: await inAnHour(client) };
}

function randomWord(): Hex {
  return bytesToHex(platformRandom(32));
}

/** Unix seconds of block time. */
async function inAnHour(client: Client): Promise<bigint> {
  return (await client.getBlock()).timestamp + 3_600n;
}

export async function mined(client: Client, hash: Hash | undefined): Promise<void> {
  if (!hash) return;
  const { status } = await client.waitForTransactionReceipt({ hash });
  if (status !== "success") throw new Error(`the transaction ${hash} reverted`);
}
