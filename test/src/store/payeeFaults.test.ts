// A payee on each store, while the store fails under it.
import { inspect } from "node:util";
import { expect } from "chai";
import { createPayee, StoreBehindChainError } from "../../../src/payee/index.ts";
import { memoryStore } from "../../../src/store/memory.ts";
import { postgresStore } from "../../../src/store/postgres.ts";
import { sqliteStore } from "../../../src/store/sqlite.ts";
import type { ChannelStore } from "../../../src/store/store.ts";
import { postgresServer } from "../../support/postgres.ts";
import { codeOf, type Fixture, fixture } from "../payee/fixture.ts";
import { rejection } from "./postgresFixture.ts";
import { scratchDirectory } from "./scratchDirectory.ts";

/** Where a fault strikes: before anything is written, or when all is durable and nobody knows yet. */
type Point = "before" | "after";

type Ground = {
  name: string;
  /** Opens a store whose writes call this around what makes them durable. */
  open: (strike: (point: Point) => void) => Promise<ChannelStore>;
};

describe("a payee over a failing store", () => {
  const scratch = scratchDirectory();
  const { server, schema } = postgresServer();
  const grounds: Ground[] = [
    { name: "memory", open: async (strike) => striking(memoryStore(), strike) },
    {
      name: "sqlite",
      open: async (strike) => {
        const hooks = { beforeCommit: () => strike("before"), afterCommit: () => strike("after") };
        return sqliteStore(scratch.path("payee.db"), { role: "payee", hooks });
      },
    },
    {
      name: "postgres",
      open: (strike) => {
        const hooks = { beforeCommit: () => strike("before"), afterCommit: () => strike("after") };
        return postgresStore(server().pool(), { schema: schema(), hooks });
      },
    },
  ];

  for (const { name, open } of grounds) {
    describe(name, () => {
      let store: ChannelStore;
      let f: Fixture;
      let strike: (point: Point) => void;

      beforeEach(async () => {
        strike = () => undefined;
        store = await open((point) => strike(point));
        f = await fixture({ store });
      });
      afterEach(() => store.close());

      it("given fifty copies of one voucher at once, when accepted, it charges once and serves once", async () => {
        const { id, voucher } = await f.open();
        const signed = await voucher(40n);
        const answers = await Promise.all(
          Array.from({ length: 50 }, () => f.payee.accept(signed, { charge: { amount: 40n } })),
        );
        expect(answers.map(codeOf)).to.deep.equal(Array(50).fill("ok"));
        expect(answers.filter((answer) => answer.ok && !answer.replayed)).to.have.length(1);
        const record = await store.get(id);
        expect([record?.authorized, record?.spent, record?.charges.length]).to.deep.equal([40n, 40n, 1]);
      });

      for (const point of ["before", "after"] as const) {
        it(`given a fault ${point} the write is durable, when asked again, it never served and charges once`, async () => {
          const { id, voucher } = await f.open();
          await f.payee.accept(await voucher(10n), { charge: { amount: 10n } });
          let strikes = 0;
          strike = (at) => {
            if (at !== point) return;
            strikes += 1;
            throw new Error("struck");
          };
          const signed = await voucher(30n);
          const ask = () => f.payee.accept(signed, { charge: { amount: 20n } });
          expect((await Promise.all([ask(), ask(), ask()])).map(codeOf)).to.deep.equal(Array(3).fill("unavailable"));
          expect(strikes).to.be.above(0);
          strike = () => undefined;
          expect((await store.get(id))?.spent).to.equal(point === "before" ? 10n : 30n);
          const answer = await ask();
          expect(answer).to.deep.include({ ok: true, replayed: point === "after" });
          expect((await store.get(id))?.spent).to.equal(30n);
          expect(inspect(f.faults, { depth: 9 })).not.to.contain(signed.signature.slice(2, 40));
        });
      }

      it("given one top-up presented many times, when registered, it takes the deposit from the chain once", async () => {
        const { id, channel } = await f.open(1_000n);
        f.chain.set(id, { deposit: 1_500n });
        const answers = await Promise.all(
          Array.from({ length: 20 }, (_, n) => (n % 2 === 0 ? f.payee.register(channel) : f.payee.refresh(id))),
        );
        expect(answers.map(codeOf)).to.deep.equal(Array(20).fill("ok"));
        expect((await store.get(id))?.deposit).to.equal(1_500n);
      });

      it("given a store that lost the last voucher, when the chain has settled it, it refuses to start", async () => {
        const { id, voucher } = await f.open();
        await f.payee.accept(await voucher(40n), { charge: { amount: 40n } });
        const old = await store.get(id);
        await f.payee.accept(await voucher(60n), { charge: { amount: 20n } });
        // As a restored backup has it.
        await store.update(id, () => old);
        f.chain.set(id, { settled: 60n });
        const again = createPayee(f.settings);
        expect(await rejection(again.start())).to.be.instanceOf(StoreBehindChainError);
        expect(codeOf(await again.accept(await voucher(80n)))).to.equal("unavailable");
      });
    });
  }

  it("given two payees on one database, when each gets half of all requests, nothing is lost or charged twice", async () => {
    const one = await postgresStore(server().pool(), { schema: schema() });
    const other = await postgresStore(server().pool(), { schema: schema() });
    const f = await fixture({ store: one });
    const second = createPayee({ ...f.settings, store: other });
    await second.start();
    const { id, voucher } = await f.open(10_000n);
    const vouchers = await Promise.all(Array.from({ length: 60 }, (_, n) => voucher(BigInt(10 * (n + 1)))));
    const asking = vouchers.flatMap((signed, n) =>
      [f.payee, second, f.payee].map((payee, copy) => {
        const at = (n + copy) % 2 === 0 ? payee : second;
        return at.accept(signed, { charge: { amount: 10n } });
      }),
    );
    const answers = await Promise.all(asking);
    // A voucher that comes before its elder has room for one price: whoever is refused for want of room asks again.
    const again = await Promise.all(vouchers.map((signed) => second.accept(signed, { charge: { amount: 10n } })));
    const served = [...answers, ...again].filter((answer) => answer.ok && !answer.replayed);
    expect(served).to.have.length(60);
    const record = await one.get(id);
    expect([record?.authorized, record?.spent, record?.charges.length]).to.deep.equal([600n, 600n, 60]);
    expect(new Set(record?.charges.map(({ key }) => key)).size).to.equal(60);
    await Promise.all([one.close(), other.close()]);
  });
});

/** A store whose updates are struck as those of the adapters with hooks are. */
function striking(store: ChannelStore, strike: (point: Point) => void): ChannelStore {
  return {
    get: (id) => store.get(id),
    list: (query) => store.list(query),
    lease: (request) => store.lease(request),
    release: (name, holder) => store.release(name, holder),
    meta: store.meta,
    journal: store.journal,
    close: () => store.close(),
    async update(id, change) {
      strike("before");
      const stored = await store.update(id, change);
      strike("after");
      return stored;
    },
  };
}
