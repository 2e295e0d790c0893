import { expect } from "chai";
import type { Address } from "viem";
import { nativeCoin } from "../../../src/protocol/channel.ts";
import { PayerLimitError } from "../../../src/store/errors.ts";
import { memoryStore } from "../../../src/store/memory.ts";
import type { ChannelStore } from "../../../src/store/store.ts";
import { postgresFixture } from "../store/postgresFixture.ts";
import { codeOf, type Fixture, fakeChain, fixture, newAccount, stores, voucherOf } from "./fixture.ts";

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

describe("payee exposure to one payer at several payees", () => {
  const { start } = postgresFixture();

  it("given two payees on one PostgreSQL database, and vouchers on forty channels at both at once, never owes more than the limit", async () => {
    const payeeKey = newAccount();
    const chain = fakeChain();
    const terms = { maxUnsettledPerPayer: 100n };
    const [one, other] = await Promise.all(
      [start(), start()].map(async (store) => fixture({ store: await store, payeeKey, chain, terms })),
    );
    if (!one || !other) throw new Error("two were started");
    const account = newAccount();
    const payer = account.address.toLowerCase() as Address;
    const opened = await Promise.all(
      Array.from({ length: 40 }, async () => {
        const { id } = await one.open(1_000n, { payer });
        return voucherOf(id, account);
      }),
    );
    const asked = opened.map(async ({ voucher }, n) =>
      (n % 2 === 0 ? one : other).payee.accept(await voucher(30n), { charge: { amount: 30n } }),
    );
    const answers = (await Promise.all(asked)).map(codeOf);
    expect(answers.filter((code) => code === "ok")).to.have.length(3);
    expect(answers.filter((code) => code === "exposure-limit")).to.have.length(37);
    const records = await other.store.list({ payer, unsettled: true });
    expect(records.reduce((sum, { authorized }) => sum + authorized, 0n)).to.equal(90n);
    expect(records.reduce((sum, { spent }) => sum + spent, 0n)).to.equal(90n);
  });

  it("given a store that others always write to first, is refused and does not wait for ever", async () => {
    const inner = memoryStore();
    let updates = 0;
    const store: ChannelStore = {
      ...bound(inner),
      update(id, change, options) {
        if (options?.payerLimit === undefined) return inner.update(id, change);
        updates += 1;
        return Promise.reject(new PayerLimitError(107n, options.payerLimit));
      },
    };
    const f = await fixture({ store, terms: { maxUnsettledPerPayer: 100n } });
    const channel = await f.open();
    const answer = await f.payee.accept(await channel.voucher(30n));
    expect(answer.ok === false && answer.detail).to.match(/would owe 107 unsettled.*at most 100/);
    expect(codeOf(answer as never)).to.equal("exposure-limit");
    expect(updates).to.equal(5);
  });
});

/** A store's own methods, to be spread. */
function bound(store: ChannelStore): ChannelStore {
  return {
    get: (...parameters) => store.get(...parameters),
    update: (...parameters) => store.update(...parameters),
    list: (...parameters) => store.list(...parameters),
    lease: (...parameters) => store.lease(...parameters),
    release: (...parameters) => store.release(...parameters),
    close: () => store.close(),
    meta: store.meta,
    journal: store.journal,
  };
}

type Opened = { id: `0x${string}` } & ReturnType<typeof voucherOf>;
