import { setTimeout as delay } from "node:timers/promises";
import { expect } from "chai";
import { withCharge } from "../../../src/store/charges.ts";
import { StoreSettingError, StoreUnavailableError } from "../../../src/store/index.ts";
import type { Charge } from "../../../src/store/record.ts";
import { sampleId, sampleRecord } from "../../../src/store/sample.ts";
import { acknowledged, startChild } from "./childProcess.ts";
import { postgresFixture, rejection, withSetting } from "./postgresFixture.ts";

describe("postgresStore", () => {
  const { server, schema, start, beside } = postgresFixture();

  describe("durability", () => {
    it("reads back fsync, full pages and synchronous commits from its own connection", async () => {
      expect((await start()).durability()).to.deep.equal({
        fsync: "on",
        fullPageWrites: "on",
        synchronousCommit: "on",
      });
    });

    it("waits for the disk though the user's sessions would not, and keeps what waits for more", async () => {
      for (const [setting, kept] of [
        ["off", "on"],
        ["local", "on"],
        ["remote_apply", "remote_apply"],
      ] as const) {
        const pool = server().pool({ options: `-c synchronous_commit=${setting}` });
        expect((await start({ pool })).durability().synchronousCommit, setting).to.equal(kept);
      }
    });

    for (const setting of ["fsync", "full_page_writes"]) {
      it(`refuses a server with ${setting} off, and says what to do`, async () => {
        await withSetting(server(), [setting, "off"], async () => {
          const error = await rejection(start());
          expect(error).to.be.instanceOf(StoreSettingError);
          expect(error.message).to.match(new RegExp(`${setting} is off.*Set it on`));
        });
        await start();
      });
    }

    it("refuses a server that takes no writes, as a replica", async () => {
      await start();
      const pool = server().pool({ options: "-c default_transaction_read_only=on" });
      const error = await rejection(start({ pool }));
      expect(error).to.be.instanceOf(StoreUnavailableError);
      expect(error.message).to.match(/it takes no writes: it is a replica/);
    });

    it("commits the updates of one turn together, and resolves none before the commit", async () => {
      const events: string[] = [];
      const hooks = { beforeCommit: () => events.push("before"), afterCommit: () => events.push("after") };
      const store = await start({ hooks });
      const update = (n: number) => store.update(sampleId(n), () => sampleRecord(n)).then(() => events.push(`${n}`));
      await Promise.all([update(1), update(2), update(3)]);
      expect(events).to.deep.equal(["before", "after", "1", "2", "3"]);
    });

    it("has the same charges in the tables as at hand, however their list changed", async () => {
      const [store, cold] = [await start(), await start()];
      const charge = (n: bigint) => ({ key: `${n}`, cumulativeAmount: n, amount: 1n, spent: n, at: 1 });
      await store.update(sampleId(1), () => sampleRecord(1));
      await store.update(sampleId(2), () => sampleRecord(2, { charges: [charge(7n)] }));
      const changes: ((charges: readonly Charge[], n: bigint) => readonly Charge[])[] = [
        (charges, n) => [...charges, charge(n)],
        (charges, n) => [...charges, charge(n)].slice(-70),
        (charges, n) => [...charges.slice(30), charge(n), charge(n + 1_000n)],
        (charges) => charges.slice(0, -3),
        (charges, n) => charges.map((kept, index) => (index === 5 ? charge(n) : kept)),
        (charges, n) => [...charges.slice(0, 4), ...charges.slice(5), charge(n), charge(n + 1_000n)],
        (charges) => charges.slice(65),
      ];
      const steps = changes.flatMap((change) => Array.from({ length: change === changes[0] ? 90 : 6 }, () => change));
      for (const [n, change] of [...steps, ...steps].entries()) {
        await store.update(
          sampleId(1),
          (record) => record && { ...record, charges: change(record.charges, BigInt(n)) },
        );
        expect(await cold.get(sampleId(1)), `step ${n}`).to.deep.equal(await store.get(sampleId(1)));
      }
      expect((await cold.get(sampleId(2)))?.charges).to.deep.equal([charge(7n)]);
      const listed = (await store.get(sampleId(1)))?.charges.length ?? 0;
      const [rows] = await beside("SELECT count(*)::int AS count FROM charges WHERE channel = 1");
      expect(rows?.count, "what is no longer kept is deleted, a page at a time").to.be.below(listed + 64);
    });

    it("killed in the middle of a burst, has every acknowledged update", async () => {
      const child = startChild("burst", server().url, "payee", schema());
      await child.spoken(600);
      await child.kill();
      const store = await start();
      const highest = acknowledged(child.lines());
      expect(highest.size).to.equal(20);
      for (const [n, amount] of highest) {
        const record = await store.get(sampleId(n));
        expect(record?.authorized, `channel ${n}`).to.satisfy((authorized: bigint) => authorized >= amount);
        expect(record?.spent, "spent and authorized are one write").to.equal(record?.authorized);
        expect(record?.charges.at(-1)?.cumulativeAmount, "and the charge").to.equal(record?.authorized);
      }
    });
  });

  describe("processes on one database", () => {
    it("four that add to one record and to many lose nothing", async () => {
      const store = await start();
      await Promise.all([1, 2, 3, 4, 5].map((n) => store.update(sampleId(n), () => sampleRecord(n))));
      const children = [1, 2, 3, 4].map(() => startChild("add", server().url, "payee", schema()));
      for (const child of children) expect(await child.ended()).to.equal(0);
      expect((await store.get(sampleId(1)))?.authorized).to.equal(1_200n);
    });

    it("two that each bring fifty copies of every voucher accept each voucher once", async () => {
      const store = await start();
      await store.update(sampleId(1), () => sampleRecord(1));
      const children = [1, 2].map(() => startChild("copies", server().url, "payee", schema()));
      for (const child of children) expect(await child.ended()).to.equal(0);
      const accepted = children.flatMap((child) => child.lines());
      expect(accepted.toSorted((a, b) => Number(a) - Number(b))).to.deep.equal(
        Array.from({ length: 40 }, (_, n) => `${n + 1}`),
      );
      expect(await store.get(sampleId(1))).to.include({ authorized: 40n, spent: 40n });
    });

    it("a change decided on an old record runs again on the new one, and only the second counts", async () => {
      const [one, other] = [await start(), await start()];
      await one.update(sampleId(1), () => sampleRecord(1));
      await other.update(sampleId(1), (record) => record && { ...record, authorized: 5n });
      const seen: (bigint | undefined)[] = [];
      const answer = await one.update(sampleId(1), (record) => {
        seen.push(record?.authorized);
        return record && { ...record, authorized: record.authorized + 1n };
      });
      expect(seen).to.deep.equal([0n, 5n]);
      expect(answer?.authorized).to.equal(6n);
    });

    it("of a crowd that others keep changing, those alone that another has in hand are waited for", async () => {
      const [one, other] = [await start(), await start()];
      const numbers = Array.from({ length: 20 }, (_, n) => n + 1);
      const addAll = (store: typeof one) =>
        Promise.all(
          numbers.map((n) =>
            store.update(sampleId(n), (record) => record && { ...record, authorized: record.authorized + 1n }),
          ),
        );
      await Promise.all(numbers.map((n) => one.update(sampleId(n), () => sampleRecord(n))));
      // Each is overtaken by the other, on every record.
      for (const store of [other, one, other]) await addAll(store);
      const amounts = async () =>
        Promise.all(numbers.map(async (n) => Number((await other.get(sampleId(n)))?.authorized ?? 0n)));
      const othersDone = numbers.map((n) => (n === 7 ? 3 : 4));
      const held = await server().pool().connect();
      await held.query("BEGIN");
      await held.query(`SELECT 1 FROM ${schema()}.channels WHERE id = $1 FOR UPDATE`, [sampleId(7)]);
      const adding = addAll(one);
      for (let turn = 0; turn < 100 && `${await amounts()}` !== `${othersDone}`; turn++) await delay(20);
      const meanwhile = await amounts();
      await held.query("ROLLBACK");
      held.release(true);
      await adding;
      expect(meanwhile, "while one is held").to.deep.equal(othersDone);
      expect(await amounts(), "afterwards").to.deep.equal(numbers.map(() => 4));
    });

    it("a charge on top of another process's charges leaves them where they lie", async () => {
      const [one, other] = [await start(), await start()];
      await one.update(sampleId(1), () => sampleRecord(1));
      for (let n = 1n; n <= 12n; n++) {
        const made = { key: `${n}`, cumulativeAmount: n, amount: 1n, spent: n, at: 1 };
        const store = n % 2n === 0n ? one : other;
        await store.update(
          sampleId(1),
          (record) => record && { ...record, authorized: n, charges: withCharge(record.charges, made) },
        );
      }
      const [row] = await beside("SELECT first_charge::int AS first, next_charge::int AS next FROM channels");
      expect(row).to.deep.equal({ first: 0, next: 12 });
    });

    it("a record that others keep changing gives up after the timeout, and writes nothing", async () => {
      const store = await start({ timeout: 300 });
      await store.update(sampleId(1), () => sampleRecord(1));
      await beside(`CREATE FUNCTION stir() RETURNS trigger LANGUAGE plpgsql AS
        'BEGIN NEW.revision = gen_random_uuid(); RETURN NULL; END';
        CREATE TRIGGER stir BEFORE UPDATE ON channels FOR EACH ROW EXECUTE FUNCTION stir()`);
      const error = await rejection(store.update(sampleId(1), (record) => record && { ...record, authorized: 9n }));
      expect(error).to.be.instanceOf(StoreUnavailableError);
      expect(error.message).to.match(/other processes kept changing a record for 300 ms/);
      expect((await store.get(sampleId(1)))?.authorized).to.equal(0n);
    });
  });
});
