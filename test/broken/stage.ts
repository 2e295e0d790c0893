import { type Address, type Hash, type Hex, numberToHex, type PrivateKeyAccount, zeroAddress } from "viem";
import { channelActions } from "../../src/chain/channels/actions.ts";
import { toSettleRow } from "../../src/chain/channels/settleRow.ts";
import { type Channel, canonicalChannel, channelId, nativeCoin } from "../../src/protocol/channel.ts";
import { signCloseAuthorization } from "../../src/protocol/close.ts";
import { signVoucher } from "../../src/protocol/voucher.ts";
import type { TestChain } from "../support/chain.ts";

export type Stage = Awaited<ReturnType<typeof setStage>>;

/** An escrow on a simulated chain with people who act on it, each verb one line. Every payer signs its own vouchers. */
export async function setStage(chain: TestChain) {
  const { escrow } = chain;
  const people = new Map<Address, PrivateKeyAccount>();
  let salts = 0;
  const anyone = await person();

  /** Someone with coins, a thousand million units of each token, and a known key. */
  async function person(): Promise<Address> {
    const account = (await chain.fundedAccount()) as PrivateKeyAccount;
    const address = account.address.toLowerCase() as Address;
    people.set(address, account);
    return address;
  }

  function key(address: Address): PrivateKeyAccount {
    const account = people.get(address);
    if (!account) throw new Error(`${address} has no key on this stage`);
    return account;
  }

  function as(address: Address) {
    return chain.wallet(key(address)).extend(channelActions({ address: escrow.address }));
  }

  async function mined(hash: Hash | undefined) {
    if (hash === undefined) return undefined;
    const receipt = await chain.client.waitForTransactionReceipt({ hash, pollingInterval: 20 });
    if (receipt.status !== "success") throw new Error(`transaction ${hash} reverted`);
    return receipt;
  }

  async function open(payer: Address, payee: Address, deposit: bigint, token: Address = nativeCoin): Promise<Channel> {
    salts += 1;
    const salt = numberToHex(salts, { size: 32 });
    const channel = canonicalChannel({ payer, payee, token, salt, authorizedSigner: zeroAddress });
    if (token !== nativeCoin) await mined(await as(payer).approve({ token, amount: deposit }));
    await mined(await as(payer).open({ ...channel, deposit }));
    return channel;
  }

  async function topUp(channel: Channel, additionalDeposit: bigint) {
    const { payer, token } = channel;
    if (token !== nativeCoin) await mined(await as(payer).approve({ token, amount: additionalDeposit }));
    return mined(await as(payer).topUp({ channel, additionalDeposit }));
  }

  async function voucher(channel: Channel, cumulativeAmount: bigint): Promise<Hex> {
    const message = { channelId: channelId(channel, escrow), cumulativeAmount };
    return (await signVoucher(key(channel.payer), message, escrow)).signature;
  }

  async function settle(channel: Channel, cumulativeAmount: bigint, signature?: Hex) {
    const by = signature ?? (await voucher(channel, cumulativeAmount));
    return mined(await as(anyone).settle({ channel, cumulativeAmount, signature: by }));
  }

  /** @param rows Channels of one payee and token; a row's amount is what its voucher says. */
  async function rowsOf(rows: readonly (readonly [Channel, bigint])[]) {
    const made = rows.map(async ([channel, cumulativeAmount]) =>
      toSettleRow(channel, { cumulativeAmount, signature: await voucher(channel, cumulativeAmount) }),
    );
    return Promise.all(made);
  }

  async function settleBatch(payee: Address, token: Address, rows: readonly (readonly [Channel, bigint])[]) {
    return mined(await as(anyone).settleBatch({ payee, token, rows: await rowsOf(rows) }));
  }

  async function closeBatch(payee: Address, token: Address, rows: readonly (readonly [Channel, bigint])[]) {
    return mined(await as(payee).closeBatch({ payee, token, rows: await rowsOf(rows) }));
  }

  async function close(channel: Channel, cumulativeAmount: bigint) {
    const signature = cumulativeAmount === 0n ? "0x" : await voucher(channel, cumulativeAmount);
    return mined(await as(channel.payee).close({ channel, cumulativeAmount, signature }));
  }

  /** By someone else, with the payee's signature. */
  async function closeByAuthorization(channel: Channel, cumulativeAmount: bigint) {
    const deadline = 2n ** 40n;
    const message = { channelId: channelId(channel, escrow), cumulativeAmount, deadline };
    const payeeSignature = await signCloseAuthorization(key(channel.payee), message, escrow);
    const signature = await voucher(channel, cumulativeAmount);
    const parameters = { channel, cumulativeAmount, signature, deadline, payeeSignature };
    return mined(await as(anyone).closeWithAuthorization(parameters));
  }

  const requestClose = async (channel: Channel) => mined(await as(channel.payer).requestClose({ channel }));
  const withdraw = async (channel: Channel, by = anyone) => mined(await as(by).withdraw({ channel }));
  const withdrawCredit = async (token: Address, owner: Address) =>
    mined(await as(anyone).withdrawCredit({ token, owner }));

  /** What an account holds, base units. */
  function balance(token: Address, account: Address): Promise<bigint> {
    if (token === nativeCoin) return chain.client.getBalance({ address: account });
    return chain.client.readContract({ address: token, abi: balanceAbi, functionName: "balanceOf", args: [account] });
  }

  return {
    chain,
    escrow,
    anyone,
    person,
    as,
    mined,
    open,
    topUp,
    voucher,
    settle,
    settleBatch,
    closeBatch,
    close,
    closeByAuthorization,
    requestClose,
    withdraw,
    withdrawCredit,
    balance,
  };
}

const balanceAbi = [
  {
    type: "function",
    name: "balanceOf",
    stateMutability: "view",
    inputs: [{ type: "address" }],
    outputs: [{ type: "uint256" }],
  },
] as const;
