// A process of its own on a store: node child.ts ACTION PATH|URL [ROLE [SCHEMA]]
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { Pool } from "pg";
import { filePayerStore } from "../../../src/store/filePayerStore.ts";
import { postgresStore } from "../../../src/store/postgres.ts";
import { sampleId, samplePayerRecord, sampleRecord } from "../../../src/store/sample.ts";
import { sqliteStore } from "../../../src/store/sqlite.ts";
import type { ChannelStore } from "../../../src/store/store.ts";

const [action = "", path = "", role = "payee", schema = ""] = process.argv.slice(2);

/** A file's store, or a database's where a URL is given; `end` lets the process end. */
async function open(): Promise<{ store: ChannelStore; end: () => Promise<void> }> {
  if (!path.startsWith("postgres:")) {
    const store = sqliteStore(path, { role: role === "keeper" ? "keeper" : "payee" });
    return { store, end: () => store.close() };
  }
  const pool = new Pool({ connectionString: path });
  const store = await postgresStore(pool, { schema });
  return { store, end: () => store.close().then(() => pool.end()) };
}

/** One line, handed to the operating system before this returns: nothing printed is lost by a kill. */
async function say(line: string): Promise<void> {
  await new Promise((resolve) => process.stdout.write(`${line}\n`, resolve));
}

if (action === "add") await add();
else if (action === "copies") await copies();
else if (action === "burst") await burst();
else if (action === "hold") await hold();
else if (action === "burst-payer") await burstPayer();
else throw new Error(`no action ${action}`);

/** Adds 1 to the first sample 300 times, ten at a time. */
async function add() {
  const { store, end } = await open();
  for (let round = 0; round < 30; round++) {
    const adding = Array.from({ length: 10 }, () => {
      return store.update(sampleId(1), (record) => record && { ...record, authorized: record.authorized + 1n });
    });
    await Promise.all(adding);
  }
  await end();
}

/** Brings fifty copies of each of forty vouchers to the first sample, and says which it was that was accepted here. */
async function copies() {
  const { store, end } = await open();
  for (let amount = 1n; amount <= 40n; amount++) {
    const bringing = Array.from({ length: 50 }, async () => {
      let accepted = false;
      await store.update(sampleId(1), (record) => {
        accepted = record !== undefined && !record.charges.some(({ key }) => key === `${amount}`);
        if (!record || !accepted) return undefined;
        const [authorized, spent] = [amount > record.authorized ? amount : record.authorized, record.spent + 1n];
        const charge = { key: `${amount}`, cumulativeAmount: amount, amount: 1n, spent, at: 1 };
        return { ...record, authorized, spent, charges: [...record.charges, charge] };
      });
      if (accepted) await say(`${amount}`);
    });
    await Promise.all(bringing);
  }
  await end();
}

/** Twenty callers update twenty channels for ever and say what was acknowledged. */
async function burst() {
  const { store } = await open();
  const caller = async (n: number) => {
    for (let amount = 1n; ; amount++) {
      const charge = { key: `${amount}`, cumulativeAmount: amount, amount: 1n, spent: amount, at: 1 };
      await store.update(sampleId(n), (record = sampleRecord(n)) => {
        return { ...record, authorized: amount, spent: amount, charges: [...record.charges, charge].slice(-16) };
      });
      await say(`${n} ${amount}`);
    }
  };
  await Promise.all(Array.from({ length: 20 }, (_, n) => caller(n)));
}

/** Holds the store, though nothing refers to it, until the process is ended. */
async function hold() {
  sqliteStore(path, { role: "payee" });
  setFlagsFromString("--expose-gc");
  for (let turn = 0; turn < 3; turn++)
    await new Promise((resolve) => setTimeout(resolve, 1)).then(runInNewContext("gc"));
  await say("held");
  setInterval(() => undefined, 1_000);
}

/** As `burst`, for a payer's file. */
async function burstPayer() {
  const store = filePayerStore(path);
  const caller = async (n: number) => {
    for (let amount = 1n; ; amount++) {
      await store.update(sampleId(n), (record = samplePayerRecord(n)) => ({ ...record, authorized: amount }));
      await say(`${n} ${amount}`);
    }
  };
  await Promise.all(Array.from({ length: 20 }, (_, n) => caller(n)));
}
