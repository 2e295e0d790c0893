import { filePayerStore } from "../../../src/store/filePayerStore.ts";
import {
  channelStoreConformance,
  memoryPayerStore,
  memoryStore,
  payerStoreConformance,
  sharedStoreConformance,
} from "../../../src/store/index.ts";
import { postgresStore } from "../../../src/store/postgres.ts";
import { sqliteStore } from "../../../src/store/sqlite.ts";
import { postgresServer } from "../../support/postgres.ts";
import { scratchDirectory } from "./scratchDirectory.ts";
import { setStoreTime } from "./storeTime.ts";

describe("a memory store of channels conforms", () => {
  for (const { name, run } of channelStoreConformance(async () => memoryStore(), { persistent: false })) it(name, run);
});

describe("a SQLite store of channels conforms", () => {
  const scratch = scratchDirectory();
  const open = async () => sqliteStore(scratch.path("channels.db"), { role: "payee" });
  for (const { name, run } of channelStoreConformance(open, { persistent: true })) it(name, run);
});

describe("a PostgreSQL store of channels conforms", () => {
  const { server, schema } = postgresServer();
  const open = () => postgresStore(server().pool(), { schema: schema() });
  const setTime = (now: number) => setStoreTime(server(), schema(), now);
  for (const { name, run } of channelStoreConformance(open, { persistent: true, setTime })) it(name, run);
});

describe("a payee's and a keeper's SQLite stores on one file conform", () => {
  const scratch = scratchDirectory();
  const open = async () => {
    const path = scratch.path("channels.db");
    return [sqliteStore(path, { role: "payee" }), sqliteStore(path, { role: "keeper" })] as const;
  };
  for (const { name, run } of sharedStoreConformance(open)) it(name, run);
});

describe("two PostgreSQL stores on one schema conform", () => {
  const { server, schema } = postgresServer();
  const one = () => postgresStore(server().pool(), { schema: schema() });
  const open = () => Promise.all([one(), one()]);
  const setTime = (now: number) => setStoreTime(server(), schema(), now);
  for (const { name, run } of sharedStoreConformance(open, { setTime })) it(name, run);
});

describe("a memory store of a payer conforms", () => {
  for (const { name, run } of payerStoreConformance(async () => memoryPayerStore(), { persistent: false }))
    it(name, run);
});

describe("a file of a payer conforms", () => {
  const scratch = scratchDirectory();
  const open = async () => filePayerStore(scratch.path("payer.json"));
  for (const { name, run } of payerStoreConformance(open, { persistent: true })) it(name, run);
});
