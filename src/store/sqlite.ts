import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { Hex } from "viem";
import { canonicalId, changed } from "./canonical.ts";
import { entrySchema, recordSchema } from "./codec.ts";
import { StoreClosedError, StoreUnavailableError } from "./errors.ts";
import { lockFile } from "./fileLock.ts";
import { GroupCommit } from "./groupCommit.ts";
import { holdToLimit } from "./payerLimit.ts";
import type { ChannelRecord } from "./record.ts";
import { SqliteChannels, type Stored } from "./sqliteChannels.ts";
import { explain, isBusy, isSqliteError } from "./sqliteError.ts";
import { createFile, openDatabase, readDurability } from "./sqliteFile.ts";
import { SqliteLedgers } from "./sqliteLedgers.ts";
import type { ChannelQuery, ChannelStore, Lease, LeaseRequest } from "./store.ts";
import { WeightedCache } from "./weightedCache.ts";

export type SqliteStoreOptions = {
  /** One `payee` may have the file, and a second is refused; any number of `keeper`s work beside it. */
  role: "payee" | "keeper";
  /** How long to wait for another process's lock before a call fails, milliseconds; 5,000 unless told. */
  busyTimeout?: number;
  /** Called around each commit; for tests that end the process there. What they throw fails the commit's calls. */
  hooks?: { beforeCommit?: () => void; afterCommit?: () => void };
};

export type SqliteStore = ChannelStore & {
  /** What the connection really does, read from itself: `{ journalMode: 'wal', synchronous: 'full' }`. */
  durability(): { journalMode: string; synchronous: string };
};

/**
 * A store in one SQLite file, made if there is none. Whatever is asked in one turn of the event loop is one transaction,
 * on the disk before any of it resolves.
 *
 * Warning: copy a file in use with `VACUUM INTO` alone. A process that has it open must not open it by other means, which
 * would drop the locks, and a network file system cannot hold it.
 * @throws StoreLockedError for a second payee
 * @throws StoreVersionError, StoreCorruptError for a file that is not this version's store
 * @throws StoreUnavailableError for one that cannot be opened
 */
export function sqliteStore(path: string, options: SqliteStoreOptions): SqliteStore {
  const file = createFile(path);
  const unlock = options.role === "payee" ? lockFile(`${file}.payee-lock`, file, "payee") : undefined;
  try {
    return new FileStore(file, openDatabase(file), options, unlock);
  } catch (error) {
    unlock?.();
    throw error;
  }
}

/** Most charges and records together that are kept decoded: about 60 MB. */
const cacheWeight = 300_000;

class FileStore implements SqliteStore {
  readonly #path: string;
  readonly #database: DatabaseSync;
  readonly #busyTimeout: number;
  readonly #hooks: NonNullable<SqliteStoreOptions["hooks"]>;
  readonly #unlock: (() => void) | undefined;
  readonly #channels: SqliteChannels;
  readonly #ledgers: SqliteLedgers;
  readonly #writes: GroupCommit;
  readonly #dataVersion: StatementSync;
  readonly #cache = new WeightedCache<Hex, Stored>(cacheWeight);
  /** Of other connections' commits: the cache holds as long as it stays. */
  #seenVersion: unknown;
  /** Records that the running transaction changed. */
  #dirty = new Map<Hex, ChannelRecord>();
  #closing: Promise<void> | undefined;

  constructor(path: string, database: DatabaseSync, options: SqliteStoreOptions, unlock: (() => void) | undefined) {
    this.#path = path;
    this.#database = database;
    this.#busyTimeout = options.busyTimeout ?? 5_000;
    this.#hooks = options.hooks ?? {};
    this.#unlock = unlock;
    this.#channels = new SqliteChannels(database, path);
    this.#ledgers = new SqliteLedgers(database, path);
    this.#writes = new GroupCommit((perform) => this.#patiently(() => this.#transaction(perform)), isSqliteError);
    this.#dataVersion = database.prepare("PRAGMA data_version");
  }

  readonly meta: ChannelStore["meta"] = {
    get: (key) => this.#read(() => this.#ledgers.fact(key)),
    set: (key, value) => this.#write(() => this.#ledgers.setFact(key, value)),
  };

  readonly journal: ChannelStore["journal"] = {
    put: (entry) => this.#write(() => this.#ledgers.putEntry(entrySchema.canonical(entry, ""))),
    list: (query) => this.#read(() => this.#ledgers.entries(query)),
  };

  async get(id: Hex, { atHand = false } = {}): Promise<ChannelRecord | undefined> {
    this.#open();
    const key = canonicalId(id);
    const known = atHand ? this.#cache.get(key) : undefined;
    return known ? known.record : this.#read(() => this.#load(key)?.record);
  }

  update(
    id: Hex,
    change: (record: ChannelRecord | undefined) => ChannelRecord | undefined,
    { payerLimit }: { payerLimit?: bigint } = {},
  ): Promise<ChannelRecord | undefined> {
    const key = canonicalId(id);
    return this.#write(() => {
      const before = this.#dirty.get(key) ?? this.#load(key)?.record;
      const after = changed(recordSchema, key, before, change);
      if (after && payerLimit !== undefined)
        holdToLimit(before, after, payerLimit, () => this.#channels.owedElsewhere(after, this.#dirty));
      if (after) this.#dirty.set(key, after);
      return after ?? before;
    });
  }

  list(query: ChannelQuery = {}): Promise<ChannelRecord[]> {
    return this.#read(() => this.#channels.list(query, (id) => this.#cache.get(id)));
  }

  lease(request: LeaseRequest): Promise<Lease | undefined> {
    return this.#write(() => this.#ledgers.lease(request));
  }

  release(name: string, holder: string): Promise<void> {
    return this.#write(() => this.#ledgers.release(name, holder));
  }

  durability(): { journalMode: string; synchronous: string } {
    return readDurability(this.#database);
  }

  close(): Promise<void> {
    this.#closing ??= this.#writes.idle().then(() => {
      this.#database.close();
      this.#unlock?.();
    });
    return this.#closing;
  }

  async #read<T>(work: () => T): Promise<T> {
    this.#open();
    return this.#patiently(() => {
      // Waiting for a lock may have outlasted the store.
      if (!this.#database.isOpen) throw new StoreClosedError();
      // One snapshot: a record and its charges are rows of two tables.
      this.#database.exec("BEGIN");
      try {
        this.#refresh();
        return work();
      } finally {
        if (this.#database.isTransaction) this.#database.exec("ROLLBACK");
      }
    });
  }

  async #write<T>(work: () => T): Promise<T> {
    this.#open();
    return this.#writes.run(work);
  }

  #open(): void {
    if (this.#closing) throw new StoreClosedError();
  }

  /** One transaction. `perform` runs the change functions against what it reads; only then are rows written, each once. */
  #transaction(perform: () => void): void {
    this.#database.exec("BEGIN IMMEDIATE");
    const written: Stored[] = [];
    try {
      this.#refresh();
      perform();
      for (const [id, record] of this.#dirty) written.push(this.#channels.write(this.#load(id), record));
      this.#hooks.beforeCommit?.();
      this.#database.exec("COMMIT");
    } catch (error) {
      if (this.#database.isTransaction) this.#database.exec("ROLLBACK");
      throw error;
    } finally {
      this.#dirty = new Map();
    }
    for (const stored of written) this.#remember(stored);
    this.#hooks.afterCommit?.();
  }

  /** Waits for other processes' locks without stopping the event loop. */
  async #patiently<T>(work: () => T): Promise<T> {
    for (let waited = 0, pause = 1; ; waited += pause, pause = Math.min(2 * pause, 25)) {
      try {
        return work();
      } catch (error) {
        if (!isBusy(error)) throw explain(error, this.#path);
        if (waited < this.#busyTimeout) await new Promise((resolve) => setTimeout(resolve, pause));
        else
          throw new StoreUnavailableError(this.#path, `another process kept it locked for ${waited} ms`, {
            cause: error,
          });
      }
    }
  }

  #refresh(): void {
    const version = this.#dataVersion.get()?.data_version;
    if (version !== this.#seenVersion) this.#cache.clear();
    this.#seenVersion = version;
  }

  #load(id: Hex): Stored | undefined {
    const known = this.#cache.get(id);
    if (known) return known;
    const stored = this.#channels.read(id);
    if (stored) this.#remember(stored);
    return stored;
  }

  #remember(stored: Stored): void {
    this.#cache.set(stored.record.id, stored, 1 + stored.record.charges.length);
  }
}
