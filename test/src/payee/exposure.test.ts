import { expect } from "chai";
import type { Address } from "viem";
import { nativeCoin } from "../../../src/protocol/channel.ts";
import { codeOf, type Fixture, fixture, newAccount, stores, voucherOf } from "./fixture.ts";

const token = "0x00000000000000000000000000000000000000a1";

for (const { name, make } of stores) {
  describe(`payee exposure to one payer on the ${name} store`, () => {
    let f: Fixture;
    let drop: () => Promise<void>;
    beforeEach(async () => {
      const made = make();
      drop = made.drop;
      f = await fixture({ store: made.store, terms: { tokens: [nativeCoin, token], maxUnsettledPerPayer: 100n } });
    });
    afterEach(() => drop());

    /** Channels of one payer. */
    async function channels(count: number, fields: { token?: Address } = {}) {
      const account = newAccount();
      const payer = account.address.toLowerCase() as Address;
      return Promise.all(
        Array.from({ length: count }, async () => {
          const { id } = await f.open(1_000n, { payer, ...fields });
          return { id, ...voucherOf(id, account) };
        }),
      );
    }

    it("given channels that together owe the limit, refuses a unit more on any, and takes it once one has settled", async () => {
      const [a, b] = (await channels(2)) as [Opened, Opened];
      expect(codeOf(await f.payee.accept(await a.voucher(60n)))).to.equal("ok");
      expect(codeOf(await f.payee.accept(await b.voucher(40n), { charge: { amount: 40n } }))).to.equal("ok");
      expect(codeOf(await f.payee.accept(await b.voucher(41n)))).to.equal("exposure-limit");
      expect(codeOf(await f.payee.accept(await a.voucher(61n)))).to.equal("exposure-limit");
      expect((await f.store.get(b.id))?.authorized).to.equal(40n);
      // The store has not heard of it yet: the chain is asked before anyone is refused.
      f.chain.set(a.id, { settled: 60n });
      expect(codeOf(await f.payee.accept(await b.voucher(100n)))).to.equal("ok");
      expect(codeOf(await f.payee.accept(await b.voucher(101n)))).to.equal("exposure-limit");
    });

    it("given vouchers on twenty channels at once, never owes more than the limit", async () => {
      const opened = await channels(20);
      const answers = await Promise.all(opened.map(async ({ voucher }) => f.payee.accept(await voucher(30n))));
      expect(answers.map(codeOf).filter((code) => code === "ok")).to.have.length(3);
      const records = await f.store.list();
      expect(records.reduce((sum, { authorized }) => sum + authorized, 0n)).to.equal(90n);
    });

    it("given another payer, or another token, counts apart", async () => {
      const [a] = (await channels(1)) as [Opened];
      const [stranger] = (await channels(1)) as [Opened];
      expect(codeOf(await f.payee.accept(await a.voucher(100n)))).to.equal("ok");
      expect(codeOf(await f.payee.accept(await stranger.voucher(100n)))).to.equal("ok");
      const account = newAccount();
      const payer = account.address.toLowerCase() as Address;
      const coin = await f.open(1_000n, { payer });
      const other = await f.open(1_000n, { payer, token });
      expect(codeOf(await f.payee.accept(await voucherOf(coin.id, account).voucher(100n)))).to.equal("ok");
      expect(codeOf(await f.payee.accept(await voucherOf(other.id, account).voucher(100n)))).to.equal("ok");
    });

    it("given a payer over the limit, sells nothing more on credit, and hands out receipts", async () => {
      const [a, b] = (await channels(2)) as [Opened, Opened];
      await f.payee.accept(await a.voucher(100n), { charge: { amount: 10n, idempotencyKey: "a" } });
      await f.store.update(b.id, (record) => record && { ...record, authorized: 50n });
      expect(codeOf(await f.payee.charge(a.id, { amount: 1n, idempotencyKey: "b" }))).to.equal("exposure-limit");
      expect(codeOf(await f.payee.reserve(a.id, 1n, { idempotencyKey: "b" }))).to.equal("exposure-limit");
      const again = await f.payee.charge(a.id, { amount: 10n, idempotencyKey: "a" });
      expect(again).to.include({ ok: true, replayed: true });
    });
  });
}

type Opened = { id: `0x${string}` } & ReturnType<typeof voucherOf>;
