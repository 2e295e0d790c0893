import { expect } from "chai";
import { generatePrivateKey, privateKeyToAccount } from "viem/accounts";
import {
  BudgetExceededError,
  createPayer,
  DepositExhaustedError,
  ForeignVoucherError,
} from "../../../src/payer/index.ts";
import { recoverVoucher, signVoucher } from "../../../src/protocol/voucher.ts";
import { memoryPayerStore } from "../../../src/store/index.ts";
import type { PayerStore } from "../../../src/store/payerStore.ts";
import { rejection } from "./rejection.ts";
import { type Rig, startRig } from "./rig.ts";

describe("payer's evidence", () => {
  let rig: Rig;
  before(async () => {
    rig = await startRig();
  });
  after(() => rig.stop());

  async function open(overrides: Parameters<Rig["payer"]>[0] = {}) {
    const { payer, ...rest } = await rig.payer(overrides);
    const { channel } = await payer.open({ payee: rig.payee, token: rig.token, deposit: 1000n });
    return { payer, channel, ...rest };
  }

  describe("pay", () => {
    it("given evidence, when it resolves, mark, signature and evidence are there by one write", async () => {
      const inner = memoryPayerStore();
      const writes: unknown[] = [];
      const store: PayerStore = {
        ...inner,
        async update(id, change) {
          const record = await inner.update(id, change);
          writes.push([record?.authorized, record?.signature !== undefined, record?.evidence]);
          return record;
        },
      };
      const { channel } = await open({ store });
      writes.length = 0;
      const voucher = await channel.pay(10n, { evidence: async ({ cumulativeAmount }) => `up to ${cumulativeAmount}` });
      expect(voucher.cumulativeAmount).to.equal(10n);
      expect(writes).to.deep.equal([[10n, true, "up to 10"]]);
    });

    it("given evidence that cannot be made, when asked, nothing is signed away", async () => {
      const { channel, store } = await open();
      const broken = async () => {
        throw new Error("no evidence");
      };
      expect(await rejection(channel.pay(10n, { evidence: broken }))).to.have.property("message", "no evidence");
      expect(await store.get(channel.id)).to.include({ authorized: 0n });
      expect(await store.get(channel.id)).to.not.have.property("signature");
    });

    it("given another tab that wrote meanwhile, when it is made, it is made again for what is there then", async () => {
      const { channel, store } = await open();
      const seen: unknown[] = [];
      await channel.pay(10n, {
        async evidence({ cumulativeAmount }, kept) {
          seen.push([cumulativeAmount, kept]);
          if (seen.length === 1) {
            await store.update(channel.id, (record) => record && { ...record, authorized: 5n, evidence: "theirs" });
          }
          return "ours";
        },
      });
      expect(seen).to.deep.equal([
        [10n, undefined],
        [15n, "theirs"],
      ]);
      expect(await store.get(channel.id)).to.include({ authorized: 15n, evidence: "ours" });
    });

    it("given evidence that another tab alone changed, when it is made, it is made again too", async () => {
      const { channel, store } = await open();
      let times = 0;
      await channel.pay(10n, {
        async evidence(_, kept) {
          times += 1;
          if (times === 1) await channel.keepEvidence(() => "theirs");
          return `${kept} and ours`;
        },
      });
      expect(times).to.equal(2);
      expect(await store.get(channel.id)).to.include({ authorized: 10n, evidence: "theirs and ours" });
    });
  });

  describe("payUpTo", () => {
    it("given an amount under the own mark, when asked, it is signed without a budget and lowers nothing", async () => {
      const { channel, store, signer } = await open({ policy: { perRequest: 100n, perDay: 100n, perPayee: 100n } });
      const newest = await channel.pay(100n);
      const voucher = await channel.payUpTo(60n, { evidence: async ({ cumulativeAmount }) => `${cumulativeAmount}` });
      expect(voucher.cumulativeAmount).to.equal(60n);
      expect(await recoverVoucher(voucher, rig.chain.escrow)).to.equal(signer.address.toLowerCase());
      const record = await store.get(channel.id);
      expect(record).to.include({ authorized: 100n, signature: newest.signature, evidence: "60" });
      expect(record?.spentToday.amount).to.equal(100n);
    });

    it("given the own mark itself, when asked, it is signed without a budget and counts nothing", async () => {
      const { channel, store } = await open({ policy: { perDay: 100n } });
      const { signature } = await channel.pay(100n);
      expect((await channel.payUpTo(100n)).signature).to.equal(signature);
      expect((await store.get(channel.id))?.spentToday.amount).to.equal(100n);
    });

    it("given an amount above the own mark, when asked, only what is above it meets the caps", async () => {
      const { channel, store } = await open({ policy: { perDay: 100n } });
      await channel.pay(60n);
      await channel.payUpTo(100n);
      const error = await rejection(channel.payUpTo(101n));
      expect(error).to.be.instanceOf(BudgetExceededError);
      expect(error).to.include({ limit: "perDay", amount: 1n });
      expect(await store.get(channel.id)).to.include({ authorized: 100n });
      expect((await store.get(channel.id))?.spentToday.amount).to.equal(100n);
    });

    it("given a mark that was adopted above a cap, when asked under it, no cap is asked", async () => {
      const signer = privateKeyToAccount(generatePrivateKey());
      const { channel } = await open({ signer, policy: { perPayee: 100n } });
      await channel.adopt(
        await signVoucher(signer, { channelId: channel.id, cumulativeAmount: 500n }, rig.chain.escrow),
      );
      expect((await channel.payUpTo(400n)).cumulativeAmount).to.equal(400n);
      expect((await channel.payUpTo(500n)).cumulativeAmount).to.equal(500n);
      expect(await rejection(channel.payUpTo(501n))).to.be.instanceOf(BudgetExceededError);
    });

    it("given an amount above the deposit, when asked, it is refused with what is missing", async () => {
      const { channel } = await open();
      const error = await rejection(channel.payUpTo(1001n));
      expect(error).to.be.instanceOf(DepositExhaustedError);
      expect(error).to.include({ topUp: 1n });
    });

    it("given a channel that is being left, when asked even under the mark, nothing is signed", async () => {
      const { channel } = await open();
      await channel.pay(10n);
      await channel.conclude();
      expect(await rejection(channel.payUpTo(5n))).to.have.property("code", "channel-leaving");
    });
  });

  describe("adopt", () => {
    it("given a higher voucher of the own signer, when adopted, the mark is there without a budget", async () => {
      const signer = privateKeyToAccount(generatePrivateKey());
      const { channel, store } = await open({ signer, policy: { perRequest: 10n, perDay: 10n } });
      await channel.pay(10n);
      const elsewhere = await signVoucher(signer, { channelId: channel.id, cumulativeAmount: 500n }, rig.chain.escrow);
      expect(await channel.adopt(elsewhere, (kept) => `${kept}, then 500`)).to.equal(500n);
      const record = await store.get(channel.id);
      expect(record).to.include({ authorized: 500n, signature: elsewhere.signature, evidence: "undefined, then 500" });
      expect(record?.spentToday.amount).to.equal(10n);
      expect((await channel.latest()).signature).to.equal(elsewhere.signature);
    });

    it("given a lower voucher of the own signer, when adopted, the mark stays and the evidence is kept", async () => {
      const signer = privateKeyToAccount(generatePrivateKey());
      const { channel, store } = await open({ signer });
      const newest = await channel.pay(100n);
      const lower = await signVoucher(signer, { channelId: channel.id, cumulativeAmount: 50n }, rig.chain.escrow);
      expect(await channel.adopt(lower, () => "held")).to.equal(100n);
      expect(await store.get(channel.id)).to.include({
        authorized: 100n,
        signature: newest.signature,
        evidence: "held",
      });
    });

    const lies: [
      condition: string,
      forge: (id: `0x${string}`, own: ReturnType<typeof privateKeyToAccount>) => Promise<object>,
    ][] = [
      [
        "another signer's voucher",
        (channelId) =>
          signVoucher(
            privateKeyToAccount(generatePrivateKey()),
            { channelId, cumulativeAmount: 500n },
            rig.chain.escrow,
          ),
      ],
      [
        "the own signer's voucher with another amount",
        async (channelId, own) => ({
          ...(await signVoucher(own, { channelId, cumulativeAmount: 5n }, rig.chain.escrow)),
          cumulativeAmount: 500n,
        }),
      ],
      [
        "the own signer's voucher of another channel",
        (_, own) => signVoucher(own, { channelId: `0x${"ab".repeat(32)}`, cumulativeAmount: 500n }, rig.chain.escrow),
      ],
      [
        "the own signer's voucher for another escrow",
        (channelId, own) =>
          signVoucher(own, { channelId, cumulativeAmount: 500n }, { ...rig.chain.escrow, address: rig.payee }),
      ],
      ["no signature at all", async (channelId) => ({ channelId, cumulativeAmount: 500n, signature: "0x12" })],
    ];
    for (const [condition, forge] of lies) {
      it(`given ${condition}, when shown, it is refused and nothing changes`, async () => {
        const signer = privateKeyToAccount(generatePrivateKey());
        const { channel, store } = await open({ signer });
        await channel.pay(10n);
        const before = await store.get(channel.id);
        const shown = (await forge(channel.id, signer)) as Parameters<typeof channel.adopt>[0];
        expect(await rejection(channel.adopt(shown, () => "held"))).to.be.instanceOf(ForeignVoucherError);
        expect(await store.get(channel.id)).to.deep.equal(before);
      });
    }
  });

  describe("discover", () => {
    it("given an empty store, when asked, the chain's live channels of this signer to this payee are written down", async () => {
      const { payer, channel, wallet, signer } = await open();
      await payer.open({ payee: rig.chain.deployer, token: rig.token, deposit: 7n });
      await payer.open({ payee: rig.payee, token: rig.chain.tokens.authorization, deposit: 7n });
      const other = await rig.payer({ wallet });
      await other.payer.open({ payee: rig.payee, token: rig.token, deposit: 7n });

      const store = memoryPayerStore();
      const fresh = createPayer({ client: rig.chain.wallet(wallet), signer, store, escrow: rig.chain.escrow });
      const found = await fresh.discover({ payee: rig.payee, token: rig.token });
      expect(found.map(({ id }) => id)).to.deep.equal([channel.id]);
      expect(await store.list()).to.deep.equal(found);
      expect(found[0]).to.include({ deposit: 1000n, authorized: 0n, status: "open" });
      expect((await (await fresh.resume(channel.id)).pay(3n)).cumulativeAmount).to.equal(3n);
      expect(await fresh.discover({ payee: rig.payee, token: rig.token })).to.deep.equal([]);
    });

    it("given a channel that is being closed, and one that is closed, when asked, the first is known as such", async () => {
      const { payer, channel, wallet, signer, store } = await open();
      const gone = await payer.open({ payee: rig.payee, token: rig.token, deposit: 9n });
      await gone.channel.requestClose();
      await rig.chain.increaseTime(48n * 3600n);
      await gone.channel.withdraw();
      await channel.requestClose();
      expect(await store.list()).to.have.length(2);
      const parameters = { client: rig.chain.wallet(wallet), signer, store: memoryPayerStore() };
      const fresh = createPayer({ ...parameters, escrow: rig.chain.escrow });
      const found = await fresh.discover({ payee: rig.payee, token: rig.token });
      expect(found.map(({ id, status }) => [id, status])).to.deep.equal([[channel.id, "closing"]]);
    });

    it("given a first block after the opening, when asked, it is not looked for", async () => {
      const { wallet, signer } = await open();
      const parameters = { client: rig.chain.wallet(wallet), signer, store: memoryPayerStore() };
      const fresh = createPayer({ ...parameters, escrow: rig.chain.escrow });
      const fromBlock = (await rig.chain.client.getBlockNumber({ cacheTime: 0 })) + 1n;
      await rig.chain.client.mine({ blocks: 2 });
      expect(await fresh.discover({ payee: rig.payee, token: rig.token, fromBlock })).to.deep.equal([]);
    });
  });
});
