import { readFile } from "node:fs/promises";
import { expect } from "chai";
import { AbstractSigner, JsonRpcProvider, makeError, NonceManager, Signature, Wallet } from "ethers";
import { type Address, type Hex, verifyTypedData } from "viem";
import { ChannelRevertError, WalletRefusedError } from "../../../src/chain/index.ts";
import {
  donationPool,
  donationPoolFactory,
  ethersClient,
  ethersSigner,
  NoProviderError,
  paymentChannels,
} from "../../../src/ethers/index.ts";
import { createPayer, type Payer } from "../../../src/payer/index.ts";
import {
  allocationTypes,
  authorizationTypedData,
  poolDomain,
  recoverVoucher,
  type Signer,
  signAllocation,
  signVoucher,
  typedData,
  unmatched,
} from "../../../src/protocol/index.ts";
import { memoryPayerStore } from "../../../src/store/index.ts";
import { gracePeriod, startChain, type TestChain } from "../../support/chain.ts";
import { run } from "./example.ts";

describe("farthing/ethers", () => {
  let chain: TestChain;
  let provider: JsonRpcProvider;
  let payee: Address;

  before(async () => {
    chain = await startChain({ serve: true });
    provider = new JsonRpcProvider(chain.url, undefined, { staticNetwork: true, polling: true, pollingInterval: 20 });
    payee = (await chain.fundedAccount()).address;
  });
  after(async () => {
    provider.destroy();
    await chain.stop();
  });

  async function fundedWallet(): Promise<Wallet> {
    const wallet = new Wallet(Wallet.createRandom().privateKey, provider);
    const address = wallet.address as Address;
    await chain.client.setBalance({ address, value: 10n ** 20n });
    const mint =
      `0x40c10f19${address.slice(2).padStart(64, "0")}${1_000_000_000n.toString(16).padStart(64, "0")}` as Hex;
    for (const to of Object.values(chain.tokens)) {
      const hash = await chain.client.sendTransaction({ to, data: mint, account: chain.deployer });
      await chain.client.waitForTransactionReceipt({ hash });
    }
    return wallet;
  }

  async function payerOf(wallet: AbstractSigner): Promise<Payer> {
    const signer = await ethersSigner(Wallet.createRandom());
    return createPayer({ client: await ethersClient(wallet), signer, escrow: chain.escrow, store: memoryPayerStore() });
  }

  const opening = () => ({ payee, token: chain.tokens.plain, deposit: 5_000_000n });

  it("given an ethers wallet, when it opens, pays, tops up and leaves, everything but what was settled should come back", async () => {
    const wallet = await fundedWallet();
    const { channel } = await (await payerOf(wallet)).open(opening());
    const voucher = await channel.pay(10_000n);
    expect(await recoverVoucher(voucher, chain.escrow)).to.equal(channel.channel.authorizedSigner);
    expect(await channel.topUp(1_000_000n)).to.have.property("deposit", 6_000_000n);
    const escrow = paymentChannels(chain.escrow.address, await fundedWallet());
    await (await escrow.settle(channel.channel, voucher.cumulativeAmount, voucher.signature)).wait();
    await channel.requestClose();
    await chain.increaseTime(gracePeriod);
    await channel.withdraw();
    expect(await channel.state()).to.include({ deposit: 6_000_000n, settled: 10_000n, finalized: true });
    const balance = await chain.client.readContract({
      address: chain.tokens.plain,
      abi: [
        {
          type: "function",
          name: "balanceOf",
          stateMutability: "view",
          inputs: [{ type: "address" }],
          outputs: [{ type: "uint256" }],
        },
      ],
      functionName: "balanceOf",
      args: [wallet.address as Address],
    });
    expect(balance).to.equal(1_000_000_000n - 10_000n);
  });

  const signers: [condition: string, signer: () => Promise<AbstractSigner>][] = [
    ["a wallet that counts its own nonces", async () => new NonceManager(await fundedWallet())],
    ["an account of the node's, as a browser's", async () => provider.getSigner(1)],
  ];
  for (const [condition, make] of signers) {
    it(`given ${condition}, when it opens in the native coin and tops up, the escrow should hold both`, async () => {
      const payer = await payerOf(await make());
      const token = "0x0000000000000000000000000000000000000000";
      const { channel } = await payer.open({ payee, token, deposit: 1_000n });
      await channel.topUp(234n);
      const { deposit, payer: owner } = { ...(await channel.state()), ...channel.channel };
      expect([deposit, owner]).to.deep.equal([1_234n, payer.address]);
    });
  }

  it("given the example of the page, when it is run, it should be the page's to the letter and settle what was paid", async () => {
    const [source, page] = await Promise.all([
      readFile(new URL("./example.ts", import.meta.url), "utf8"),
      readFile(new URL("../../../docs/ethers.md", import.meta.url), "utf8"),
    ]);
    const [, body = ""] = /from here on\n([\s\S]*?)\n {2}\/\/ and up to here/.exec(source) ?? [];
    const [, shown = ""] = /```ts\n([\s\S]*?)\n```/.exec(page) ?? [];
    expect(body.replace(/^ {2}/gm, ""))
      .to.equal(shown)
      .and.match(/createPayer/);
    const { privateKey: key } = await fundedWallet();
    const { escrow } = chain;
    const { wallet, deposit, settled } = await run({
      url: chain.url ?? "",
      key,
      escrow,
      payee,
      token: chain.tokens.plain,
    });
    wallet.provider?.destroy();
    expect([deposit, settled]).to.deep.equal([5_000_000n, 10_000n]);
  });

  describe("a client", () => {
    it("given a withdrawal before its time, when it is sent, the escrow's own reason should arrive", async () => {
      const { channel } = await (await payerOf(await fundedWallet())).open(opening());
      await channel.requestClose();
      const error = await channel.withdraw().catch((reason: unknown) => reason);
      expect(error).to.be.instanceOf(ChannelRevertError).with.property("reason", "CloseNotReady");
    });

    it("given a limit of gas and a nonce, when a transaction is sent, it should have both", async () => {
      const wallet = await fundedWallet();
      const transaction = { from: wallet.address, to: payee, value: "0x1", gas: "0x7530", nonce: "0x0" };
      const client = await ethersClient(wallet);
      const hash = await client.request({ method: "eth_sendTransaction", params: [transaction] } as never);
      const sent = await chain.client.getTransaction({ hash });
      expect([sent.gas, sent.nonce, sent.value, sent.from]).to.deep.equal([
        30_000n,
        0,
        1n,
        wallet.address.toLowerCase(),
      ]);
    });

    it("given a deposit to be opened by somebody else, when it is authorized, the wallet should have signed it", async () => {
      const wallet = await fundedWallet();
      const request = { ...opening(), token: chain.tokens.authorization };
      const { authorization, signature } = await (await payerOf(wallet)).openByAuthorization(request);
      const place = { chainId: chain.chain.id, verifyingContract: request.token };
      const definition = authorizationTypedData(authorization, { name: "Demo Dollar", version: "1", ...place });
      expect(await verifyTypedData({ ...definition, address: wallet.address as Address, signature })).to.equal(true);
    });

    it("given a call that the node refuses, when it is made, the node's own words and code should arrive", async () => {
      const client = await ethersClient(await fundedWallet());
      const error = await client.request({ method: "eth_nothing" } as never).catch((reason: unknown) => reason);
      expect(error).to.have.property("code").that.is.a("number");
      expect(error)
        .to.have.property("details")
        .that.matches(/eth_nothing/)
        .and.not.matches(/coalesce|payload/);
    });

    it("given a person who says no, when a channel is opened, it should be said that the wallet refused", async () => {
      class Refusing extends AbstractSigner {
        getAddress = () => wallet.getAddress();
        connect = () => this;
        signTransaction = refuse;
        signMessage = refuse;
        signTypedData = refuse;
        override sendTransaction = refuse;
      }
      const wallet = await fundedWallet();
      const error = await (await payerOf(new Refusing(provider))).open(opening()).catch((reason: unknown) => reason);
      expect(error).to.be.instanceOf(WalletRefusedError);
    });

    it("given a signer without a provider, when a client is asked for, it should be refused with advice", async () => {
      const error = await ethersClient(Wallet.createRandom()).catch((reason: unknown) => reason);
      expect(error).to.be.instanceOf(NoProviderError);
    });
  });

  describe("a signer", () => {
    const wallet = new Wallet(`0x${"5a".repeat(32)}`);
    const place = { address: `0x${"e5".repeat(20)}` as Address, chainId: 10 };
    const voucher = { channelId: `0x${"c1".repeat(32)}` as Hex, cumulativeAmount: 10_000n };

    it("given a wallet with its own key, when it signs a digest and as typed data, it should be one signature", async () => {
      const { sign, ...shown } = await ethersSigner(wallet);
      expect(sign).to.be.a("function");
      const [byDigest, byType] = [
        await signVoucher({ ...shown, sign }, voucher, place),
        await signVoucher(shown, voucher, place),
      ];
      expect(byDigest).to.deep.equal(byType);
      expect(await recoverVoucher(byType, place)).to.equal(wallet.address.toLowerCase());
    });

    it("given a message of nested structs beside types that it does not use, when it is signed, viem should find the signer", async () => {
      const { address, signTypedData } = (await ethersSigner(wallet)) as Signer;
      const gifts = [{ projectId: 7n, cumulativeAmount: 10_000n }];
      const message = { ...voucher, gateDataHash: unmatched, gifts };
      const types = { ...typedData, ...allocationTypes };
      const definition = { domain: poolDomain(place), types, primaryType: "Allocation", message } as const;
      const signature = await signTypedData(definition as never);
      expect(await verifyTypedData({ ...definition, address, signature })).to.equal(true);
      expect((await signAllocation({ address, signTypedData }, message, place)).signature).to.equal(signature);
    });

    const forms: [condition: string, form: (signature: Signature) => string][] = [
      ["64 bytes", ({ compactSerialized }) => compactSerialized],
      ["a v of 0 or 1", ({ r, s, yParity }) => `${r}${s.slice(2)}0${yParity}`],
    ];
    for (const [condition, form] of forms) {
      it(`given a wallet that answers with ${condition}, when it signs, the voucher should have the plain form`, async () => {
        class Peculiar extends AbstractSigner {
          getAddress = () => wallet.getAddress();
          connect = () => this;
          signTransaction = refuse;
          signMessage = refuse;
          signTypedData = async (...all: Parameters<Wallet["signTypedData"]>) =>
            form(Signature.from(await wallet.signTypedData(...all)));
        }
        const signer = await ethersSigner(new Peculiar());
        expect(signer).not.to.have.property("sign");
        const signed = await signVoucher(signer, voucher, place);
        expect(signed).to.deep.equal(await signVoucher(await ethersSigner(wallet), voucher, place));
      });
    }

    it("given a contract wallet's longer signature, when it signs, it should be given as it is", async () => {
      class Contract extends AbstractSigner {
        getAddress = async () => wallet.address;
        connect = () => this;
        signTransaction = refuse;
        signMessage = refuse;
        signTypedData = async () => `0x${"ab".repeat(96)}`;
      }
      const { signature } = await signVoucher(await ethersSigner(new Contract()), voucher, place);
      expect(signature).to.equal(`0x${"ab".repeat(96)}`);
    });
  });

  describe("a contract", () => {
    it("given a voucher that was settled, when it is settled again, the reason should be read from TypeChain's interface", async () => {
      const { channel } = await (await payerOf(await fundedWallet())).open(opening());
      const { cumulativeAmount, signature } = await channel.pay(10_000n);
      const escrow = paymentChannels(chain.escrow.address, await fundedWallet());
      await (await escrow.settle(channel.channel, cumulativeAmount, signature)).wait();
      const error = await escrow.settle
        .staticCall(channel.channel, cumulativeAmount, signature)
        .catch((reason) => reason);
      expect(error.revert).to.deep.include({ name: "AmountNotIncreasing" });
      expect([...error.revert.args]).to.deep.equal([10_000n, 10_000n]);
      const [event] = await escrow.queryFilter(escrow.filters.ChannelSettled(channel.id));
      expect(event?.args.settled).to.equal(10_000n);
      expect(await escrow.voucherDigest(channel.id, 1n)).to.match(/^0x[0-9a-f]{64}$/);
    });

    it("given a factory and a pool, when they are read, each should answer by its own type", async () => {
      const factory = donationPoolFactory(await chain.deploy("DonationPoolFactory", [chain.escrow.address]), provider);
      expect((await factory.channels()).toLowerCase()).to.equal(chain.escrow.address);
      expect(donationPool(chain.escrow.address).interface.getFunction("collect").name).to.equal("collect");
    });
  });
});

async function refuse(): Promise<never> {
  throw makeError("the person said no", "ACTION_REJECTED", { action: "sendTransaction", reason: "rejected" });
}
