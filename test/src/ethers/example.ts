// The example of docs/ethers.md, as a program that the test runs.
import { JsonRpcProvider, Wallet } from "ethers";
import type { Address } from "viem";
import { ethersClient, ethersSigner, paymentChannels } from "../../../src/ethers/index.ts";
import { createPayer } from "../../../src/payer/index.ts";
import type { Escrow } from "../../../src/protocol/index.ts";
import { memoryPayerStore } from "../../../src/store/index.ts";

type Surroundings = { url: string; key: string; escrow: Escrow; payee: Address; token: Address };

export async function run({ url, key, escrow, payee, token }: Surroundings) {
  // In docs/ethers.md from here on
  const wallet = new Wallet(key, new JsonRpcProvider(url)); // or: await new BrowserProvider(window.ethereum).getSigner()
  const client = await ethersClient(wallet);
  const signer = await ethersSigner(Wallet.createRandom()); // a session key: it signs vouchers without asking
  const payer = createPayer({ client, signer, escrow, store: memoryPayerStore() });

  const { channel } = await payer.open({ payee, token, deposit: 5_000_000n });
  const voucher = await channel.pay(10_000n); // 0.01 of a token with 6 decimals; no transaction

  const contract = paymentChannels(escrow.address, wallet);
  await (await contract.settle(channel.channel, voucher.cumulativeAmount, voucher.signature)).wait();
  const { deposit, settled } = await contract.getChannel(channel.id);
  // and up to here
  return { wallet, deposit, settled };
}
