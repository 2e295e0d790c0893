import { expect } from "chai";
import { type Address, erc20Abi, keccak256, recoverAddress, toHex, zeroAddress } from "viem";
import { readContract } from "viem/actions";
import { paymentChannelsAbi } from "../../../src/abi/paymentChannels.ts";
import {
  BudgetExceededError,
  createPayer,
  DepositExhaustedError,
  InsufficientFundsError,
} from "../../../src/payer/index.ts";
import { nativeCoin } from "../../../src/protocol/channel.ts";
import { closeRequestDigest } from "../../../src/protocol/close.ts";
import { recoverVoucher } from "../../../src/protocol/voucher.ts";
import type { PayerStore } from "../../../src/store/payerStore.ts";
import { gracePeriod } from "../../support/chain.ts";
import { rejection } from "./rejection.ts";
import { type Rig, startRig } from "./rig.ts";

describe("payer", () => {
  let rig: Rig;
  before(async () => {
    rig = await startRig();
  });
  after(() => rig.stop());

  const balanceOf = (token: Address, owner: Address) =>
    readContract(rig.chain.client, { address: token, abi: erc20Abi, functionName: "balanceOf", args: [owner] });

  describe("open", () => {
    it("locks exactly the deposit and leaves no allowance behind", async () => {
      const { payer, wallet, signer } = await rig.payer();
      const { channel, hash } = await payer.open({ payee: rig.payee, token: rig.token, deposit: 5000n });
      expect(hash).to.match(/^0x[0-9a-f]{64}$/);
      const state = await channel.state();
      expect(state).to.include({ status: "open", deposit: 5000n, settled: 0n, authorized: 0n, available: 5000n });
      expect(channel.channel.authorizedSigner).to.equal(signer.address.toLowerCase());
      const allowance = await readContract(rig.chain.client, {
        address: rig.token,
        abi: erc20Abi,
        functionName: "allowance",
        args: [wallet.address, rig.chain.escrow.address],
      });
      expect(allowance).to.equal(0n);
    });

    it("when the wallet itself signs, names no authorized signer", async () => {
      const wallet = await rig.chain.fundedAccount();
      const { payer } = await rig.payer({ wallet, signer: wallet });
      const { channel } = await payer.open({ payee: rig.payee, token: nativeCoin, deposit: 7n });
      expect(channel.channel.authorizedSigner).to.equal(zeroAddress);
      expect((await channel.state()).deposit).to.equal(7n);
    });

    it("journals the intent before anything is broadcast", async () => {
      const { payer, store, wallet } = await rig.payer();
      // The escrow is no payee, which only the escrow itself says: after the approval.
      const error = await rejection(payer.open({ payee: rig.chain.escrow.address, token: rig.token, deposit: 5000n }));
      expect(error).to.have.property("code", "reverted");
      expect((await store.list()).map((record) => record.status)).to.deep.equal(["opening"]);
      expect(await rig.chain.client.getTransactionCount({ address: wallet.address })).to.equal(1);
    });

    it("without coin for gas is refused with advice before anything is sent or journalled", async () => {
      const { payer, store } = await rig.payer({
        client: rig.chain.wallet(await rig.chain.fundedAccount({ ether: 0n })),
      });
      const error = await rejection(payer.open({ payee: rig.payee, token: rig.token, deposit: 5000n }));
      expect(error).to.have.property("code", "no-gas");
      expect(await store.list()).to.deep.equal([]);
    });

    it("repeated with the same salt, opens once and sends nothing the second time", async () => {
      const { payer, wallet } = await rig.payer();
      const salt = keccak256(toHex("once"));
      const first = await payer.open({ payee: rig.payee, token: rig.token, deposit: 5000n, salt });
      await first.channel.pay(10n);
      const before = await rig.chain.client.getTransactionCount({ address: wallet.address });
      const second = await payer.open({ payee: rig.payee, token: rig.token, deposit: 5000n, salt });
      expect(second.hash).to.equal(undefined);
      expect(second.channel.id).to.equal(first.channel.id);
      expect((await second.channel.pay(10n)).cumulativeAmount).to.equal(20n);
      expect(await rig.chain.client.getTransactionCount({ address: wallet.address })).to.equal(before);
    });

    it("two at once do not spend each other's approval", async () => {
      const { payer } = await rig.payer();
      const request = { payee: rig.payee, token: rig.token };
      const opened = await Promise.all([
        payer.open({ ...request, deposit: 5n }),
        payer.open({ ...request, deposit: 9n }),
      ]);
      const states = await Promise.all(opened.map(({ channel }) => channel.state()));
      expect(states.map((state) => state.deposit)).to.deep.equal([5n, 9n]);
    });

    it("of more than the balance is refused before anything is sent or journalled", async () => {
      const { payer, wallet, store } = await rig.payer();
      for (const token of [rig.token, nativeCoin]) {
        const error = await rejection(payer.open({ payee: rig.payee, token, deposit: 10n ** 21n }));
        expect(error).to.be.instanceOf(InsufficientFundsError);
      }
      expect(await rig.chain.client.getTransactionCount({ address: wallet.address })).to.equal(0);
      expect(await store.list()).to.deep.equal([]);
    });

    it("on a client of another chain is refused before anything is sent", async () => {
      const { parameters } = await rig.payer();
      const payer = createPayer({ ...parameters, escrow: { ...rig.chain.escrow, chainId: 10 } });
      const error = await rejection(payer.open({ payee: rig.payee, token: rig.token, deposit: 1n }));
      expect(error).to.have.property("code", "wrong-chain");
    });

    it("with a signer that this payer does not hold is refused", async () => {
      const { payer } = await rig.payer();
      const request = { payee: rig.payee, token: rig.token, deposit: 1n, authorizedSigner: rig.payee };
      expect(await rejection(payer.open(request))).to.have.property("code", "wrong-signer");
    });
  });

  describe("openByAuthorization", () => {
    it("from an account without coin, gives what anyone can open the channel with", async () => {
      const wallet = await rig.chain.fundedAccount({ ether: 0n });
      const token = rig.chain.tokens.authorization;
      const { payer } = await rig.payer({ wallet });
      const { channel, descriptor, authorization, signature } = await payer.openByAuthorization({
        payee: rig.payee,
        token,
        deposit: 5000n,
      });
      expect((await channel.state()).status).to.equal("opening");
      const relayer = rig.chain.wallet(await rig.chain.fundedAccount());
      const { payee, salt, authorizedSigner } = descriptor;
      const { from, value, validAfter, validBefore, nonce } = authorization;
      const hash = await relayer.writeContract({
        address: rig.chain.escrow.address,
        abi: paymentChannelsAbi,
        functionName: "openWithAuthorization",
        args: [payee, token, value, salt, authorizedSigner, from, validAfter, validBefore, nonce, signature],
      });
      await relayer.waitForTransactionReceipt({ hash });
      expect(await channel.state()).to.include({ status: "open", deposit: 5000n });
      expect(await balanceOf(token, wallet.address)).to.equal(1_000_000_000n - 5000n);
    });

    it("of more than the balance is refused before anything is signed or journalled", async () => {
      const { payer, store } = await rig.payer();
      const request = { payee: rig.payee, token: rig.chain.tokens.authorization, deposit: 10n ** 12n };
      expect(await rejection(payer.openByAuthorization(request))).to.be.instanceOf(InsufficientFundsError);
      expect(await store.list()).to.deep.equal([]);
    });

    it("repeated with the same salt and another deposit, is the same channel with the newer intent", async () => {
      const { payer, store } = await rig.payer();
      const request = { payee: rig.payee, token: rig.chain.tokens.authorization, salt: keccak256(toHex("again")) };
      const first = await payer.openByAuthorization({ ...request, deposit: 50n });
      await first.channel.pay(20n);
      const second = await payer.openByAuthorization({ ...request, deposit: 40n });
      expect(second.channel.id).to.equal(first.channel.id);
      expect(await store.get(first.channel.id)).to.include({ deposit: 40n, authorized: 20n });
    });

    it("for the native coin is refused", async () => {
      const { payer } = await rig.payer();
      const error = await rejection(payer.openByAuthorization({ payee: rig.payee, token: nativeCoin, deposit: 1n }));
      expect(error).to.have.property("code", "not-authorizable");
    });
  });

  describe("pay", () => {
    it("fifty at once gives fifty distinct increasing vouchers, each signed by the session key", async () => {
      const { payer, signer } = await rig.payer();
      const { channel } = await payer.open({ payee: rig.payee, token: rig.token, deposit: 5000n });
      const vouchers = await Promise.all(Array.from({ length: 50 }, () => channel.pay(3n)));
      expect(vouchers.map((voucher) => voucher.cumulativeAmount)).to.deep.equal(
        Array.from({ length: 50 }, (_, index) => 3n * BigInt(index + 1)),
      );
      for (const voucher of vouchers) {
        expect(await recoverVoucher(voucher, rig.chain.escrow)).to.equal(signer.address.toLowerCase());
      }
      expect((await channel.latest()).signature).to.equal(vouchers[49]?.signature);
    });

    it("from two payers on one store never signs one amount twice", async () => {
      const { payer, parameters } = await rig.payer();
      const { channel } = await payer.open({ payee: rig.payee, token: rig.token, deposit: 5000n });
      const twin = await createPayer(parameters).resume(channel.id);
      const vouchers = await Promise.all(
        Array.from({ length: 20 }, (_, index) => (index % 2 ? channel : twin).pay(1n)),
      );
      const amounts = new Set(vouchers.map((voucher) => voucher.cumulativeAmount));
      expect(amounts.size).to.equal(20);
      expect((await channel.state()).authorized).to.equal(20n);
    });

    it("is durable before it resolves: a store that fails lets no signature out and raises no mark", async () => {
      const { payer, store, parameters } = await rig.payer();
      const { channel } = await payer.open({ payee: rig.payee, token: rig.token, deposit: 5000n });
      const failing: PayerStore = {
        get: (id) => store.get(id),
        list: (query) => store.list(query),
        close: () => store.close(),
        update: async (id, change) => {
          const before = await store.get(id);
          const after = change(before);
          if (after && after.authorized !== before?.authorized) throw new Error("disk full");
          return store.update(id, change);
        },
      };
      const crippled = await createPayer({ ...parameters, store: failing }).resume(channel.id);
      expect(await rejection(crippled.pay(5n))).to.have.property("message", "disk full");
      expect((await channel.state()).authorized).to.equal(0n);
      expect((await channel.pay(5n)).cumulativeAmount).to.equal(5n);
    });

    it("above the deposit signs nothing and says how much to top up", async () => {
      const { payer } = await rig.payer();
      const { channel } = await payer.open({ payee: rig.payee, token: rig.token, deposit: 100n });
      await channel.pay(90n);
      const error = await rejection(channel.pay(25n));
      expect(error).to.be.instanceOf(DepositExhaustedError);
      expect(error).to.include({ deposit: 100n, topUp: 15n });
      expect((await channel.state()).authorized).to.equal(90n);
      await channel.topUp(15n);
      expect((await channel.pay(25n)).cumulativeAmount).to.equal(115n);
    });

    it("of a negative amount is refused", async () => {
      const { payer } = await rig.payer();
      const { channel } = await payer.open({ payee: rig.payee, token: rig.token, deposit: 100n });
      expect(await rejection(channel.pay(-1n))).to.have.property("code", "invalid-payment");
    });

    it("of nothing gives a voucher over the own mark", async () => {
      const { payer, signer } = await rig.payer();
      const { channel } = await payer.open({ payee: rig.payee, token: rig.token, deposit: 100n });
      const initial = await channel.pay(0n);
      expect(initial.cumulativeAmount).to.equal(0n);
      expect(await recoverVoucher(initial, rig.chain.escrow)).to.equal(signer.address.toLowerCase());
    });
  });

  describe("policy", () => {
    const day = Date.UTC(2026, 10, 20);

    it("caps one request, one day over all channels, and one payee over all time", async () => {
      let now = day;
      const policy = { perRequest: 50n, perDay: 80n, perPayee: 120n };
      const { payer } = await rig.payer({ policy, clock: () => now });
      const request = { payee: rig.payee, token: rig.token, deposit: 1000n };
      const { channel: first } = await payer.open(request);
      const { channel: second } = await payer.open(request);
      expect(await rejection(first.pay(51n))).to.include({ limit: "perRequest", cap: 50n, amount: 51n });
      await first.pay(50n);
      await second.pay(30n);
      expect(await rejection(second.pay(1n))).to.include({ limit: "perDay", cap: 80n, spent: 80n });
      now += 86_400_000;
      await second.pay(40n);
      const error = await rejection(first.pay(1n));
      expect(error).to.be.instanceOf(BudgetExceededError);
      expect(error).to.include({ limit: "perPayee", cap: 120n, spent: 120n });
    });

    it("a day's cap holds against fifty payments at once", async () => {
      const { payer } = await rig.payer({ policy: { perDay: 20n }, clock: () => day });
      const { channel } = await payer.open({ payee: rig.payee, token: rig.token, deposit: 1000n });
      const results = await Promise.allSettled(Array.from({ length: 50 }, () => channel.pay(1n)));
      expect(results.filter((result) => result.status === "fulfilled")).to.have.length(20);
      expect((await channel.state()).authorized).to.equal(20n);
    });

    it("refuses a token that is not listed before anything is sent", async () => {
      const { payer } = await rig.payer({ policy: { tokens: [rig.chain.tokens.authorization] } });
      const error = await rejection(payer.open({ payee: rig.payee, token: rig.token, deposit: 1n }));
      expect(error).to.have.property("code", "token-not-allowed");
    });
  });

  describe("leave", () => {
    it("by requestClose and, after the grace period, withdraw: all of it comes back", async () => {
      const { payer, wallet } = await rig.payer();
      const { channel } = await payer.open({ payee: rig.payee, token: rig.token, deposit: 100n });
      await channel.requestClose();
      expect((await channel.state()).status).to.equal("closing");
      expect(await rejection(channel.pay(1n))).to.have.property("code", "channel-leaving");
      expect(await rejection(channel.withdraw())).to.include({ code: "reverted", reason: "CloseNotReady" });
      await rig.chain.increaseTime(gracePeriod);
      await channel.withdraw();
      expect(await channel.state()).to.include({ status: "closed", finalized: true, available: 0n });
      expect(await balanceOf(rig.token, wallet.address)).to.equal(1_000_000_000n);
    });

    it("a top-up takes the wish back", async () => {
      const { payer } = await rig.payer();
      const { channel } = await payer.open({ payee: rig.payee, token: rig.token, deposit: 100n });
      await channel.requestClose();
      expect(await channel.topUp(11n)).to.have.property("deposit", 111n);
      expect((await channel.pay(111n)).cumulativeAmount).to.equal(111n);
    });

    it("without gas by a signed request, which anyone may submit", async () => {
      const { payer, signer } = await rig.payer();
      const { channel } = await payer.open({ payee: rig.payee, token: rig.token, deposit: 100n });
      const request = await channel.signCloseRequest();
      expect(request).to.include({ channelId: channel.id, deposit: 100n });
      expect(await rejection(channel.pay(1n))).to.have.property("code", "channel-leaving");
      const keeper = rig.chain.wallet(await rig.chain.fundedAccount());
      const hash = await keeper.writeContract({
        address: rig.chain.escrow.address,
        abi: paymentChannelsAbi,
        functionName: "requestCloseWithSignature",
        args: [channel.channel, request.signature],
      });
      await keeper.waitForTransactionReceipt({ hash });
      expect((await channel.state()).closeRequestedAt > 0n).to.equal(true);
      const hashed = closeRequestDigest(request, rig.chain.escrow);
      expect((await recoverAddress({ hash: hashed, signature: request.signature })).toLowerCase()).to.equal(
        signer.address.toLowerCase(),
      );
    });
  });

  describe("resume", () => {
    it("on a store older than the chain raises the own mark to what was settled", async () => {
      const { payer, store, parameters } = await rig.payer();
      const { channel } = await payer.open({ payee: rig.payee, token: rig.token, deposit: 100n });
      const old = await store.get(channel.id);
      const voucher = await channel.pay(40n);
      const keeper = rig.chain.wallet(await rig.chain.fundedAccount());
      const hash = await keeper.writeContract({
        address: rig.chain.escrow.address,
        abi: paymentChannelsAbi,
        functionName: "settle",
        args: [channel.channel, voucher.cumulativeAmount, voucher.signature],
      });
      await keeper.waitForTransactionReceipt({ hash });
      await store.update(channel.id, () => old);
      const resumed = await createPayer(parameters).resume(channel.id);
      expect((await resumed.pay(5n)).cumulativeAmount).to.equal(45n);
    });

    it("of an unknown channel, or with another key, is refused", async () => {
      const { payer, parameters } = await rig.payer();
      const { channel } = await payer.open({ payee: rig.payee, token: rig.token, deposit: 100n });
      const stranger = (await rig.payer()).signer;
      expect(await rejection(payer.resume(keccak256("0x01")))).to.have.property("code", "unknown-channel");
      const other = createPayer({ ...parameters, signer: stranger });
      expect(await rejection(other.resume(channel.id))).to.have.property("code", "wrong-signer");
    });
  });
});
