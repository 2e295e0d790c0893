import hre from "hardhat";
import {
  type Abi,
  type Address,
  encodeFunctionData,
  erc20Abi,
  type Hex,
  type LocalAccount,
  numberToHex,
  parseAbi,
  zeroAddress,
} from "viem";
import { toSettleRow } from "../../../src/chain/channels/settleRow.ts";
import { type Channel, channelId, nativeCoin } from "../../../src/protocol/channel.ts";
import { signVoucher } from "../../../src/protocol/voucher.ts";
import { startChain } from "../../support/chain.ts";
import { createWitness } from "./witness.ts";

/** Base units locked in every channel of a scenario. */
export const deposit = 1_000n;

export type Stage = Awaited<ReturnType<typeof setStage>>;

/** A chain, the compiled ABI, a witness of the escrow, three people, and what scenarios have in common. */
export async function setStage() {
  const chain = await startChain();
  const artifact = await hre.artifacts.readArtifact("PaymentChannels");
  const [abi, bytecode] = [artifact.abi as Abi, artifact.bytecode as Hex];
  const witness = createWitness(chain, abi, chain.escrow.address);
  const [payer, payee, keeper] = await Promise.all([
    chain.fundedAccount(),
    chain.fundedAccount(),
    chain.fundedAccount(),
  ]);
  let salts = 0;

  const describeChannel = (fields: Partial<Channel> = {}): Channel => ({
    payer: payer.address,
    payee: payee.address,
    token: nativeCoin,
    salt: numberToHex(++salts, { size: 32 }),
    authorizedSigner: zeroAddress,
    ...fields,
  });
  const idOf = (channel: Channel) => channelId(channel, chain.escrow);
  const voucher = (channel: Channel, cumulativeAmount: bigint) =>
    signVoucher(payer, { channelId: idOf(channel), cumulativeAmount }, chain.escrow);
  const row = async (channel: Channel, amount: bigint) => toSettleRow(channel, await voucher(channel, amount));
  const openCall = (channel: Channel, amount = deposit, value = channel.token === nativeCoin ? amount : 0n) => ({
    functionName: "open",
    args: [channel.payee, channel.token, amount, channel.salt, channel.authorizedSigner],
    value,
  });
  const openedEvent = (channel: Channel) => ({
    name: "ChannelOpened",
    args: { channelId: idOf(channel), ...channel, deposit },
  });

  async function open(fields: Partial<Channel> = {}) {
    const channel = describeChannel(fields);
    await witness.transact(payer, openCall(channel), [openedEvent(channel)]);
    return channel;
  }

  async function send(account: LocalAccount, to: Address, data: Hex) {
    const wallet = chain.wallet(account as never);
    await wallet.waitForTransactionReceipt({ hash: await wallet.sendTransaction({ to, data }) });
  }

  /** A token of the payer's, with the escrow's allowance. */
  async function deployToken(name: string) {
    const token = await chain.deploy(name);
    const mint = parseAbi(["function mint(address to, uint256 amount)"]);
    await send(payer, token, encodeFunctionData({ abi: mint, args: [payer.address, 10n * deposit] }));
    const args = [chain.escrow.address, 10n * deposit] as const;
    await send(payer, token, encodeFunctionData({ abi: erc20Abi, functionName: "approve", args }));
    return token;
  }

  const now = async () => (await chain.client.getBlock()).timestamp;

  /** The next transaction's block has exactly this time. */
  async function at(timestamp: bigint) {
    await chain.client.setNextBlockTimestamp({ timestamp });
    return timestamp;
  }

  return {
    ...{ chain, abi, bytecode, witness, payer, payee, keeper },
    ...{ describeChannel, idOf, voucher, row, openCall, openedEvent, open, send, deployToken, now, at },
  };
}
