import { expect } from "chai";
import { recoverAddress } from "viem";
import { consentPeriod, createPayee } from "../../../src/payee/index.ts";
import { closeAuthorizationDigest, signCloseRequest } from "../../../src/protocol/close.ts";
import { codeOf, escrow, type Fixture, fixture, newAccount } from "./fixture.ts";

describe("payee close", () => {
  let f: Fixture;
  beforeEach(async () => {
    f = await fixture();
  });

  describe("requestClose", () => {
    it("given the payer's request for the current deposit, keeps it and sells nothing more", async () => {
      const { id, payer, voucher } = await f.open(100n);
      const signature = await signCloseRequest(payer, { channelId: id, deposit: 100n }, escrow);
      expect(codeOf(await f.payee.requestClose(id, signature))).to.equal("ok");
      expect((await f.store.get(id))?.closeRequest).to.deep.equal({ deposit: 100n, signature });
      expect(codeOf(await f.payee.accept(await voucher(1n)))).to.equal("close-pending");
      expect(codeOf(await f.payee.requestClose(id, signature))).to.equal("ok");
      expect((await f.store.list({ leaving: true })).map((record) => record.id)).to.deep.equal([id]);
    });

    it("given the authorized signer's request, keeps it", async () => {
      const session = newAccount();
      const { id } = await f.open(100n, { authorizedSigner: session.address });
      const signature = await signCloseRequest(session, { channelId: id, deposit: 100n }, escrow);
      expect(codeOf(await f.payee.requestClose(id, signature))).to.equal("ok");
    });

    it("given a stranger's request or one for another deposit, refuses", async () => {
      const { id, payer, voucher } = await f.open(100n);
      const stranger = await signCloseRequest(newAccount(), { channelId: id, deposit: 100n }, escrow);
      const old = await signCloseRequest(payer, { channelId: id, deposit: 99n }, escrow);
      for (const signature of [stranger, old]) {
        expect(codeOf(await f.payee.requestClose(id, signature))).to.equal("signer-mismatch");
      }
      expect(await f.store.get(id)).not.to.have.property("closeRequest");
      expect(codeOf(await f.payee.accept(await voucher(1n)))).to.equal("ok");
    });

    it("given a top-up afterwards, drops the request that it voids and sells again", async () => {
      const { id, payer, voucher } = await f.open(100n);
      await f.payee.requestClose(id, await signCloseRequest(payer, { channelId: id, deposit: 100n }, escrow));
      f.chain.set(id, { deposit: 200n });
      expect(codeOf(await f.payee.refresh(id))).to.equal("ok");
      expect(await f.store.get(id)).not.to.have.property("closeRequest");
      expect(codeOf(await f.payee.accept(await voucher(1n)))).to.equal("ok");
    });

    it("given malformed input or an unknown channel, refuses", async () => {
      const { id } = await f.open();
      const unknown = `0x${"00".repeat(32)}` as const;
      const plain = `0x${"11".repeat(64)}1b` as const;
      expect(codeOf(await f.payee.requestClose("0x1", plain))).to.equal("malformed");
      expect(codeOf(await f.payee.requestClose(id, "0x1"))).to.equal("malformed");
      expect(codeOf(await f.payee.requestClose(unknown, plain))).to.equal("channel-not-found");
    });
  });

  describe("authorizeClose", () => {
    it("given an unsettled voucher, consents at exactly what is authorized and accepts nothing more", async () => {
      const { id, voucher } = await f.open();
      await f.payee.accept(await voucher(70n), { charge: { amount: 20n } });
      expect(codeOf(await f.payee.authorizeClose(id))).to.equal("ok");
      const consent = (await f.store.get(id))?.closeAuthorization;
      if (!consent) throw new Error("no consent was kept");
      const { signature, ...rest } = consent;
      const deadline = f.chain.timestamp + consentPeriod;
      expect(rest).to.deep.equal({ cumulativeAmount: 70n, voucherSignature: (await voucher(70n)).signature, deadline });
      const hash = closeAuthorizationDigest({ channelId: id, cumulativeAmount: 70n, deadline }, escrow);
      expect(await recoverAddress({ hash, signature })).to.equal(f.account.address);

      expect(codeOf(await f.payee.accept(await voucher(71n)))).to.equal("close-pending");
      expect(codeOf(await f.payee.charge(id, { amount: 1n, idempotencyKey: "late" }))).to.equal("close-pending");
      expect(await f.store.get(id)).to.include({ authorized: 70n, spent: 20n });
    });

    it("given everything settled, consents at what was settled, without a voucher", async () => {
      const { id, voucher } = await f.open();
      await f.payee.accept(await voucher(70n));
      f.chain.set(id, { settled: 70n });
      await f.payee.authorizeClose(id);
      expect((await f.store.get(id))?.closeAuthorization).to.include({ cumulativeAmount: 70n, voucherSignature: "0x" });
    });

    it("asked twice, gives the same consent; near its end, a new one", async () => {
      const { id } = await f.open();
      await f.payee.authorizeClose(id);
      const first = (await f.store.get(id))?.closeAuthorization;
      await f.payee.authorizeClose(id);
      expect((await f.store.get(id))?.closeAuthorization).to.deep.equal(first);
      f.chain.timestamp += consentPeriod - 60n;
      await f.payee.authorizeClose(id);
      expect((await f.store.get(id))?.closeAuthorization?.deadline).to.equal(f.chain.timestamp + consentPeriod);
    });

    it("given vouchers in flight, consents at the last that was accepted", async () => {
      const { id, voucher } = await f.open();
      const vouchers = await Promise.all(Array.from({ length: 40 }, (_, index) => voucher(BigInt(index + 1))));
      let highest = 0n;
      const sales = vouchers.map(async (signed) => {
        const answer = await f.payee.accept(signed);
        if (answer.ok && signed.cumulativeAmount > highest) highest = signed.cumulativeAmount;
      });
      const consent = f.payee.authorizeClose(id);
      await Promise.all([...sales, consent]);
      expect(codeOf(await consent)).to.equal("ok");
      const record = await f.store.get(id);
      expect(record?.closeAuthorization?.cumulativeAmount).to.equal(record?.authorized);
      expect(record?.authorized).to.equal(highest);
    });

    it("given a voucher that lands while the consent is being signed, signs again at the new amount", async () => {
      const { id, voucher } = await f.open();
      await f.payee.accept(await voucher(1n));
      const late = await voucher(2n);
      const { sign, ...slow } = f.account;
      let signed = 0;
      const other = createPayee({
        ...f.settings,
        account: {
          address: f.account.address,
          signer: {
            ...slow,
            sign: async (parameters) => {
              // Another process of the same payee, on the same store.
              if (signed++ === 0) await f.payee.accept(late);
              return sign(parameters);
            },
          },
        },
      });
      expect(codeOf(await other.authorizeClose(id))).to.equal("ok");
      expect(signed).to.equal(2);
      expect((await f.store.get(id))?.closeAuthorization?.cumulativeAmount).to.equal(2n);
    });

    it("while the consent is being signed, lets no voucher in, however many arrive", async () => {
      const { id, voucher } = await f.open();
      const late: string[] = [];
      const { sign, ...rest } = f.account;
      const payee = createPayee({
        ...f.settings,
        account: {
          address: f.account.address,
          signer: {
            ...rest,
            sign: async (parameters) => {
              late.push(codeOf(await payee.accept(await voucher(BigInt(late.length + 1)))));
              return sign(parameters);
            },
          },
        },
      });
      expect(codeOf(await payee.authorizeClose(id))).to.equal("ok");
      expect(late).to.deep.equal(["close-pending"]);
      expect((await f.store.get(id))?.closeAuthorization?.cumulativeAmount).to.equal(0n);
    });

    it("given a kept key afterwards, still hands out its receipt and sells nothing", async () => {
      const { id, voucher } = await f.open();
      const first = await f.payee.accept(await voucher(5n), { charge: { amount: 5n } });
      await f.payee.authorizeClose(id);
      const again = await f.payee.accept(await voucher(5n), { charge: { amount: 5n } });
      expect(again).to.deep.include({ ok: true, replayed: true, charge: first.ok && first.charge });
    });

    it("given no key, refuses; a closed channel, refuses; an unknown one, refuses", async () => {
      const { id } = await f.open();
      const keyless = createPayee({ ...f.settings, account: { address: f.account.address } });
      expect(codeOf(await keyless.authorizeClose(id))).to.equal("unavailable");
      f.chain.set(id, { finalized: true });
      expect(codeOf(await f.payee.authorizeClose(id))).to.equal("channel-finalized");
      expect(codeOf(await f.payee.authorizeClose(`0x${"00".repeat(32)}`))).to.equal("channel-not-found");
      expect(codeOf(await f.payee.authorizeClose("0x" as never))).to.equal("malformed");
    });
  });
});
