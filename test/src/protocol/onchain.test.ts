import "../../support/seed.ts";
import { expect } from "chai";
import fc from "fast-check";
import { type Hex, hashTypedData } from "viem";
import { paymentChannelsAbi } from "../../../src/abi/paymentChannels.ts";
import {
  authorizationNonce,
  authorizationTypedData,
  type Channel,
  channelId,
  closeAuthorizationDigest,
  closeRequestDigest,
  type Escrow,
  escrowDomain,
  maxAmount,
  nativeCoin,
  randomSalt,
  signCloseAuthorization,
  signCloseRequest,
  signTickVoucher,
  signVoucher,
  tickVoucherDigest,
  typedData,
  voucherDigest,
} from "../../../src/protocol/index.ts";
import { startChain, type TestChain } from "../../support/chain.ts";

const bytes = (length: number) =>
  fc
    .uint8Array({ minLength: length, maxLength: length })
    .map((array) => `0x${Buffer.from(array).toString("hex")}` as Hex);

describe("messages against the escrow on a chain", () => {
  let chain: TestChain;
  let escrow: Escrow;

  before(async () => {
    chain = await startChain();
    escrow = chain.escrow;
  });
  after(() => chain.stop());

  const read = <Name extends "voucherDigest" | "computeChannelId">(functionName: Name, args: readonly unknown[]) =>
    chain.client.readContract({ address: escrow.address, abi: paymentChannelsAbi, functionName, args } as never);

  it("given any voucher, when hashed by us, by viem and by the escrow, it should be one digest", async () => {
    await fc.assert(
      fc.asyncProperty(bytes(32), fc.bigInt({ min: 0n, max: maxAmount }), async (id, cumulativeAmount) => {
        const message = { channelId: id, cumulativeAmount };
        const ours = voucherDigest(message, escrow);
        const { Voucher } = typedData;
        const domain = escrowDomain(escrow);
        expect(hashTypedData({ domain, types: { Voucher }, primaryType: "Voucher", message })).to.equal(ours);
        expect(await read("voucherDigest", [id, cumulativeAmount])).to.equal(ours);
      }),
      { numRuns: 25 },
    );
  });

  it("given any offer of ticks, when hashed by us and by viem, it should be one digest", () => {
    const amount = fc.bigInt({ min: 0n, max: maxAmount });
    const { TickVoucher } = typedData;
    fc.assert(
      fc.property(bytes(32), amount, bytes(32), amount, (id, cumulativeAmount, tickRoot, tickValue) => {
        const message = { channelId: id, cumulativeAmount, tickRoot, tickValue };
        expect(tickVoucherDigest(message, escrow)).to.equal(
          hashTypedData({
            domain: escrowDomain(escrow),
            types: { TickVoucher },
            primaryType: "TickVoucher",
            message,
          }),
        );
      }),
      { numRuns: 50 },
    );
  });

  it("given any close message, when hashed by us and by viem, it should be one digest", () => {
    const amount = fc.bigInt({ min: 0n, max: maxAmount });
    const { CloseRequest, CloseAuthorization } = typedData;
    fc.assert(
      fc.property(bytes(32), amount, amount, (id, deposit, deadline) => {
        const domain = escrowDomain(escrow);
        const request = { channelId: id, deposit };
        const consent = { channelId: id, cumulativeAmount: deposit, deadline };
        expect(closeRequestDigest(request, escrow)).to.equal(
          hashTypedData({ domain, types: { CloseRequest }, primaryType: "CloseRequest", message: request }),
        );
        expect(closeAuthorizationDigest(consent, escrow)).to.equal(
          hashTypedData({ domain, types: { CloseAuthorization }, primaryType: "CloseAuthorization", message: consent }),
        );
      }),
      { numRuns: 50 },
    );
  });

  it("given any descriptor, when its id is made by us and by the escrow, it should be one id", async () => {
    const channels = fc.record({
      payer: bytes(20),
      payee: bytes(20),
      token: bytes(20),
      salt: bytes(32),
      authorizedSigner: bytes(20),
    });
    await fc.assert(
      fc.asyncProperty(channels, async (channel) => {
        expect(await read("computeChannelId", [channel])).to.equal(channelId(channel, escrow));
      }),
      { numRuns: 25 },
    );
  });

  it("given two channels, two contracts and two chains, when one voucher is hashed on each, it should be eight digests", () => {
    const digests: Hex[] = [];
    for (const chainId of [10, 8453]) {
      for (const address of [`0x${"e5".repeat(20)}`, `0x${"e6".repeat(20)}`] as const) {
        for (const id of [`0x${"01".repeat(32)}`, `0x${"02".repeat(32)}`] as const) {
          digests.push(voucherDigest({ channelId: id, cumulativeAmount: 7n }, { address, chainId }));
        }
      }
    }
    expect(new Set(digests).size).to.equal(8);
  });

  it("given a local key and a wallet that only signs typed data, when both sign, it should be the same signatures", async () => {
    const account = await chain.fundedAccount({ tokens: 0n });
    const wallet = { address: account.address, signTypedData: account.signTypedData as never };
    const id = `0x${"03".repeat(32)}` as const;
    const consent = { channelId: id, cumulativeAmount: 4n, deadline: 5n };
    expect(await signVoucher(wallet, { channelId: id, cumulativeAmount: 4n }, escrow)).to.deep.equal(
      await signVoucher(account, { channelId: id, cumulativeAmount: 4n }, escrow),
    );
    const offer = { channelId: id, cumulativeAmount: 4n, tickRoot: id, tickValue: 6n };
    expect(await signTickVoucher(wallet, offer, escrow)).to.deep.equal(await signTickVoucher(account, offer, escrow));
    const request = { channelId: id, deposit: 9n };
    expect(await signCloseRequest(wallet, request, escrow)).to.equal(await signCloseRequest(account, request, escrow));
    expect(await signCloseAuthorization(wallet, consent, escrow)).to.equal(
      await signCloseAuthorization(account, consent, escrow),
    );
  });

  it("given a channel in the native coin, when it is settled, asked to close and closed with our signatures, it should end", async () => {
    const [payer, payee] = [await chain.fundedAccount({ tokens: 0n }), await chain.fundedAccount({ tokens: 0n })];
    const channel: Channel = {
      payer: payer.address,
      payee: payee.address,
      token: nativeCoin,
      salt: randomSalt(),
      authorizedSigner: nativeCoin,
    };
    const id = channelId(channel, escrow);
    const outsider = chain.wallet(await chain.fundedAccount({ tokens: 0n }));
    const to = { address: escrow.address, abi: paymentChannelsAbi } as const;
    const { payee: payeeAddress, token, salt, authorizedSigner } = channel;
    await chain.wallet(payer).writeContract({
      ...to,
      functionName: "open",
      args: [payeeAddress, token, 1000n, salt, authorizedSigner],
      value: 1000n,
    });
    const half = await signVoucher(payer, { channelId: id, cumulativeAmount: 500n }, escrow);
    await outsider.writeContract({ ...to, functionName: "settle", args: [channel, 500n, half.signature] });
    const leave = await signCloseRequest(payer, { channelId: id, deposit: 1000n }, escrow);
    await outsider.writeContract({ ...to, functionName: "requestCloseWithSignature", args: [channel, leave] });
    const { timestamp } = await chain.client.getBlock();
    const consent = { channelId: id, cumulativeAmount: 500n, deadline: timestamp + 600n };
    const agreed = await signCloseAuthorization(payee, consent, escrow);
    await outsider.writeContract({
      ...to,
      functionName: "closeWithAuthorization",
      args: [channel, 500n, "0x", consent.deadline, agreed],
    });
    const state = await chain.client.readContract({ ...to, functionName: "getChannel", args: [id] });
    expect(state).to.include({ deposit: 1000n, settled: 500n, finalized: true });
  });

  it("given an EIP-3009 authorization made with our nonce and typed data, when relayed, it should open that very channel", async () => {
    const payer = await chain.fundedAccount({ ether: 0n });
    const payee = await chain.fundedAccount({ tokens: 0n });
    const channel: Channel = {
      payer: payer.address,
      payee: payee.address,
      token: chain.tokens.authorization,
      salt: randomSalt(),
      authorizedSigner: nativeCoin,
    };
    const authorization = {
      from: channel.payer,
      to: escrow.address,
      value: 1000n,
      validAfter: 0n,
      validBefore: 2n ** 48n,
      nonce: authorizationNonce(channel),
    };
    const domain = {
      name: "Demo Dollar",
      version: "1",
      chainId: escrow.chainId,
      verifyingContract: channel.token,
    };
    const signature = await payer.signTypedData(authorizationTypedData(authorization, domain));
    const relayer = chain.wallet(await chain.fundedAccount({ tokens: 0n }));
    const { payee: to, token, salt, authorizedSigner } = channel;
    const { from, value, validAfter, validBefore, nonce } = authorization;
    await relayer.writeContract({
      address: escrow.address,
      abi: paymentChannelsAbi,
      functionName: "openWithAuthorization",
      args: [to, token, value, salt, authorizedSigner, from, validAfter, validBefore, nonce, signature],
    });
    const state = await chain.client.readContract({
      address: escrow.address,
      abi: paymentChannelsAbi,
      functionName: "getChannel",
      args: [channelId(channel, escrow)],
    });
    expect(state.deposit).to.equal(1000n);
  });
});
