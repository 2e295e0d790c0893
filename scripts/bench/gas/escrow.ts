// The escrow's verbs: one plain token, balances that stay above zero, a session key as signer, and a relayer wherever anyone
// may act.
import { type Address, keccak256, maxUint256, type PrivateKeyAccount } from "viem";
import { getEip712Domain } from "viem/actions";
import * as encode from "../../../src/chain/channels/encode.ts";
import { toSettleRow } from "../../../src/chain/channels/settleRow.ts";
import { authorizationNonce, authorizationTypedData } from "../../../src/protocol/authorization.ts";
import { type Channel, channelId, nativeCoin } from "../../../src/protocol/channel.ts";
import { openPermitTypedData, permit2Address } from "../../../src/protocol/permit2.ts";
import { signTickVoucher } from "../../../src/protocol/tick.ts";
import { createTicks } from "../../../src/protocol/tickChain.ts";
import { gracePeriod } from "../../../test/support/chain.ts";
import { installPermit2 } from "../../../test/support/permit2.ts";
import type { GasRow } from "./row.ts";
import { deposit, fixedAccount, type Stage } from "./stage.ts";

/** Base units that a voucher pays, less than the deposit. */
const amount = 2_500_000n;

const plain = ({ tokens }: Stage) => tokens.plain;
const native = () => nativeCoin;

export const escrowRows: readonly GasRow[] = [
  { key: "open_erc20", atMost: 68_300, measure: (stage) => open(stage, plain(stage)) },
  { key: "open_erc20_unlimited_allowance", measure: (stage) => open(stage, plain(stage), maxUint256) },
  { key: "open_native", atMost: 49_000, measure: (stage) => open(stage, native()) },
  { key: "open_authorization", atMost: 100_000, measure: openByAuthorization },
  { key: "open_permit2", measure: openByPermit },
  { key: "topup_erc20", measure: topUp },
  { key: "settle_erc20", atMost: 52_300, measure: (stage) => settle(stage, plain(stage)) },
  { key: "settle_native", measure: (stage) => settle(stage, native()) },
  { key: "batch_row_erc20_100", atMost: 13_000, measure: batchRow },
  { key: "tick", atMost: 90, measure: tick },
  { key: "close_erc20", atMost: 60_500, measure: close },
  { key: "forced_exit_erc20", atMost: 76_000, measure: forcedExit },
];

/** The library's payer approves exactly the deposit, which `open` then clears for a refund; a standing allowance costs more. */
async function open(stage: Stage, token: Address, allowance = deposit): Promise<number> {
  const { payer, escrow } = stage;
  const channel = stage.describeChannel(token);
  await stage.approve(payer, token, allowance);
  return stage.measure(payer, encode.encodeOpen({ address: escrow.address, deposit, ...channel }), {
    token,
    gains: { payer: -deposit, escrow: deposit },
    events: [opened(stage, channel)],
    channels: [{ channel, deposit, settled: 0n, finalized: false }],
  });
}

/** The payer signs, a relayer sends. */
async function openByAuthorization(stage: Stage): Promise<number> {
  const { payer, relayer, escrow, client } = stage;
  const token = stage.tokens.authorization;
  const channel = stage.describeChannel(token);
  const window = { validAfter: 0n, validBefore: 2n ** 40n };
  const { name, version, chainId, verifyingContract } = (await getEip712Domain(client, { address: token })).domain;
  const nonce = authorizationNonce(channel);
  const authorization = { from: payer.address, to: escrow.address, value: deposit, ...window, nonce };
  const domain = { name, version, chainId, verifyingContract };
  const signature = await payer.signTypedData(authorizationTypedData(authorization, domain));
  const call = { address: escrow.address, deposit, ...channel, from: payer.address, ...window, signature };
  return stage.measure(relayer, encode.encodeOpenWithAuthorization(call), {
    token,
    gains: { payer: -deposit, escrow: deposit },
    events: [opened(stage, channel)],
    channels: [{ channel, deposit, settled: 0n, finalized: false }],
  });
}

/** The payer, who approved Permit2 for good, signs with a nonce whose word was never used; a relayer sends. */
async function openByPermit(stage: Stage): Promise<number> {
  const { payer, relayer, escrow, client } = stage;
  const token = plain(stage);
  const channel = stage.describeChannel(token);
  await installPermit2(client);
  stage.called("Permit2", permit2Address);
  await stage.approve(payer, token, maxUint256, permit2Address);
  const permit = { amount: deposit, nonce: BigInt(keccak256(channel.salt)), deadline: 2n ** 40n };
  const signature = await payer.signTypedData(openPermitTypedData(channel, permit, escrow));
  const call = { address: escrow.address, deposit, ...channel, from: payer.address, ...permit, signature };
  return stage.measure(relayer, encode.encodeOpenWithPermit2(call), {
    token,
    gains: { payer: -deposit, escrow: deposit },
    events: [opened(stage, channel)],
    channels: [{ channel, deposit, settled: 0n, finalized: false }],
  });
}

async function topUp(stage: Stage): Promise<number> {
  const { payer, escrow } = stage;
  const token = plain(stage);
  const channel = await stage.open(token);
  await stage.approve(payer, token, deposit);
  const call = encode.encodeTopUp({ address: escrow.address, channel, additionalDeposit: deposit });
  return stage.measure(payer, call, {
    token,
    gains: { payer: -deposit, escrow: deposit },
    events: [{ eventName: "ChannelToppedUp", args: { channelId: channelId(channel, escrow), deposit: 2n * deposit } }],
    channels: [{ channel, deposit: 2n * deposit, settled: 0n, finalized: false }],
  });
}

async function settle(stage: Stage, token: Address): Promise<number> {
  const { relayer, escrow } = stage;
  const channel = await stage.open(token);
  const signature = await stage.voucher(channel, amount);
  const call = encode.encodeSettle({ address: escrow.address, channel, cumulativeAmount: amount, signature });
  return stage.measure(relayer, call, {
    token,
    gains: { payee: amount, escrow: -amount },
    events: [settled(stage, channel)],
    channels: [{ channel, deposit, settled: amount, finalized: false }],
  });
}

/**
 * What one row adds to a batch of 100: the difference between batches of 100 rows and of 1 over 99, rounded up, so that one
 * signature's lucky bytes do not decide. Each channel has a payer and a session key of its own.
 */
async function batchRow(stage: Stage): Promise<number> {
  const channels: OpenChannel[] = [];
  for (let index = 0; index <= 100; index += 1) {
    const session = fixedAccount(`session ${index}`);
    const payer = await stage.person(`payer ${index}`);
    channels.push({ channel: await stage.open(plain(stage), payer, session), session });
  }
  const one = await settleBatch(stage, channels.slice(0, 1));
  const hundred = await settleBatch(stage, channels.slice(1));
  return Math.ceil((hundred - one) / 99);
}

type OpenChannel = { channel: Channel; session: PrivateKeyAccount };

async function settleBatch(stage: Stage, channels: readonly OpenChannel[]): Promise<number> {
  const { relayer, payee, escrow } = stage;
  const token = plain(stage);
  const rows = await Promise.all(
    channels.map(async ({ channel, session }) => {
      const signature = await stage.voucher(channel, amount, session);
      return toSettleRow(channel, { cumulativeAmount: amount, signature });
    }),
  );
  const call = encode.encodeSettleBatch({ address: escrow.address, payee: payee.address, token, rows });
  const paid = amount * BigInt(channels.length);
  return stage.measure(relayer, call, {
    token,
    gains: { payee: paid, escrow: -paid },
    events: channels.map(({ channel }) => settled(stage, channel)),
    channels: channels.map(({ channel }) => ({ channel, deposit, settled: amount, finalized: false })),
  });
}

/** What one tick adds to a settlement: the difference between settlements of 101 ticks and of 1 over 100, rounded up. */
async function tick(stage: Stage): Promise<number> {
  const one = await settleTicks(stage, 1);
  const hundred = await settleTicks(stage, 101);
  return Math.ceil((hundred - one) / 100);
}

async function settleTicks(stage: Stage, ticks: number): Promise<number> {
  const { relayer, escrow, session } = stage;
  const token = plain(stage);
  const channel = await stage.open(token);
  const chain = createTicks({ length: 1_000, secret: keccak256(channel.salt) });
  // Both settle the same amount, so that the ticks alone differ.
  const tickValue = 1_000n;
  const cumulativeAmount = amount - BigInt(ticks) * tickValue;
  const offer = { channelId: channelId(channel, escrow), cumulativeAmount, tickRoot: chain.root, tickValue };
  const voucher = await signTickVoucher(session, offer, escrow);
  const revealed = { ticks, link: chain.link(ticks) };
  return stage.measure(relayer, encode.encodeSettleTicks({ address: escrow.address, channel, voucher, revealed }), {
    token,
    gains: { payee: amount, escrow: -amount },
    events: [settled(stage, channel)],
    channels: [{ channel, deposit, settled: amount, finalized: false }],
  });
}

/** The payee sends, as `close` wants it. */
async function close(stage: Stage): Promise<number> {
  const { payee, escrow } = stage;
  const token = plain(stage);
  const channel = await stage.open(token);
  const signature = await stage.voucher(channel, amount);
  const call = encode.encodeClose({ address: escrow.address, channel, cumulativeAmount: amount, signature });
  const refunded = deposit - amount;
  return stage.measure(payee, call, {
    token,
    gains: { payee: amount, payer: refunded, escrow: -deposit },
    events: [
      { eventName: "ChannelClosed", args: { channelId: channelId(channel, escrow), settled: amount, refunded } },
    ],
    channels: [{ channel, deposit, settled: amount, finalized: true }],
  });
}

/** Both transactions together: the payer's request, and after the grace period anyone's withdrawal. */
async function forcedExit(stage: Stage): Promise<number> {
  const { payer, relayer, escrow } = stage;
  const token = plain(stage);
  const channel = await stage.open(token);
  const id = channelId(channel, escrow);
  const readyAt = stage.nextSecond() + gracePeriod;
  const request = await stage.measure(payer, encode.encodeRequestClose({ address: escrow.address, channel }), {
    token,
    gains: {},
    events: [{ eventName: "CloseRequested", args: { channelId: id, readyAt } }],
    channels: [{ channel, deposit, settled: 0n, finalized: false }],
  });
  stage.travel(gracePeriod);
  const withdrawal = await stage.measure(relayer, encode.encodeWithdraw({ address: escrow.address, channel }), {
    token,
    gains: { payer: deposit, escrow: -deposit },
    events: [{ eventName: "ChannelClosed", args: { channelId: id, settled: 0n, refunded: deposit } }],
    channels: [{ channel, deposit, settled: 0n, finalized: true }],
  });
  return request + withdrawal;
}

function opened({ escrow }: Stage, channel: Channel) {
  return { eventName: "ChannelOpened", args: { channelId: channelId(channel, escrow), ...channel, deposit } };
}

function settled({ escrow }: Stage, channel: Channel) {
  return { eventName: "ChannelSettled", args: { channelId: channelId(channel, escrow), settled: amount } };
}
