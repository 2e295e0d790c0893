import { expect } from "chai";
import { decodeFunctionData, erc20Abi, type LocalAccount, parseEventLogs, zeroHash } from "viem";
import { channelActions } from "../../../../src/chain/channels/actions.ts";
import { ChannelRevertError, channelErrorName } from "../../../../src/chain/channels/decodeError.ts";
import { decodeChannelEvents } from "../../../../src/chain/channels/decodeEvents.ts";
import { toSettleRow } from "../../../../src/chain/channels/settleRow.ts";
import { NoAccountError } from "../../../../src/chain/channels/writes.ts";
import { ChainUnavailableError, WalletRefusedError } from "../../../../src/chain/failure.ts";
import { authorizationNonce, authorizationTypedData } from "../../../../src/protocol/authorization.ts";
import { channelId } from "../../../../src/protocol/channel.ts";
import { signCloseAuthorization, signCloseRequest } from "../../../../src/protocol/close.ts";
import { signVoucher, voucherDigest } from "../../../../src/protocol/voucher.ts";
import { gracePeriod, startChain, type TestChain } from "../../../support/chain.ts";
import { lyingTransport, rpcError } from "../../../support/lyingTransport.ts";
import { clientOver, describeChannel, escrowWallet, failure, openChannel } from "../support.ts";

describe("channel actions", () => {
  let chain: TestChain;
  let payer: LocalAccount;
  let payee: LocalAccount;
  let keeper: LocalAccount;

  before(async () => {
    chain = await startChain();
    [payer, payee, keeper] = await Promise.all([chain.fundedAccount(), chain.fundedAccount(), chain.fundedAccount()]);
  });

  after(() => chain.stop());

  const as = (account: LocalAccount) => escrowWallet(chain, account);
  const voucher = (id: `0x${string}`, cumulativeAmount: bigint) =>
    signVoucher(payer, { channelId: id, cumulativeAmount }, chain.escrow);

  it("read what the protocol computes", async () => {
    const { channel, id } = await openChannel(chain, payer, payee.address);
    const client = as(keeper);
    expect(await client.computeChannelId({ channel })).to.equal(id);
    expect(await client.voucherDigest({ channelId: id, cumulativeAmount: 7n })).to.equal(
      voucherDigest({ channelId: id, cumulativeAmount: 7n }, chain.escrow),
    );
    expect(await client.closeGracePeriod()).to.equal(gracePeriod);
    expect(await client.credit({ token: chain.tokens.plain, owner: payee.address })).to.equal(0n);
    const [state, none] = await client.getChannels({ channelIds: [id, zeroHash] });
    expect(state).to.deep.equal({ deposit: 1_000n, settled: 0n, closeRequestedAt: 0n, finalized: false });
    expect(none?.deposit).to.equal(0n);
  });

  it("read as of a past block", async () => {
    const before = await chain.client.getBlockNumber();
    const { id } = await openChannel(chain, payer, payee.address);
    expect((await as(keeper).getChannel({ channelId: id, blockNumber: before })).deposit).to.equal(0n);
  });

  describe("opening with a token", () => {
    it("approves exactly the deposit, in a step of its own", async () => {
      const client = as(payer);
      const hash = await client.approve({ token: chain.tokens.plain, amount: 500n });
      if (!hash) throw new Error("no approval was sent");
      const { input, to } = await chain.client.getTransaction({ hash });
      const { functionName, args } = decodeFunctionData({ abi: erc20Abi, data: input });
      expect(to).to.equal(chain.tokens.plain);
      expect([functionName, args?.[1]]).to.deep.equal(["approve", 500n]);
      expect(String(args?.[0]).toLowerCase()).to.equal(chain.escrow.address);

      expect(await client.approve({ token: chain.tokens.plain, amount: 500n })).to.equal(undefined);

      const channel = describeChannel({ payer: payer.address, payee: payee.address, token: chain.tokens.plain });
      await client.open({ ...channel, deposit: 500n });
      const left = await chain.client.readContract({
        address: chain.tokens.plain,
        abi: erc20Abi,
        functionName: "allowance",
        args: [payer.address, chain.escrow.address],
      });
      expect(left).to.equal(0n);
    });

    it("lowers a larger allowance to what is needed", async () => {
      const client = as(payer);
      await client.approve({ token: chain.tokens.plain, amount: 900n });
      expect(await client.approve({ token: chain.tokens.plain, amount: 100n })).to.be.a("string");
    });

    it("is possible for a relayer, by the payer's authorization", async () => {
      const channel = describeChannel({
        payer: payer.address,
        payee: payee.address,
        token: chain.tokens.authorization,
      });
      const times = { validAfter: 0n, validBefore: 2n ** 48n };
      const authorization = {
        from: payer.address,
        to: chain.escrow.address,
        value: 300n,
        nonce: authorizationNonce(channel),
        ...times,
      };
      const domain = { name: "Demo Dollar", version: "1", chainId: chain.escrow.chainId };
      const signature = await payer.signTypedData(
        authorizationTypedData(authorization, { ...domain, verifyingContract: channel.token }),
      );
      await as(keeper).openWithAuthorization({ ...channel, from: payer.address, deposit: 300n, ...times, signature });
      expect((await as(keeper).getChannel({ channelId: channelId(channel, chain.escrow) })).deposit).to.equal(300n);
    });
  });

  it("top up, settle and close", async () => {
    const { channel, id } = await openChannel(chain, payer, payee.address);
    await as(payer).topUp({ channel, additionalDeposit: 500n });
    await as(keeper).settle({ channel, ...(await voucher(id, 1_200n)) });
    expect(await as(payer).getChannel({ channelId: id })).to.include({ deposit: 1_500n, settled: 1_200n });
    await as(payee).close({ channel, ...(await voucher(id, 1_300n)) });
    expect(await as(payer).getChannel({ channelId: id })).to.include({ settled: 1_300n, finalized: true });
  });

  it("settle a batch of compact rows, and preview each row's reason", async () => {
    const good = await openChannel(chain, payer, payee.address);
    const poor = await openChannel(chain, payer, payee.address);
    const batch = {
      payee: payee.address,
      token: good.channel.token,
      rows: [
        toSettleRow(good.channel, await voucher(good.id, 400n)),
        toSettleRow(poor.channel, await voucher(poor.id, 4_000n)),
      ],
    };
    const previews = await as(keeper).previewSettle(batch);
    expect(previews.map(({ increase, reason }) => [increase, channelErrorName(reason)])).to.deep.equal([
      [400n, undefined],
      [0n, "AmountExceedsDeposit"],
    ]);
    const hash = await as(keeper).settleBatch(batch);
    const { logs } = await chain.client.getTransactionReceipt({ hash });
    const events = decodeChannelEvents(logs, { address: chain.escrow.address });
    expect(events.map((event) => event.eventName)).to.deep.equal(["ChannelSettled", "SettlementSkipped"]);
    expect(decodeChannelEvents(logs, { address: chain.tokens.plain })).to.deep.equal([]);
    expect(parseEventLogs({ abi: erc20Abi, logs })).to.deep.equal([]);
  });

  it("refuse the settled amount and less by one reason, alone, in a batch and in a preview", async () => {
    const { channel, id } = await openChannel(chain, payer, payee.address);
    await as(keeper).settle({ channel, ...(await voucher(id, 400n)) });
    for (const amount of [400n, 399n, 0n]) {
      const late = await voucher(id, amount);
      const error = await failure(as(keeper).settle({ channel, ...late }));
      expect(error).to.include({ reason: "AmountNotIncreasing" });
      expect((error as ChannelRevertError).args).to.deep.equal([400n, amount]);
      const batch = { payee: payee.address, token: channel.token, rows: [toSettleRow(channel, late)] };
      const [preview] = await as(keeper).previewSettle(batch);
      expect(channelErrorName(preview?.reason ?? "0x")).to.equal("AmountNotIncreasing");
      const { logs } = await chain.client.getTransactionReceipt({ hash: await as(keeper).settleBatch(batch) });
      const events = decodeChannelEvents(logs, { address: chain.escrow.address });
      expect(events.map(({ args }) => "reason" in args && channelErrorName(args.reason))).to.deep.equal([
        "AmountNotIncreasing",
      ]);
    }
    expect(await as(payer).getChannel({ channelId: id })).to.include({ settled: 400n });
  });

  it("close a batch, with and without a voucher", async () => {
    const [paid, forgiven] = [
      await openChannel(chain, payer, payee.address),
      await openChannel(chain, payer, payee.address),
    ];
    const rows = [
      toSettleRow(paid.channel, await voucher(paid.id, 10n)),
      toSettleRow(forgiven.channel, { cumulativeAmount: 0n }),
    ];
    await as(payee).closeBatch({ payee: payee.address, token: paid.channel.token, rows });
    const states = await as(payee).getChannels({ channelIds: [paid.id, forgiven.id] });
    expect(states.map(({ settled, finalized }) => [settled, finalized])).to.deep.equal([
      [10n, true],
      [0n, true],
    ]);
  });

  it("close by the payee's authorization", async () => {
    const { channel, id } = await openChannel(chain, payer, payee.address);
    const { cumulativeAmount, signature } = await voucher(id, 50n);
    const deadline = 2n ** 48n;
    const consent = { channelId: id, cumulativeAmount, deadline };
    const payeeSignature = await signCloseAuthorization(payee, consent, chain.escrow);
    await as(keeper).closeWithAuthorization({ channel, cumulativeAmount, signature, deadline, payeeSignature });
    expect(await as(payer).getChannel({ channelId: id })).to.include({ settled: 50n, finalized: true });
  });

  it("request a close, by the payer and by signature, and withdraw after the grace period", async () => {
    const [own, signed] = [
      await openChannel(chain, payer, payee.address),
      await openChannel(chain, payer, payee.address),
    ];
    await as(payer).requestClose({ channel: own.channel });
    const signature = await signCloseRequest(payer, { channelId: signed.id, deposit: 1_000n }, chain.escrow);
    await as(keeper).requestCloseWithSignature({ channel: signed.channel, signature });
    const states = await as(payer).getChannels({ channelIds: [own.id, signed.id] });
    for (const { closeRequestedAt } of states) expect(closeRequestedAt > 0n).to.equal(true);

    await chain.increaseTime(gracePeriod);
    await as(keeper).withdraw({ channel: own.channel });
    expect((await as(payer).getChannel({ channelId: own.id })).finalized).to.equal(true);
  });

  it("withdraw a credit, which costs nothing where there is none", async () => {
    const hash = await as(keeper).withdrawCredit({ token: chain.tokens.plain, owner: payee.address });
    expect((await chain.client.getTransactionReceipt({ hash })).status).to.equal("success");
  });

  describe("a call that would revert", () => {
    it("is never signed, and says why with the contract's own values", async () => {
      const { channel, id } = await openChannel(chain, payer, payee.address);
      const nonce = await chain.client.getTransactionCount({ address: keeper.address });
      const error = await failure(as(keeper).settle({ channel, ...(await voucher(id, 1_001n)) }));
      expect(error).to.be.instanceOf(ChannelRevertError);
      expect(error).to.include({ reason: "AmountExceedsDeposit", code: "reverted" });
      expect((error as ChannelRevertError).args).to.deep.equal([1_000n, 1_001n]);
      expect(await chain.client.getTransactionCount({ address: keeper.address })).to.equal(nonce);
    });

    it("names an error that is not the escrow's by its selector", async () => {
      const channel = describeChannel({ payer: keeper.address, payee: payee.address, token: chain.tokens.plain });
      const error = await failure(as(keeper).open({ ...channel, deposit: 1n }));
      expect((error as ChannelRevertError).reason).to.equal("Unknown");
      expect((error as ChannelRevertError).args).to.deep.equal(["0xfb8f41b2"]); // ERC20InsufficientAllowance
    });
  });

  it("keep a voucher's signature out of every error", async () => {
    const { channel, id } = await openChannel(chain, payer, payee.address);
    const signed = await voucher(id, 5n);
    const node = lyingTransport(chain.transport);
    const client = clientOver(chain, node.transport);
    const attempt = () =>
      channelActions({ address: chain.escrow.address })(client as never).settle({
        channel,
        ...signed,
        account: keeper,
      });
    for (const method of ["eth_call", "eth_sendRawTransaction"]) {
      node.lie = async (request, honest) => {
        if (request.method === method) throw rpcError(`no to ${signed.signature}, ${JSON.stringify(request.params)}`);
        return honest();
      };
      const error = await failure(attempt());
      expect(error, method).to.be.instanceOf(ChainUnavailableError);
      expect(everything(error), method).not.to.include(signed.signature.slice(2, 66));
    }
  });

  it("tell a refusal at the wallet from a failure", async () => {
    const { channel } = await openChannel(chain, payer, payee.address);
    const node = lyingTransport(chain.transport);
    node.lie = async (request, honest) => {
      if (request.method === "eth_sendTransaction") throw rpcError("User rejected the request.", 4001);
      return honest();
    };
    const wallet = channelActions({ address: chain.escrow.address })(clientOver(chain, node.transport) as never);
    expect(await failure(wallet.requestClose({ channel, account: payer.address }))).to.be.instanceOf(
      WalletRefusedError,
    );
  });

  it("refuse to send without an account", async () => {
    const { channel } = await openChannel(chain, payer, payee.address);
    const client = clientOver(chain, chain.transport);
    const wallet = channelActions({ address: chain.escrow.address })(client as never);
    expect(await failure(wallet.requestClose({ channel }))).to.be.instanceOf(NoAccountError);
  });
});

/** All that a logger could print of an error. */
function everything(error: Error): string {
  const parts: string[] = [];
  for (let at: unknown = error; at instanceof Error; at = at.cause) parts.push(at.stack ?? "", JSON.stringify(at));
  return parts.join("\n");
}
