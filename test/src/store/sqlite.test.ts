import { readFileSync, statSync, symlinkSync, truncateSync, unlinkSync, writeFileSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { expect } from "chai";
import { withCharge } from "../../../src/store/charges.ts";
import {
  StoreCorruptError,
  StoreLockedError,
  StoreUnavailableError,
  StoreVersionError,
} from "../../../src/store/index.ts";
import type { Charge } from "../../../src/store/record.ts";
import { sampleEntry, sampleId, sampleRecord } from "../../../src/store/sample.ts";
import { sqliteStore } from "../../../src/store/sqlite.ts";
import { selection } from "../../../src/store/sqliteQuery.ts";
import type { ChannelQuery, ChannelStore } from "../../../src/store/store.ts";
import { acknowledged, startChild } from "./childProcess.ts";
import { scratchDirectory } from "./scratchDirectory.ts";

const secret = `0x${"5e".repeat(65)}` as const;

describe("sqliteStore", () => {
  const scratch = scratchDirectory();
  const open: ChannelStore[] = [];
  let path: string;

  beforeEach(() => {
    path = scratch.path("channels.db");
  });
  afterEach(async () => {
    await Promise.all(open.splice(0).map((store) => store.close()));
  });

  function start(options: Partial<Parameters<typeof sqliteStore>[1]> = {}) {
    const store = sqliteStore(path, { role: "payee", ...options });
    open.push(store);
    return store;
  }

  /** Runs SQL on the file from beside the store. */
  function beside(sql: string): void {
    const database = new DatabaseSync(path);
    database.exec(sql);
    database.close();
  }

  async function rejection(promise: Promise<unknown>): Promise<Error> {
    const outcome = await promise.then(
      () => undefined,
      (error: Error) => error,
    );
    if (!outcome) throw new Error("it resolved");
    return outcome;
  }

  describe("durability", () => {
    it("reads back a write-ahead log with synchronous=FULL from its own connection", () => {
      expect(start().durability()).to.deep.equal({ journalMode: "wal", synchronous: "full" });
      expect(start({ role: "keeper" }).durability()).to.deep.equal({ journalMode: "wal", synchronous: "full" });
    });

    it("commits the updates of one turn together, and resolves none before the commit", async () => {
      const events: string[] = [];
      const hooks = { beforeCommit: () => events.push("before"), afterCommit: () => events.push("after") };
      const store = start({ hooks });
      const update = (n: number) => store.update(sampleId(n), () => sampleRecord(n)).then(() => events.push(`${n}`));
      await Promise.all([update(1), update(2), update(3)]);
      expect(events).to.deep.equal(["before", "after", "1", "2", "3"]);
    });

    it("when the commit fails, none of its updates is acknowledged or seen", async () => {
      let fail = false;
      const hooks = {
        beforeCommit: () => {
          if (fail) throw new Error("injected");
        },
      };
      const store = start({ hooks });
      await store.update(sampleId(1), () => sampleRecord(1));
      fail = true;
      const first = store.update(sampleId(1), () => sampleRecord(1, { authorized: 5n }));
      const second = store.update(sampleId(2), () => sampleRecord(2));
      const third = store.meta.set("cursor", "1");
      for (const call of [first, second, third]) expect((await rejection(call)).message).to.equal("injected");
      fail = false;
      expect(await store.get(sampleId(1))).to.deep.equal(sampleRecord(1));
      expect(await store.get(sampleId(2))).to.equal(undefined);
      expect(await store.meta.get("cursor")).to.equal(undefined);
      await store.update(sampleId(2), () => sampleRecord(2));
      expect(await store.list()).to.have.length(2);
    });

    it("has the same charges on the disk as at hand, however their list changed", async () => {
      const store = start();
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
        const cold = sqliteStore(path, { role: "keeper" });
        expect(await cold.get(sampleId(1)), `step ${n}`).to.deep.equal(await store.get(sampleId(1)));
        expect((await cold.get(sampleId(2)))?.charges).to.deep.equal([charge(7n)]);
        await cold.close();
      }
    });

    it("a charge on top of charges that were read leaves them where they lie", async () => {
      await start().update(sampleId(1), () => sampleRecord(1));
      for (let n = 1n; n <= 3n; n++) {
        await open.pop()?.close();
        const made = { key: `${n}`, cumulativeAmount: n, amount: 1n, spent: n, at: 1 };
        await start().update(
          sampleId(1),
          (record) => record && { ...record, charges: withCharge(record.charges, made) },
        );
      }
      const database = new DatabaseSync(path);
      const row = database.prepare("SELECT first_charge AS first, next_charge AS next FROM channels").get();
      database.close();
      expect({ ...row }).to.deep.equal({ first: 0, next: 3 });
    });

    it("killed in the middle of a burst, has every acknowledged update", async () => {
      for (let round = 0; round < 3; round++) {
        const child = startChild("burst", path);
        await child.spoken(400 + 150 * round);
        await child.kill();
        const store = sqliteStore(path, { role: "payee" });
        const highest = acknowledged(child.lines());
        expect(highest.size).to.equal(20);
        for (const [n, amount] of highest) {
          const record = await store.get(sampleId(n));
          expect(record?.authorized, `channel ${n}`).to.satisfy((authorized: bigint) => authorized >= amount);
          expect(record?.spent, "spent and authorized are one write").to.equal(record?.authorized);
          expect(record?.charges.at(-1)?.cumulativeAmount, "and the charge").to.equal(record?.authorized);
        }
        await store.close();
        unlinkSync(path);
      }
    });
  });

  describe("two on one file", () => {
    it("a second payee is refused with a sentence, in this process", () => {
      start();
      expect(() => start()).to.throw(StoreLockedError, /Another payee is using .*channels\.db.*stop it first/s);
    });

    it("a second payee is refused through another link to the file", () => {
      start();
      symlinkSync(path, scratch.path("link.db"));
      path = scratch.path("link.db");
      expect(() => start()).to.throw(StoreLockedError);
    });

    it("a payee in another process is refused too, and its kill frees the file at once", async () => {
      const child = startChild("hold", path);
      await child.spoken(1);
      expect(() => start()).to.throw(StoreLockedError);
      start({ role: "keeper" });
      await child.kill();
      expect(await start().list()).to.deep.equal([]);
    });

    it("a refused payee leaves the first one unharmed", async () => {
      const first = start();
      expect(() => start()).to.throw(StoreLockedError);
      expect(() => start()).to.throw(StoreLockedError);
      await first.update(sampleId(1), () => sampleRecord(1));
      await first.close();
      expect(await start().get(sampleId(1))).to.deep.equal(sampleRecord(1));
    });

    it("payee and keeper update one record from two processes and lose nothing", async () => {
      const payee = start();
      await payee.update(sampleId(1), () => sampleRecord(1));
      const keeper = startChild("add", path, "keeper");
      for (let n = 0; n < 300; n++) {
        await payee.update(sampleId(1), (record) => record && { ...record, authorized: record.authorized + 1n });
      }
      expect(await keeper.ended()).to.equal(0);
      expect((await payee.get(sampleId(1)))?.authorized).to.equal(600n);
    });

    it("each sees the other's commits at once, though it had the record at hand", async () => {
      const [payee, keeper] = [start(), start({ role: "keeper" })];
      await payee.update(sampleId(1), () => sampleRecord(1));
      for (const store of [payee, keeper]) expect((await store.get(sampleId(1)))?.settled).to.equal(0n);
      await keeper.update(sampleId(1), (record) => record && { ...record, settled: 5n });
      expect((await payee.get(sampleId(1)))?.settled).to.equal(5n);
      await payee.update(sampleId(1), (record) => record && { ...record, authorized: 9n });
      const record = await keeper.update(sampleId(1), (found) => found && { ...found, settled: 6n });
      expect([record?.authorized, record?.settled]).to.deep.equal([9n, 6n]);
      expect((await payee.list({ unsettled: true }))[0]?.settled).to.equal(6n);
    });
  });

  describe("a locked file", () => {
    it("beyond the busy timeout gives StoreUnavailableError, changes nothing, and works again once it is free", async () => {
      const store = start({ busyTimeout: 40 });
      await store.update(sampleId(1), () => sampleRecord(1));
      const other = new DatabaseSync(path);
      other.exec("BEGIN IMMEDIATE");
      let runs = 0;
      const update = () =>
        store.update(sampleId(1), (record) => {
          runs++;
          return record && { ...record, authorized: 5n };
        });
      const error = await rejection(update());
      expect(error).to.be.instanceOf(StoreUnavailableError);
      expect(error.message).to.match(/locked for \d+ ms.*try again/);
      expect(runs, "the change never ran").to.equal(0);
      expect(await store.get(sampleId(1)), "reading goes on").to.deep.equal(sampleRecord(1));
      other.exec("ROLLBACK");
      other.close();
      expect((await update())?.authorized).to.equal(5n);
    });

    it("within the busy timeout is waited for, without stopping the event loop", async () => {
      const store = start();
      const other = new DatabaseSync(path);
      other.exec("BEGIN IMMEDIATE");
      let done = false;
      const update = store
        .update(sampleId(1), () => sampleRecord(1))
        .then(() => {
          done = true;
        });
      for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setTimeout(resolve, 1));
      expect(done, "while it is locked").to.equal(false);
      other.exec("COMMIT");
      other.close();
      await update;
      expect(await store.get(sampleId(1))).to.deep.equal(sampleRecord(1));
    });
  });

  describe("a file that is not its own", () => {
    it("not a database is refused by name, and left as it is", () => {
      writeFileSync(path, "this is a letter, not a database".repeat(200));
      const before = readFileSync(path);
      expect(() => start()).to.throw(StoreCorruptError, /channels\.db is damaged.*restore the newest backup/);
      expect(readFileSync(path).equals(before)).to.equal(true);
    });

    it("cut short is refused by name", async () => {
      const store = start();
      await Promise.all(
        Array.from({ length: 200 }, (_, n) =>
          store.update(sampleId(n), () => sampleRecord(n, { evidence: "x".repeat(500) })),
        ),
      );
      await store.close();
      truncateSync(path, 4096 * 3);
      const error = await rejection((async () => start().list())());
      expect(error).to.be.instanceOf(StoreCorruptError);
    });

    it("of another version is refused, and says which", async () => {
      await start().close();
      beside("PRAGMA user_version = 9");
      expect(() => start()).to.throw(StoreVersionError, /of version 9, and this program reads version 2/);
    });

    it("of the version before ticks is read as it is, and is the present version from then on", async () => {
      await start().update(sampleId(1), () => sampleRecord(1, { authorized: 5n }));
      await open.pop()?.close();
      beside("PRAGMA user_version = 1");
      const store = start();
      expect(await store.get(sampleId(1))).to.deep.equal(sampleRecord(1, { authorized: 5n }));
      const database = new DatabaseSync(path);
      const version = database.prepare("PRAGMA user_version").get();
      database.close();
      expect(version).to.deep.include({ user_version: 2 });
    });

    it("of another program is refused, and left as it is", () => {
      beside("CREATE TABLE notes (text)");
      expect(() => start()).to.throw(StoreVersionError, /a database of another program/);
      const database = new DatabaseSync(path);
      const tables = database.prepare("SELECT name FROM sqlite_schema").all();
      const journal = database.prepare("PRAGMA journal_mode").get();
      database.close();
      expect([tables.length, journal?.journal_mode]).to.deep.equal([1, "delete"]);
    });

    it("after a refusal, the path can be used at once", async () => {
      writeFileSync(path, "not a database".repeat(300));
      expect(() => start()).to.throw(StoreCorruptError);
      unlinkSync(path);
      expect(await start().list()).to.deep.equal([]);
    });

    it("in a directory that does not exist is unavailable, with advice", () => {
      path = scratch.path("nowhere/channels.db");
      expect(() => start()).to.throw(StoreUnavailableError, /check that its directory exists/);
    });

    it("is readable by its owner alone, and so are its companions", async () => {
      await start().update(sampleId(1), () => sampleRecord(1));
      for (const name of [path, `${path}-wal`]) expect(statSync(name).mode & 0o077, name).to.equal(0);
    });
  });

  describe("a damaged row", () => {
    const damages: Record<string, string> = {
      "amount that is not 39 digits": "UPDATE channels SET authorized = '5'",
      "body that is not JSON": `UPDATE channels SET body = '{"signature":"${secret}"'`,
      "body that lacks a field": "UPDATE channels SET body = json_remove(body, '$.deposit')",
      "body with a field of no version": "UPDATE channels SET body = json_set(body, '$.sent', '1')",
      "amount that is a number": "UPDATE channels SET body = json_set(body, '$.deposit', 5)",
      "signature that is not hexadecimal": `UPDATE channels SET body = json_set(body, '$.signature', '${secret}zz')`,
      "charge that is missing": "DELETE FROM charges WHERE position = 1",
    };
    for (const [what, sql] of Object.entries(damages)) {
      it(`(${what}) names its channel and shows no value`, async () => {
        const store = start();
        const charges = [1n, 2n, 3n].map((n) => {
          return { key: `${n}`, cumulativeAmount: n, amount: 1n, spent: n, at: 1 };
        });
        await store.update(sampleId(1), () => sampleRecord(1, { signature: secret, authorized: 3n, charges }));
        await store.update(sampleId(2), () => sampleRecord(2));
        beside(sql.includes("charges") ? sql : `${sql} WHERE id = '${sampleId(1)}'`);
        const calls = [store.get(sampleId(1)), store.list(), store.update(sampleId(1), () => sampleRecord(1))];
        for (const error of await Promise.all(calls.map(rejection))) {
          expect(error).to.be.instanceOf(StoreCorruptError);
          expect(error.message).to.contain(sampleId(1)).and.not.contain("5e5e");
        }
        expect(await store.get(sampleId(2)), "its neighbour").to.deep.equal(sampleRecord(2));
        expect((await store.update(sampleId(2), (record) => record && { ...record, spent: 1n }))?.spent).to.equal(1n);
      });
    }

    it("of the journal names its entry and shows no value", async () => {
      const store = start();
      await store.journal.put(sampleEntry(1));
      beside(`UPDATE journal SET body = '{"raw":"${secret}"'`);
      const error = await rejection(store.journal.list({ chainId: 31337 }));
      expect(error).to.be.instanceOf(StoreCorruptError);
      expect(error.message).to.contain("entry-1").and.not.contain("5e5e");
    });
  });

  it("no error of a refused record shows its signature", async () => {
    const update = start().update(sampleId(1), () => sampleRecord(1, { signature: `${secret}zz`, authorized: -1n }));
    const error = await rejection(update);
    expect(`${error.message}${error.stack}${JSON.stringify(error)}`).to.not.contain("5e5e");
  });

  it("restored from an old backup, gives the old marks for the payee to hold against the chain", async () => {
    const store = start();
    await store.update(sampleId(1), () => sampleRecord(1, { authorized: 5n }));
    beside(`VACUUM INTO '${scratch.path("backup.db")}'`);
    await store.update(sampleId(1), (record) => record && { ...record, authorized: 9n });
    await store.close();
    path = scratch.path("backup.db");
    const restored = start();
    expect((await restored.get(sampleId(1)))?.authorized).to.equal(5n);
    expect(restored.durability().journalMode).to.equal("wal");
  });

  it("answers every query about live channels from an index of live channels, in order, without sorting", () => {
    start();
    const database = new DatabaseSync(path);
    const parties: ChannelQuery[] = [
      {},
      { payee: "0x1" },
      { payee: "0x1", token: "0x2" },
      { payer: "0x3" },
      { token: "0x2" },
    ];
    const standings: ChannelQuery[] = [{ live: true }, { unsettled: true }, { closing: true }, { leaving: true }];
    for (const query of parties.flatMap((party) => standings.map((standing) => ({ ...party, ...standing })))) {
      const { sql, values } = selection({ ...query, after: "0x4" });
      const plan = database.prepare(`EXPLAIN QUERY PLAN ${sql}`).all(...values);
      const details = plan.map(({ detail }) => String(detail)).join("; ");
      expect(details, JSON.stringify(query)).to.match(/^SEARCH channels USING INDEX channels_\w+ \([^)]*id>\?\)$/);
    }
    database.close();
  });
});
