import { expect } from "chai";
import { type Address, type Client, concat, createClient, custom, type Hex, zeroAddress } from "viem";
import { privateKeyToAccount } from "viem/accounts";
import type { Transaction } from "../../../src/audit/provider.ts";
import { readConsent } from "../../../src/audit/readConsent.ts";
import * as encode from "../../../src/chain/channels/encode.ts";
import { toSettleRow } from "../../../src/chain/channels/settleRow.ts";
import { type Channel, channelId } from "../../../src/protocol/channel.ts";
import { signCloseAuthorization } from "../../../src/protocol/close.ts";

const escrow = { address: `0x${"ee".repeat(20)}` as Address, chainId: 10 };
const { address } = escrow;
const payeeKey = privateKeyToAccount(`0x${"01".repeat(32)}`);
const payee = payeeKey.address.toLowerCase() as Address;
const payer: Address = `0x${"a1".repeat(20)}`;
const channel: Channel = {
  payer,
  payee,
  token: zeroAddress,
  salt: `0x${"05".repeat(32)}`,
  authorizedSigner: zeroAddress,
};
const deadline = 99n;
const closed = { id: channelId(channel, escrow), payee, blockNumber: 7n };
const magic = `0x1626ba7e${"00".repeat(28)}` as Hex;

/** @param wallet What the payee's code answers to ERC-1271; no code when absent. */
function chainWhere(wallet?: Hex): Client {
  const request = async ({ method }: { method: string }) => {
    if (method === "eth_getCode") return wallet === undefined ? "0x" : "0x01";
    if (method === "eth_call") return wallet;
    throw new Error(`${method} was not expected`);
  };
  return createClient({ transport: custom({ request }, { retryCount: 0 }) });
}

function sent(input: Hex, from: Address, to: Address = address): Transaction {
  return { hash: "0x", from, to, input, gasUsed: 1n, fee: 1n, l1Fee: 0n };
}

const parameters = { address, channel, cumulativeAmount: 3n, signature: "0x" } as const;
const byAuthorization = (payeeSignature: Hex, of = channel) =>
  encode.encodeCloseWithAuthorization({ ...parameters, channel: of, deadline, payeeSignature }).data;

describe("readConsent", () => {
  const consent = (transaction: Transaction, wallet?: Hex) =>
    readConsent(chainWhere(wallet), escrow, closed, transaction);
  const sign = (id = closed.id, cumulativeAmount = 3n) =>
    signCloseAuthorization(payeeKey, { channelId: id, cumulativeAmount, deadline }, escrow);
  const { data: close } = encode.encodeClose(parameters);
  const rows = [toSettleRow(channel, { cumulativeAmount: 0n })];
  const { data: closeBatch } = encode.encodeCloseBatch({ address, payee, token: zeroAddress, rows });
  const { data: withdraw } = encode.encodeWithdraw({ address, channel });

  for (const [verb, data] of Object.entries({ close, closeBatch })) {
    it(`given ${verb} sent by the payee, when read, it should be the payee's`, async () => {
      expect(await consent(sent(data, payee))).to.equal("payee");
    });

    it(`given ${verb} sent by anyone else, when read, it should be nobody's`, async () => {
      expect(await consent(sent(data, payer))).to.equal("nobody");
    });
  }

  it("given withdraw, whoever sent it, when read, it should be nobody's", async () => {
    expect(await consent(sent(withdraw, payer))).to.equal("nobody");
    expect(await consent(sent(withdraw, payee))).to.equal("nobody");
  });

  it("given no verb of the escrow, when read, it should be nobody's", async () => {
    expect(await consent(sent("0x", payee))).to.equal("nobody");
    expect(await consent(sent("0x12345678", payee))).to.equal("nobody");
  });

  it("given the payee's signature in 65 or 64 bytes, when read, it should be the payee's", async () => {
    const signature = await sign();
    expect(await consent(sent(byAuthorization(signature), payer))).to.equal("payee");
    const { r, vs } = toSettleRow(channel, { cumulativeAmount: 3n, signature });
    expect(await consent(sent(byAuthorization(concat([r, vs])), payer))).to.equal("payee");
  });

  it("given a signature that is another's, over another amount or garbage, when read, it should be nobody's", async () => {
    const message = { channelId: closed.id, cumulativeAmount: 3n, deadline };
    const stranger = await signCloseAuthorization(privateKeyToAccount(`0x${"02".repeat(32)}`), message, escrow);
    for (const signature of [stranger, await sign(closed.id, 4n), "0x" as Hex, `0x${"ff".repeat(65)}` as Hex]) {
      expect(await consent(sent(byAuthorization(signature), payer))).to.equal("nobody");
    }
  });

  it("given the payee's signature for another channel, when read, it should be nobody's", async () => {
    const other = { ...channel, salt: `0x${"06".repeat(32)}` } as Channel;
    const signature = await sign(channelId(other, escrow));
    expect(await consent(sent(byAuthorization(signature, other), payer))).to.equal("nobody");
  });

  it("given a payee with code, when read, its ERC-1271 yes should count and its no should prove nothing", async () => {
    const data = byAuthorization(`0x${"ab".repeat(70)}`);
    expect(await consent(sent(data, payer), magic)).to.equal("payee");
    expect(await consent(sent(data, payer), `0x${"00".repeat(32)}`)).to.equal("unproven");
    expect(await consent(sent(data, payer), "0x")).to.equal("unproven");
  });

  it("given a contract in between, when read, it should be unproven", async () => {
    expect(await consent(sent(close, payer, `0x${"cc".repeat(20)}`))).to.equal("unproven");
  });
});
