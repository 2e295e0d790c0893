import { once } from "node:events";
import { rmSync } from "node:fs";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inspect } from "node:util";
import { expect } from "chai";
import { Pool } from "pg";
import {
  type StoreClosedError,
  StoreReplacedError,
  StoreSettingError,
  StoreUnavailableError,
} from "../../../src/store/index.ts";
import { postgresStore } from "../../../src/store/postgres.ts";
import { sampleEntry, sampleId, sampleRecord } from "../../../src/store/sample.ts";
import { startPostgres } from "../../support/postgres.ts";
import { postgresFixture, rejection, secret, withSetting } from "./postgresFixture.ts";

describe("faults under a postgresStore", () => {
  const { server, schema, start } = postgresFixture();

  describe("a database that does not answer", () => {
    it("because a row is locked gives StoreUnavailableError in time, changes nothing, and works again afterwards", async () => {
      const store = await start({ timeout: 200 });
      await store.update(sampleId(1), () => sampleRecord(1));
      const other = await server().pool().connect();
      await other.query(`BEGIN; SELECT 1 FROM ${schema()}.channels FOR UPDATE`);
      const update = () => store.update(sampleId(1), (record) => record && { ...record, authorized: 5n });
      const error = await rejection(update());
      expect(error).to.be.instanceOf(StoreUnavailableError);
      expect(error.message).to.match(/a statement took longer than it may \(57014\).*try again/);
      expect(await store.get(sampleId(1)), "reading goes on").to.deep.equal(sampleRecord(1));
      await other.query("ROLLBACK");
      other.release(true);
      expect((await update())?.authorized).to.equal(5n);
    });

    it("because it dies as it takes a connection gives StoreUnavailableError, and does not end the process", async () => {
      const message = (type: string, body: string) => {
        const length = Buffer.alloc(4);
        length.writeInt32BE(4 + body.length);
        return Buffer.concat([Buffer.from(type), length, Buffer.from(body, "latin1")]);
      };
      // Authentication was fine, it is ready, and it is no more: in one packet.
      const dying = Buffer.concat([
        message("R", "\0\0\0\0"),
        message("Z", "I"),
        message("E", "SFATAL\0C57P01\0Mterminating connection due to unexpected postmaster exit\0\0"),
      ]);
      const host = createServer((socket) => socket.once("data", () => socket.end(dying))).listen(0, "127.0.0.1");
      await once(host, "listening");
      const { port } = host.address() as AddressInfo;
      const pool = new Pool({ host: "127.0.0.1", port, user: "payee", database: "shop" });
      try {
        for (let n = 0; n < 3; n++)
          expect(await rejection(postgresStore(pool))).to.be.instanceOf(StoreUnavailableError);
      } finally {
        host.close();
        await pool.end();
      }
    });

    it("because it hangs gives StoreUnavailableError in time to all that wait, and works again afterwards", async () => {
      const store = await start({ timeout: 200 });
      await store.update(sampleId(1), () => sampleRecord(1));
      await Promise.all([store.get(sampleId(1)), store.list()]);
      const backends = await server().sql(
        "SELECT pid FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()",
      );
      const signal = (name: NodeJS.Signals) => {
        for (const { pid } of backends) process.kill(pid as number, name);
      };
      signal("SIGSTOP");
      try {
        const calls = Array.from({ length: 1_200 }, () => store.update(sampleId(1), (record) => record));
        for (const call of [...calls, store.get(sampleId(1)), store.list(), store.meta.get("a")]) {
          const error = await rejection(call);
          expect(error).to.be.instanceOf(StoreUnavailableError);
          expect(error.message).to.match(/it does not answer/);
        }
      } finally {
        signal("SIGCONT");
      }
      expect(await store.get(sampleId(1))).to.deep.equal(sampleRecord(1));
    });

    it("from the start is refused in time", async () => {
      const sockets: Socket[] = [];
      const silent = createServer((socket) => void sockets.push(socket)).listen(0, "127.0.0.1");
      await once(silent, "listening");
      const { port } = silent.address() as { port: number };
      const pool = server().pool({ connectionString: `postgres://a:b@127.0.0.1:${port}/c` });
      const error = await rejection(start({ pool, timeout: 100 }));
      expect(error).to.be.instanceOf(StoreUnavailableError);
      expect(error.message).to.match(/it does not answer/);
      silent.close();
      for (const socket of sockets) socket.destroy();
    });

    it("lets so many calls wait, and refuses one more at once", async () => {
      const store = await start({ waiting: 5 });
      await store.update(sampleId(1), () => sampleRecord(1));
      const calls = Array.from({ length: 8 }, () => store.update(sampleId(1), (record) => record));
      const outcomes = await Promise.allSettled(calls);
      expect(outcomes.map(({ status }) => status).join(" ")).to.equal(
        "fulfilled fulfilled fulfilled fulfilled fulfilled rejected rejected rejected",
      );
      expect((await rejection(calls[7] as Promise<unknown>)).message).to.match(
        /5 calls wait for it already.*try again/,
      );
      expect(await store.update(sampleId(1), (record) => record)).to.deep.equal(sampleRecord(1));
    });

    it("for want of connections says how many it needs", async () => {
      const error = await rejection(start({ config: { max: 2 } }));
      expect(error.message).to.match(/its pool allows 2 connections, and it needs 3; raise max/);
    });

    it("for a wrong password says so, and not which", async () => {
      const connectionString = server().url.replace("penny", "tuppence");
      const error = await rejection(start({ config: { connectionString } }));
      expect(error).to.be.instanceOf(StoreUnavailableError);
      expect(error.message).to.match(/check user and password/);
      expect(inspect(error)).not.to.contain("tuppence");
    });

    it("leaves the pool to its owner when the store is closed", async () => {
      const pool = server().pool();
      const store = await start({ pool });
      await store.close();
      await (await start({ pool })).close();
      expect(pool.listenerCount("error"), "one for all, or an idle connection's end would end the process").to.equal(1);
      expect((await pool.query("SHOW enable_hashjoin")).rows).to.deep.equal([{ enable_hashjoin: "on" }]);
      expect(((await rejection(store.list())) as StoreClosedError).code).to.equal("store-closed");
    });
  });

  describe("a server that is killed", () => {
    it("costs what was asked one clear error, ends no process, and has all that was acknowledged when it is back", async () => {
      const store = await start();
      await store.update(sampleId(1), () => sampleRecord(1));
      await store.list();
      await server().kill();
      const calls = () => [
        store.update(sampleId(1), (record) => record && { ...record, authorized: 9n }),
        store.get(sampleId(1)),
        store.list(),
        store.meta.set("a", "b"),
        store.lease({ name: "k", holder: "a", ttl: 1, now: 1 }),
      ];
      for (const error of await Promise.all([...calls(), ...calls()].map(rejection))) {
        expect(error).to.be.instanceOf(StoreUnavailableError);
        expect(error.message).to.match(/nothing listens at its address|the connection/);
      }
      await server().start();
      expect(await store.get(sampleId(1))).to.deep.equal(sampleRecord(1));
      expect(
        (await store.update(sampleId(1), (record) => record && { ...record, authorized: 2n }))?.authorized,
      ).to.equal(2n);
    });

    it("and comes back on an older copy of its directory is refused until the process starts again", async () => {
      const own = await startPostgres();
      const copy = join(tmpdir(), `farthing-copy-${own.port}`);
      try {
        const store = await postgresStore(own.pool());
        await store.update(sampleId(1), () => sampleRecord(1, { authorized: 5n }));
        await own.halt();
        own.backup(copy);
        await own.start();
        await store.update(sampleId(1), (record) => record && { ...record, authorized: 9n });
        await own.halt();
        own.restore(copy);
        await own.start();
        for (const error of [await rejection(store.get(sampleId(1))), await rejection(store.list())]) {
          expect(error).to.be.instanceOf(StoreReplacedError);
          expect(error.message).to.match(
            /its log is shorter than it was.*start again: starting compares it with the chain/,
          );
        }
        await store.close();
        const again = await postgresStore(own.pool());
        expect((await again.get(sampleId(1)))?.authorized, "the old mark, for the payee to compare").to.equal(5n);
        await again.close();
      } finally {
        rmSync(copy, { recursive: true, force: true });
        await own.stop();
      }
    });

    it("and replaced by another database at the same address is refused", async () => {
      const own = await startPostgres();
      const other = await startPostgres();
      try {
        const store = await postgresStore(own.pool());
        await Promise.all([own.halt(), other.halt()]);
        await other.start(own.port);
        expect((await rejection(store.list())).message).to.match(/another database cluster/);
        await store.close();
      } finally {
        await Promise.all([own.stop(), other.stop()]);
      }
    });
  });

  describe("secrets", () => {
    it("are in no error and in no log of a server that logs every statement with its parameters", async () => {
      const chatty = await startPostgres({
        log_statement: "all",
        log_min_duration_statement: "0",
        log_error_verbosity: "verbose",
        log_parameter_max_length_on_error: "-1",
      });
      try {
        const pool = chatty.pool();
        const store = await postgresStore(pool, { timeout: 200 });
        const record = sampleRecord(1, { signature: secret, evidence: secret });
        await store.update(sampleId(1), () => record);
        await store.update(sampleId(1), (found) => found && { ...found, authorized: 1n });
        await store.journal.put(sampleEntry(1, { data: secret }));
        const write = () => store.update(sampleId(1), (found) => found && { ...found, authorized: 2n });
        const faults = [
          "ALTER TABLE farthing.channels ADD CONSTRAINT c CHECK (authorized < 2)",
          `CREATE FUNCTION farthing.fail() RETURNS trigger LANGUAGE plpgsql AS
            'BEGIN RAISE EXCEPTION ''%'', NEW.body; END'; CREATE TRIGGER fail BEFORE UPDATE ON farthing.channels
            FOR EACH ROW EXECUTE FUNCTION farthing.fail()`,
          "ALTER TABLE farthing.channels DROP COLUMN body",
        ];
        const errors: Error[] = [];
        for (const fault of faults) {
          await chatty.sql(fault);
          errors.push(await rejection(write()));
        }
        await chatty.kill();
        errors.push(await rejection(write()), await rejection(store.get(sampleId(1))));
        for (const error of errors) {
          expect(error).to.be.instanceOf(StoreUnavailableError);
          expect(`${inspect(error, { depth: 9, showHidden: true })}${error.stack}`).not.to.contain("5e5e");
        }
        // What a trigger of somebody's own says is in its own hands.
        const log = chatty
          .log()
          .split("\n")
          .filter((line) => !/ERROR: {2}P0001/.test(line));
        expect(log.join("\n")).to.contain("farthing-update").and.not.contain("5e5e");
        await store.close();
      } finally {
        await chatty.stop();
      }
    });

    it("are kept from a log that the user may not set, by refusing to start until it may", async () => {
      const user = `guest_${schema()}`;
      await server().sql(`CREATE ROLE ${user} LOGIN PASSWORD 'pen'; GRANT CREATE ON DATABASE postgres TO ${user}`);
      const config = { connectionString: server().url.replace("farthing:penny", `${user}:pen`) };
      await withSetting(server(), ["log_min_duration_statement", "0"], async () => {
        const error = await rejection(start({ config }));
        expect(error).to.be.instanceOf(StoreSettingError);
        expect(error.message).to.match(/GRANT SET ON PARAMETER log_parameter_max_length/);
        await server().sql(`GRANT SET ON PARAMETER log_parameter_max_length TO ${user}`);
        const store = await start({ config });
        await store.update(sampleId(1), () => sampleRecord(1, { signature: `0x${"6d".repeat(65)}` }));
        await store.close();
        expect(server().log()).to.contain("farthing-insert").and.not.contain("6d6d");
      });
    });
  });
});
