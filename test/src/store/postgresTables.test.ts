import { expect } from "chai";
import { StoreCorruptError, StoreVersionError } from "../../../src/store/index.ts";
import { selection } from "../../../src/store/postgresQuery.ts";
import { sampleEntry, sampleId, sampleRecord } from "../../../src/store/sample.ts";
import { postgresFixture, rejection, secret } from "./postgresFixture.ts";

describe("tables of a postgresStore", () => {
  const { server, schema, start, beside } = postgresFixture();

  describe("tables", () => {
    it("are made once, however many open a new schema at the same time", async () => {
      const stores = await Promise.all(Array.from({ length: 5 }, () => start()));
      await Promise.all(stores.map((store, n) => store.update(sampleId(n), () => sampleRecord(n))));
      expect(await beside("SELECT version FROM migrations")).to.deep.equal([{ version: 1 }]);
      expect(await stores[0]?.list()).to.have.length(5);
    });

    it("of a newer version are refused by number, and left as they are", async () => {
      await (await start()).update(sampleId(1), () => sampleRecord(1));
      await beside("INSERT INTO migrations (version) VALUES (9)");
      const error = await rejection(start());
      expect(error).to.be.instanceOf(StoreVersionError);
      expect(error.message).to.match(/of version 9, and this program reads version 1/);
      expect((await beside("SELECT version FROM migrations")).length).to.equal(2);
    });

    it("of another program are refused, and left as they are", async () => {
      await server().sql(`CREATE SCHEMA ${schema()}; CREATE TABLE ${schema()}.notes (text text)`);
      const error = await rejection(start());
      expect(error).to.be.instanceOf(StoreVersionError);
      expect(error.message).to.match(/a schema of another program/);
      const tables = await server().sql(
        `SELECT relname FROM pg_class WHERE relnamespace = '${schema()}'::regnamespace`,
      );
      expect(tables).to.deep.equal([{ relname: "notes" }]);
    });

    it("half made, when the one that made them was cut off, are made anew", async () => {
      await server().sql(`CREATE SCHEMA ${schema()}`);
      expect(await (await start()).list()).to.deep.equal([]);
    });

    it("are used by a user that may make none", async () => {
      await start();
      const user = `clerk_${schema()}`;
      await beside(`CREATE ROLE ${user} LOGIN PASSWORD 'pen'; GRANT USAGE ON SCHEMA ${schema()} TO ${user};
        GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA ${schema()} TO ${user}`);
      const connectionString = server().url.replace("farthing:penny", `${user}:pen`);
      const store = await start({ config: { connectionString } });
      expect(await store.update(sampleId(1), () => sampleRecord(1))).to.deep.equal(sampleRecord(1));
      expect(await store.lease({ name: "k", holder: "a", ttl: 1, now: 1 })).to.include({ holder: "a" });
    });

    it("keep their names out of statements: a schema's name is plain", async () => {
      for (const name of ['a"b', "a;b", "A", "", "1a"]) {
        expect((await rejection(start({ schema: name }))).message, name).to.match(/lower-case letters/);
      }
    });

    it("answer every query about live channels from an index, in order, without sorting", async () => {
      await start();
      await beside(`INSERT INTO channels (id, revision, payer, payee, token, authorized, settled, finalized, unsettled,
          closing, leaving, first_charge, next_charge, body)
        SELECT '0x' || md5(n::text), gen_random_uuid(), 'payer ' || n % 500, 'payee ' || n % 3, 'token ' || n % 3, 1, 0,
          n % 20 <> 0, n % 40 = 0, n % 200 = 0, n % 400 = 0, 0, 0, '{}' FROM generate_series(1, 20000) AS n; ANALYZE channels`);
      const parties = [
        {},
        { payee: "0x1" },
        { payee: "0x1", token: "0x2" },
        { payer: "0x3" },
        { token: "0x2" },
      ] as const;
      const standings = [{ live: true }, { unsettled: true }, { closing: true }, { leaving: true }] as const;
      for (const [party, standing] of parties.flatMap((each) => standings.map((other) => [each, other] as const))) {
        const query = { ...party, ...standing };
        const { text, values } = selection({ ...query, after: "0x4" }, schema());
        const plan = await beside(`SET plan_cache_mode = force_generic_plan; SET enable_seqscan = off;
          SET enable_bitmapscan = off; PREPARE query AS ${text};
          EXPLAIN EXECUTE query (${values.map((value) => `'${value}'`).join(", ")})`);
        const details = plan.map((row) => row["QUERY PLAN"]).join("\n");
        const what = `${JSON.stringify(query)}\n${details}`;
        const index = new RegExp(`Index (Only )?Scan using channels_(${Object.keys(standing)}(_by_payee)?|by_payer) `);
        expect(details, what).to.match(index);
        expect(details, what).not.to.match(/Sort|Seq Scan/);
      }
    });
  });

  describe("a damaged row", () => {
    const damages: Record<string, string> = {
      "negative amount": "UPDATE channels SET authorized = -1",
      "body that is no object": "UPDATE channels SET body = '[1]'",
      "body that lacks a field": "UPDATE channels SET body = body::jsonb - 'deposit'",
      "body with a field of no version": `UPDATE channels SET body = body::jsonb || '{"sent":"1"}'`,
      "amount that is a number": `UPDATE channels SET body = body::jsonb || '{"deposit":5}'`,
      "signature that is not hexadecimal": `UPDATE channels SET body = body::jsonb || '{"signature":"${secret}zz"}'`,
      "charge that is missing": "DELETE FROM charges WHERE position = 1",
    };
    for (const [what, sql] of Object.entries(damages)) {
      it(`(${what}) names its channel and shows no value`, async () => {
        const first = await start();
        const charges = [1n, 2n, 3n].map((n) => ({ key: `${n}`, cumulativeAmount: n, amount: 1n, spent: n, at: 1 }));
        await first.update(sampleId(1), () => sampleRecord(1, { signature: secret, authorized: 3n, charges }));
        await first.update(sampleId(2), () => sampleRecord(2));
        await beside(
          sql.includes("charges") ? sql : `${sql}, revision = gen_random_uuid() WHERE id = '${sampleId(1)}'`,
        );
        // What is at hand is good as long as nobody changed it; one that lost a charge to a careless hand is read by another.
        const store = sql.includes("charges") ? await start() : first;
        const calls = [store.get(sampleId(1)), store.list(), store.update(sampleId(1), () => sampleRecord(1))];
        for (const error of await Promise.all(calls.map(rejection))) {
          expect(error).to.be.instanceOf(StoreCorruptError);
          expect(error.message).to.contain(sampleId(1)).and.not.contain("5e5e");
        }
        expect(await store.get(sampleId(2)), "its neighbour").to.deep.equal(sampleRecord(2));
        expect((await store.update(sampleId(2), (record) => record && { ...record, spent: 1n }))?.spent).to.equal(1n);
      });
    }

    it("that was deleted is gone, and may be made again", async () => {
      const store = await start();
      await store.update(sampleId(1), () => sampleRecord(1));
      await beside("DELETE FROM channels");
      expect(await store.update(sampleId(1), (record) => record)).to.equal(undefined);
      expect(await store.update(sampleId(1), () => sampleRecord(1))).to.deep.equal(sampleRecord(1));
    });

    it("of the journal names its entry and shows no value", async () => {
      const store = await start();
      await store.journal.put(sampleEntry(1));
      await beside(`UPDATE journal SET body = '{"raw":"${secret}"}'`);
      const error = await rejection(store.journal.list({ chainId: 31337 }));
      expect(error).to.be.instanceOf(StoreCorruptError);
      expect(error.message).to.contain("entry-1").and.not.contain("5e5e");
    });
  });

  describe("text that PostgreSQL cannot hold", () => {
    it("is refused in names and facts, and kept exactly inside records", async () => {
      const store = await start();
      for (const text of ["a\0b", "\ud800"]) {
        for (const call of [
          store.meta.set("key", text),
          store.lease({ name: text, holder: "a", ttl: 1, now: 1 }),
          store.journal.put(sampleEntry(1, { id: text })),
        ]) {
          expect((await rejection(call)) as Error & { code: string }).to.have.property("code", "invalid-record");
        }
        const charges = [{ key: text, cumulativeAmount: 1n, amount: 1n, spent: 1n, at: 1 }];
        const record = sampleRecord(1, { evidence: text, charges });
        await store.update(sampleId(1), () => record);
        expect(await (await start()).get(sampleId(1))).to.deep.equal(record);
      }
    });
  });
});
