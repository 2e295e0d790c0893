import { expect } from "chai";
import { encodeDeployData, encodeFunctionData, numberToHex, parseAbi, toFunctionSelector, zeroAddress } from "viem";
import { type Channel, maxDeposit, nativeCoin } from "../../../src/protocol/channel.ts";
import { signCloseAuthorization, signCloseRequest } from "../../../src/protocol/close.ts";
import { voucherDigest } from "../../../src/protocol/voucher.ts";
import { gracePeriod } from "../../support/chain.ts";
import { describeRelayed } from "./channels/relayed.ts";
import { showsEverything } from "./completeness.ts";
import { deposit, type Stage, setStage } from "./stage.ts";

/** What no call can reach, and why. Each must be in the compiled ABI and must not have been seen. */
const unreachable: Record<string, string> = {
  "error InvalidShortString()":
    "OpenZeppelin's, for a domain name of more than 31 bytes; ours are constants of 19 and 1",
  "error StringTooLong(string)": "OpenZeppelin's, for the same",
  "event EIP712DomainChanged()": "EIP-5267's, for a domain that changes; ours never does",
};

describe("PaymentChannels, as observed on the wire", () => {
  let stage: Stage;

  before(async () => {
    stage = await setStage();
  });

  after(() => stage.chain.stop());

  it("opens, and every view tells what is there", async () => {
    const { chain, witness, payee, keeper, idOf, row, open } = stage;
    const channel = await open();
    const id = idOf(channel);
    const state = { deposit, settled: 0n, closeRequestedAt: 0n, finalized: false };
    await witness.read(keeper, { functionName: "computeChannelId", args: [channel] }, id);
    await witness.read(keeper, { functionName: "getChannel", args: [id] }, state);
    await witness.read(keeper, { functionName: "getChannels", args: [[id, id]] }, [state, state]);
    await witness.read(keeper, { functionName: "credit", args: [nativeCoin, payee.address] }, 0n);
    await witness.read(keeper, { functionName: "closeGracePeriod" }, gracePeriod);
    await witness.read(
      keeper,
      { functionName: "voucherDigest", args: [id, 7n] },
      voucherDigest({ channelId: id, cumulativeAmount: 7n }, chain.escrow),
    );
    const { address, chainId } = chain.escrow;
    const domain = ["0x0f", "EVM Payment Channel", "1", BigInt(chainId), address, numberToHex(0, { size: 32 }), []];
    await witness.read(keeper, { functionName: "eip712Domain" }, domain);
    const rows = [await row(channel, 5n), await row(channel, deposit + 1n)];
    await witness.read(keeper, { functionName: "previewSettle", args: [payee.address, nativeCoin, rows] }, [
      { channelId: id, increase: 5n, reason: "0x00000000" },
      { channelId: id, increase: 0n, reason: toFunctionSelector("AmountExceedsDeposit(uint128,uint128)") },
    ]);
  });

  describeRelayed(() => stage);

  it("leaves: the payer's request, a top-up that takes it back, a signed request, a withdrawal", async () => {
    const { chain, witness, payer, keeper, idOf, open, now, at } = stage;
    const channel = await open();
    const id = idOf(channel);
    const first = await at((await now()) + 10n);
    const requested = (time: bigint) => ({
      name: "CloseRequested",
      args: { channelId: id, readyAt: time + gracePeriod },
    });
    await witness.transact(payer, { functionName: "requestClose", args: [channel] }, [requested(first)]);
    const withdraw = { functionName: "withdraw", args: [channel] };
    await witness.reverts(keeper, withdraw, "CloseNotReady", [first + gracePeriod]);
    await witness.transact(payer, { functionName: "topUp", args: [channel, 5n], value: 5n }, [
      { name: "ChannelToppedUp", args: { channelId: id, deposit: deposit + 5n } },
      { name: "CloseCancelled", args: { channelId: id } },
    ]);
    await witness.reverts(keeper, withdraw, "CloseNotReady", [0n]);
    const signature = await signCloseRequest(payer, { channelId: id, deposit: deposit + 5n }, chain.escrow);
    const second = await at((await now()) + 10n);
    const request = { functionName: "requestCloseWithSignature", args: [channel, signature] };
    await witness.transact(keeper, request, [requested(second)]);
    await at(second + gracePeriod);
    await witness.transact(keeper, withdraw, [
      { name: "ChannelClosed", args: { channelId: id, settled: 0n, refunded: deposit + 5n } },
    ]);
    await witness.reverts(keeper, withdraw, "ChannelFinalized", [id]);
  });

  it("settles one and many, and skips what cannot be settled", async () => {
    const { witness, payee, keeper, idOf, voucher, row, open } = stage;
    const [one, two] = [await open(), await open()];
    const settled = (channel: Channel, amount: bigint) => ({
      name: "ChannelSettled",
      args: { channelId: idOf(channel), settled: amount },
    });
    const { signature } = await voucher(one, 5n);
    const settle = { functionName: "settle", args: [one, 5n, signature] };
    await witness.transact(keeper, settle, [settled(one, 5n)]);
    await witness.reverts(keeper, settle, "AmountNotIncreasing", [5n, 5n]);
    const wrong = { functionName: "settle", args: [one, 6n, signature] };
    await witness.reverts(keeper, wrong, "InvalidSignature");
    const above = { functionName: "settle", args: [one, deposit + 1n, signature] };
    await witness.reverts(keeper, above, "AmountExceedsDeposit", [deposit, deposit + 1n]);
    const rows = [await row(one, 5n), await row(two, 9n)];
    await witness.transact(keeper, { functionName: "settleBatch", args: [payee.address, nativeCoin, rows] }, [
      {
        name: "SettlementSkipped",
        args: { channelId: idOf(one), reason: toFunctionSelector("AmountNotIncreasing(uint128,uint128)") },
      },
      settled(two, 9n),
    ]);
  });

  it("closes by the payee, by its consent, and many at once", async () => {
    const { chain, witness, payer, payee, keeper, idOf, voucher, row, open, now } = stage;
    const [one, two, three] = [await open(), await open(), await open()];
    const closed = (channel: Channel, amount: bigint) => ({
      name: "ChannelClosed",
      args: { channelId: idOf(channel), settled: amount, refunded: deposit - amount },
    });
    const { signature } = await voucher(one, 5n);
    const close = { functionName: "close", args: [one, 5n, signature] };
    await witness.reverts(payer, close, "NotPayee", [payee.address, payer.address]);
    await witness.transact(payee, close, [closed(one, 5n)]);

    const deadline = (await now()) + 1_000n;
    const authorization = { channelId: idOf(two), cumulativeAmount: 0n, deadline };
    const consent = await signCloseAuthorization(payee, authorization, chain.escrow);
    const byConsent = (until: bigint) => ({
      functionName: "closeWithAuthorization",
      args: [two, 0n, "0x", until, consent],
    });
    await witness.reverts(keeper, byConsent(1n), "AuthorizationExpired", [1n, await now()]);
    await witness.transact(keeper, byConsent(deadline), [closed(two, 0n)]);

    const rows = [await row(three, 7n)];
    const batch = { functionName: "closeBatch", args: [payee.address, nativeCoin, rows] };
    await witness.transact(payee, batch, [closed(three, 7n)]);
  });

  it("keeps what a receiver refuses as its credit", async () => {
    const { chain, witness, payer, payee, keeper, idOf, voucher, open, send, deployToken } = stage;
    const receiver = await chain.deploy("RevertingReceiver");
    const settleTo = async (channel: Channel, amount: bigint) => {
      const { signature } = await voucher(channel, amount);
      return { functionName: "settle", args: [channel, amount, signature] };
    };
    const channel = await open({ payee: receiver });
    const credited = { name: "Credited", args: { token: nativeCoin, account: receiver, amount: 5n } };
    const events = [{ name: "ChannelSettled", args: { channelId: idOf(channel), settled: 5n } }, credited];
    await witness.transact(keeper, await settleTo(channel, 5n), events);
    await witness.read(keeper, { functionName: "credit", args: [nativeCoin, receiver] }, 5n);
    const withdraw = { functionName: "withdrawCredit", args: [nativeCoin, receiver] };
    await witness.reverts(keeper, withdraw, "TransferFailed", [nativeCoin, receiver, 5n]);
    await send(payer, receiver, encodeFunctionData({ abi: parseAbi(["function accept()"]) }));
    await witness.transact(keeper, withdraw, [
      { name: "CreditWithdrawn", args: { token: nativeCoin, account: receiver, to: receiver, amount: 5n } },
    ]);

    const token = await deployToken("DenyListToken");
    const denied = await open({ token });
    const deny = parseAbi(["function deny(address account, bool listed)"]);
    await send(payer, token, encodeFunctionData({ abi: deny, args: [payee.address, true] }));
    await witness.transact(keeper, await settleTo(denied, 5n), [
      { name: "ChannelSettled", args: { channelId: idOf(denied), settled: 5n } },
      { name: "Credited", args: { token, account: payee.address, amount: 5n } },
    ]);
    const nowhere = { functionName: "withdrawCreditTo", args: [token, zeroAddress] };
    await witness.reverts(payee, nowhere, "InvalidReceiver", [zeroAddress]);
    await witness.transact(payee, { functionName: "withdrawCreditTo", args: [token, keeper.address] }, [
      { name: "CreditWithdrawn", args: { token, account: payee.address, to: keeper.address, amount: 5n } },
    ]);
  });

  it("refuses what opens or changes a channel wrongly", async () => {
    const { abi, bytecode, witness, payer, keeper, describeChannel, idOf, openCall, open } = stage;
    const channel = await open();
    const id = idOf(channel);
    const fresh = describeChannel();
    await witness.reverts(payer, openCall(channel), "ChannelAlreadyExists", [id]);
    await witness.reverts(payer, openCall({ ...fresh, payee: zeroAddress }), "InvalidPayee", [zeroAddress]);
    await witness.reverts(payer, openCall({ ...fresh, token: keeper.address }), "InvalidToken", [keeper.address]);
    await witness.reverts(payer, openCall(fresh, 0n), "ZeroDeposit");
    await witness.reverts(payer, openCall(fresh, maxDeposit + 1n, 0n), "DepositOverflow", [
      maxDeposit,
      maxDeposit + 1n,
    ]);
    await witness.reverts(payer, openCall(fresh, deposit, 1n), "TransferMismatch", [deposit, 1n]);
    const topUp = { functionName: "topUp", args: [channel, 1n], value: 1n };
    await witness.reverts(keeper, topUp, "NotPayer", [payer.address, keeper.address]);
    await witness.reverts(payer, { functionName: "requestClose", args: [fresh] }, "ChannelNotFound", [idOf(fresh)]);
    const creation = encodeDeployData({ abi, bytecode, args: [599n] });
    await witness.refuses(keeper, { data: creation }, "GracePeriodTooShort", [600n, 599n]);
  });

  it("refuses a token that says no, and one that calls back", async () => {
    const { chain, abi, witness, payer, payee, describeChannel, openCall, open, send, deployToken } = stage;
    const refusing = await deployToken("FalseStillToken");
    await send(payer, refusing, encodeFunctionData({ abi: parseAbi(["function refuse()"]) }));
    const refused = openCall(describeChannel({ token: refusing }));
    await witness.reverts(payer, refused, "SafeERC20FailedOperation", [refusing]);

    const token = await deployToken("ReenteringToken");
    const armed = parseAbi(["function arm(address target, bytes data)", "function result() view returns (bytes)"]);
    const inner = encodeFunctionData({ abi, functionName: "withdrawCredit", args: [token, payee.address] });
    const args = [chain.escrow.address, inner] as const;
    await send(payer, token, encodeFunctionData({ abi: armed, functionName: "arm", args }));
    await open({ token });
    const data = await chain.client.readContract({ address: token, abi: armed, functionName: "result" });
    witness.meets(data, "ReentrancyGuardReentrantCall");
  });

  it("refuses a time that its word cannot hold", async () => {
    const { chain, witness, payer, open, at } = stage;
    const channel = await open();
    const snapshot = await chain.client.snapshot();
    await at(2n ** 40n);
    await chain.client.mine({ blocks: 1 });
    const request = { functionName: "requestClose", args: [channel] };
    await witness.reverts(payer, request, "SafeCastOverflowedUintDowncast", [40, 2n ** 40n]);
    await chain.client.revert({ id: snapshot });
  });

  it("has shown every function, event and error of the compiled contract and of its interface", async () => {
    const count = await showsEverything(stage.witness, stage.abi, "IPaymentChannels", unreachable);
    expect(count).to.be.greaterThan(50);
  });
});
