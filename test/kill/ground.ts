// What a payee of the kill series stands on: a SQLite file, or a PostgreSQL server that can be killed under it.
import { join } from "node:path";
import { Pool } from "pg";
import { postgresStore } from "../../src/store/postgres.ts";
import type { ChannelRecord } from "../../src/store/record.ts";
import { sqliteStore } from "../../src/store/sqlite.ts";
import type { ChannelStore } from "../../src/store/store.ts";
import { temporaryDirectory } from "../src/payee/fixture.ts";
import { startPostgres } from "../support/postgres.ts";

export type GroundKind = "sqlite" | "postgres";

/** Where a store is, for a process of its own. */
export type Site = { kind: "sqlite"; path: string } | { kind: "postgres"; url: string };

export type OpenStore = {
  store: ChannelStore;
  /** What the database really does, read back from the store's own connection. */
  durability: Record<string, string>;
  /** Closes it, so that the process may end. */
  end: () => Promise<void>;
};

/** Opens what is at `site`, as the payee or beside it. */
export async function openStore(
  site: Site,
  role: "payee" | "keeper",
  hooks: { beforeCommit?: () => void; afterCommit?: () => void } = {},
): Promise<OpenStore> {
  if (site.kind === "sqlite") {
    const store = sqliteStore(site.path, { role, hooks });
    return { store, durability: store.durability(), end: () => store.close() };
  }
  const pool = new Pool({ connectionString: site.url });
  const store = await postgresStore(pool, { hooks });
  return { store, durability: store.durability(), end: () => store.close().then(() => pool.end()) };
}

export type Ground = Awaited<ReturnType<typeof startGround>>;

export async function startGround(kind: GroundKind) {
  const directory = temporaryDirectory();
  const server = kind === "postgres" ? await startPostgres() : undefined;
  const site: Site = server
    ? { kind: "postgres", url: server.url }
    : { kind: "sqlite", path: join(directory.path, "payee.db") };
  return {
    site,
    /** For files that go with it. */
    directory: directory.path,
    /** Every record, read by a process that is not the payee. */
    async records(): Promise<ChannelRecord[]> {
      const { store, end } = await openStore(site, "keeper");
      try {
        return await store.list();
      } finally {
        await end();
      }
    },
    /** Ends the database server as a power cut would. */
    async kill(): Promise<void> {
      if (!server) throw new Error("a file has no server to kill");
      await server.kill();
    },
    /** Starts it again on what is on the disk. */
    start: async () => server?.start(),
    async stop(): Promise<void> {
      await server?.stop();
      directory.remove();
    },
  };
}
