import { type Address, encodeFunctionData, type Hex, numberToHex, parseAbi } from "viem";
import { generatePrivateKey, type PrivateKeyAccount, privateKeyToAccount } from "viem/accounts";
import * as encode from "../../../../src/chain/channels/encode.ts";
import { authorizationNonce, authorizationTypedData } from "../../../../src/protocol/authorization.ts";
import { type Channel, channelId } from "../../../../src/protocol/channel.ts";
import type { TestChain } from "../../../support/chain.ts";

/** A channel that is on the chain, or for `deposit` 0 only described. */
export type Placed = { channel: Channel; id: Hex; deposit: bigint };

export type Stage = ReturnType<typeof createStage>;

/** One payee, one session key, and as many payers as channels. A relayer without a key of its own in here sends everything. */
export function createStage(chain: TestChain, integer: (below: number) => number) {
  const signer: PrivateKeyAccount = privateKeyToAccount(generatePrivateKey());
  const payee = chain.deployer as Address;
  const token = chain.tokens.authorization;
  const { client, escrow } = chain;

  /** An unlocked account's transaction with its gas stated: thousands of them, and nobody simulates. */
  async function send(call: { to: Address; data: Hex }, gas = 400_000n) {
    const hash = await client.sendTransaction({ account: payee, chain: null, to: call.to, data: call.data, gas });
    return client.getTransactionReceipt({ hash });
  }

  async function mustSend(call: { to: Address; data: Hex }, gas?: bigint) {
    const receipt = await send(call, gas);
    if (receipt.status !== "success")
      throw new Error(`a transaction of the stage reverted: ${receipt.transactionHash}`);
    return receipt;
  }

  /** Salts as the library makes them: 8 random bytes, zero-padded. */
  function describeChannel(fields: Partial<Channel> = {}): { channel: Channel; payer: PrivateKeyAccount } {
    const payer = privateKeyToAccount(generatePrivateKey());
    let salt = 0n;
    for (let byte = 0; byte < 8; byte++) salt = (salt << 8n) | BigInt(integer(256));
    const fixed = { payee, token, salt: numberToHex(salt, { size: 32 }), authorizedSigner: signer.address };
    return { channel: { payer: payer.address, ...fixed, ...fields }, payer };
  }

  function describeOnly(): Placed {
    const { channel } = describeChannel();
    return { channel, id: channelId(channel, escrow), deposit: 0n };
  }

  /** Opened by its payer's authorization; the payer keeps one unit, so that a refund finds a balance that is not zero. */
  async function open(deposit: bigint, fields: Partial<Channel> = {}): Promise<Placed> {
    const { channel, payer } = describeChannel(fields);
    const mint = encodeFunctionData({ abi: mintAbi, args: [payer.address, deposit + 1n] });
    await mustSend({ to: token, data: mint });
    const times = { validAfter: 0n, validBefore: 2n ** 48n };
    const nonce = authorizationNonce(channel);
    const domain = { name: "Demo Dollar", version: "1", chainId: escrow.chainId, verifyingContract: token };
    const message = { from: payer.address, to: escrow.address, value: deposit, nonce, ...times };
    const signature = await payer.signTypedData(authorizationTypedData(message, domain));
    const { address } = escrow;
    await mustSend(
      encode.encodeOpenWithAuthorization({ address, ...channel, from: payer.address, deposit, ...times, signature }),
    );
    return { channel, id: channelId(channel, escrow), deposit };
  }

  return { chain, signer, payee, token, send, mustSend, describeOnly, open };
}

const mintAbi = parseAbi(["function mint(address to, uint256 amount)"]);
