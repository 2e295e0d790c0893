import type { Pool } from "pg";
import type { Hex } from "viem";
import { Batches } from "./batches.ts";
import { canonicalId } from "./canonical.ts";
import { entrySchema } from "./codec.ts";
import { InvalidRecordError, StoreClosedError, StoreCorruptError, StoreUnavailableError } from "./errors.ts";
import { PostgresChannels } from "./postgresChannels.ts";
import { Lane, type Query } from "./postgresLane.ts";
import { PostgresLedgers, requireText } from "./postgresLedgers.ts";
import { selection } from "./postgresQuery.ts";
import type { Stored } from "./postgresRow.ts";
import { migrate } from "./postgresSchema.ts";
import { Continuity, type PostgresDurability, prepareSession } from "./postgresSession.ts";
import { type Change, performUpdates } from "./postgresUpdates.ts";
import type { ChannelRecord } from "./record.ts";
import type { ChannelQuery, ChannelStore, JournalEntry, Lease, LeaseRequest } from "./store.ts";
import { WeightedCache } from "./weightedCache.ts";

export type PostgresStoreOptions = {
  /** The PostgreSQL schema of its tables, made if there is none; `farthing` unless told. One a payee. */
  schema?: string;
  /** How long the database may take to answer anything before a call fails, milliseconds; 5,000 unless told. */
  timeout?: number;
  /** Most reads, updates, and other calls, of each kind, that may wait; one more is refused. 10,000 unless told. */
  waiting?: number;
  /** Called around each write; for tests that end the process there. */
  hooks?: { beforeCommit?: () => void; afterCommit?: () => void };
};

export type PostgresStore = ChannelStore & {
  /** What the server really does, read from the store's own connection: anything but `on` was refused. */
  durability(): PostgresDurability;
};

/**
 * A store in a schema of a PostgreSQL database, of version 14 or later, made if there is none. Any number of processes may use it at
 * a time: each update is one conditional write, and what is asked while one is under way goes together in the next.
 *
 * Takes three connections of `pool`, straight to the server or through a pooler that gives whole sessions, keeps them, and ends
 * them when it is closed. The pool stays its owner's to end.
 *
 * Warning: a replica that may lack what was acknowledged must never take over: use synchronous ones.
 * @throws StoreVersionError for tables that are not this version's, or a server that is too old
 * @throws StoreSettingError for a server that would lose what was acknowledged, or log signatures
 * @throws StoreUnavailableError for one that cannot be reached
 */
export async function postgresStore(pool: Pool, options: PostgresStoreOptions = {}): Promise<PostgresStore> {
  const schema = options.schema ?? "farthing";
  if (!/^[a-z_][a-z0-9_]{0,62}$/.test(schema))
    throw new InvalidRecordError("the schema's name", "of lower-case letters, digits and underscores");
  const where = `PostgreSQL schema ${schema}`;
  const most = pool.options.max;
  if (most !== undefined && most < lanes)
    throw new StoreUnavailableError(where, `its pool allows ${most} connections, and it needs ${lanes}; raise max`);
  const store = new DatabaseStore(pool, schema, where, options);
  try {
    await store.open();
  } catch (error) {
    await store.close();
    throw error;
  }
  return store;
}

/** Connections: for updates, for reads, and for all else. */
const lanes = 3;
/** Most updates, or reads, of one statement. */
const batchSize = 500;
/** Most charges and records together that are kept decoded: about 60 MB. */
const cacheWeight = 300_000;

class DatabaseStore implements PostgresStore {
  readonly #schema: string;
  readonly #where: string;
  readonly #channels: PostgresChannels;
  readonly #ledgers: PostgresLedgers;
  readonly #cache = new WeightedCache<Hex, Stored>(cacheWeight);
  readonly #lanes: { updates: Lane; reads: Lane; others: Lane };
  readonly #updates: Batches<Change, ChannelRecord | undefined>;
  readonly #reads: Batches<Hex, ChannelRecord | undefined>;
  readonly #others: Batches<(query: Query) => Promise<unknown>, unknown>;
  #durability: PostgresDurability | undefined;
  #closing: Promise<void> | undefined;

  constructor(pool: Pool, schema: string, where: string, options: PostgresStoreOptions) {
    const { timeout = 5_000, waiting = 10_000, hooks = {} } = options;
    this.#schema = schema;
    this.#where = where;
    this.#channels = new PostgresChannels(schema, where);
    this.#ledgers = new PostgresLedgers(schema, where);
    const continuity = new Continuity(where);
    const prepare = async (query: Query) => {
      this.#durability = await prepareSession(query, { where, timeout, continuity });
    };
    // The server gives up first, and says why.
    const lane = () => new Lane(pool, { where, timeout: timeout + 500, prepare });
    this.#lanes = { updates: lane(), reads: lane(), others: lane() };
    const reach = (position: string) => continuity.reach(position);
    const updating = {
      channels: this.#channels,
      cache: this.#cache,
      where,
      timeout,
      reach,
      hooks,
      rivals: { near: false },
    };
    const full = () => new StoreUnavailableError(where, `${waiting} calls wait for it already`);
    const limits = { size: batchSize, waiting, full };
    this.#updates = new Batches(
      (changes) => this.#lanes.updates.run((query) => performUpdates(query, changes, updating)),
      limits,
    );
    this.#reads = new Batches((ids) => this.#lanes.reads.run((query) => this.#readAll(query, ids)), limits);
    this.#others = new Batches(async ([work]) => [{ value: work && (await this.#lanes.others.run(work)) }], {
      ...limits,
      size: 1,
    });
    // A connection that breaks while nobody uses it, or as it is ended, says so to the pool, and ends the process if nobody listens.
    // It may do so after the store is closed: this stays.
    if (!pool.listeners("error").includes(ignore)) pool.on("error", ignore);
  }

  readonly meta: ChannelStore["meta"] = {
    get: (key) =>
      this.#other(
        () => requireText({ key }),
        (query) => this.#ledgers.fact(query, key),
      ),
    set: (key, value) =>
      this.#other(
        () => requireText({ key, value }),
        (query) => this.#ledgers.setFact(query, key, value),
      ),
  };

  readonly journal: ChannelStore["journal"] = {
    put: async (entry) => {
      this.#requireOpen();
      const canonical = entrySchema.canonical(entry, "");
      await this.#other(
        () => requireText({ id: entry.id }),
        (query) => this.#ledgers.putEntry(query, canonical),
      );
    },
    list: async (query): Promise<JournalEntry[]> => {
      const decode = await this.#other(
        () => undefined,
        (run) => this.#ledgers.entries(run, query),
      );
      return decode();
    },
  };

  async open(): Promise<void> {
    await this.#lanes.updates.run((query) => migrate(query, this.#schema, this.#where));
  }

  async get(id: Hex, { atHand = false } = {}): Promise<ChannelRecord | undefined> {
    this.#requireOpen();
    const key = canonicalId(id);
    const known = atHand ? this.#cache.get(key) : undefined;
    return known ? known.record : this.#reads.run(key);
  }

  async update(
    id: Hex,
    change: (record: ChannelRecord | undefined) => ChannelRecord | undefined,
    { payerLimit }: { payerLimit?: bigint } = {},
  ): Promise<ChannelRecord | undefined> {
    this.#requireOpen();
    return this.#updates.run({ id: canonicalId(id), change, payerLimit });
  }

  async list(asked: ChannelQuery = {}): Promise<ChannelRecord[]> {
    const { text, values } = selection(asked, this.#schema);
    const found = await this.#other(
      () => undefined,
      async (query) => {
        // One snapshot: what is sent is what matched.
        await query("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
        const ids = (await query(text, values)).map(({ id }) => id as Hex);
        const records = await this.#channels.read(query, ids, this.#atHand(ids));
        await query("COMMIT");
        return ids.map((id) => records.get(id));
      },
    );
    return found.map((stored) => {
      if (stored instanceof StoreCorruptError) throw stored;
      return (stored as Stored).record;
    });
  }

  lease(request: LeaseRequest): Promise<Lease | undefined> {
    const { name, holder } = request;
    return this.#other(
      () => requireText({ name, holder }),
      (query) => this.#ledgers.lease(query, request),
    );
  }

  release(name: string, holder: string): Promise<void> {
    return this.#other(
      () => requireText({ name, holder }),
      (query) => this.#ledgers.release(query, name, holder),
    );
  }

  durability(): PostgresDurability {
    return { ...(this.#durability as PostgresDurability) };
  }

  close(): Promise<void> {
    this.#closing ??= Promise.all([this.#updates.idle(), this.#reads.idle(), this.#others.idle()]).then(() => {
      for (const lane of Object.values(this.#lanes)) lane.close();
    });
    return this.#closing;
  }

  async #readAll(query: Query, ids: readonly Hex[]) {
    const distinct = [...new Set(ids)];
    const found = await this.#channels.read(query, distinct, this.#atHand(distinct));
    for (const [id, stored] of found) {
      if (!(stored instanceof Error)) this.#cache.set(id, stored, 1 + stored.record.charges.length);
    }
    return ids.map((id) => {
      const stored = found.get(id);
      return stored instanceof Error ? { error: stored } : { value: stored?.record };
    });
  }

  /** What is kept decoded of these: the database is asked whether it is the newest. */
  #atHand(ids: readonly Hex[]): Map<Hex, Stored> {
    const known = new Map<Hex, Stored>();
    for (const id of ids) {
      const stored = this.#cache.get(id);
      if (stored) known.set(id, stored);
    }
    return known;
  }

  /** In a turn of its own on the connection for all that is neither a read nor an update of a channel. */
  async #other<T>(check: () => void, work: (query: Query) => Promise<T>): Promise<T> {
    this.#requireOpen();
    check();
    return (await this.#others.run(work)) as T;
  }

  #requireOpen(): void {
    if (this.#closing) throw new StoreClosedError();
  }
}

function ignore(): void {}
