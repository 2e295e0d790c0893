import { closeSync, fsyncSync, openSync, realpathSync } from "node:fs";
import { dirname } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { StoreUnavailableError, StoreVersionError } from "./errors.ts";
import { explain } from "./sqliteError.ts";

/** `FART` in ASCII: whose file this is, for `file(1)` and for us. */
const applicationId = 0x46415254;
/** Of the tables below and of what their bodies may hold. */
const version = 2;
/** Had the same tables, and bodies without ticks: what it wrote is read as it is. */
const firstVersion = 1;

/** Patience with other connections while opening, milliseconds. */
const openingTimeout = 5_000;

/** Pages of 4 KiB that the log may hold before they are copied home, 32 MiB: a page that many commits change is copied once. */
const checkpointPages = 8_192;
/** Page cache, 32 MiB. */
const cacheKib = 32_768;

const tables = `
  CREATE TABLE channels (
    row INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    payer TEXT NOT NULL,
    payee TEXT NOT NULL,
    token TEXT NOT NULL,
    authorized TEXT NOT NULL, -- base units in 39 digits: the text compares like the number
    settled TEXT NOT NULL,
    finalized INTEGER NOT NULL,
    unsettled INTEGER NOT NULL,
    closing INTEGER NOT NULL,
    leaving INTEGER NOT NULL,
    first_charge INTEGER NOT NULL, -- positions in charges, from this one
    next_charge INTEGER NOT NULL, -- to before this one
    body TEXT NOT NULL
  ) STRICT;
  CREATE INDEX channels_by_payer ON channels (payer, finalized, id);
  CREATE INDEX channels_live ON channels (id) WHERE finalized = 0;
  CREATE INDEX channels_live_by_payee ON channels (payee, id, token) WHERE finalized = 0;
  CREATE INDEX channels_unsettled ON channels (id) WHERE unsettled = 1;
  CREATE INDEX channels_unsettled_by_payee ON channels (payee, id, token) WHERE unsettled = 1;
  CREATE INDEX channels_closing ON channels (id) WHERE closing = 1;
  CREATE INDEX channels_leaving ON channels (id) WHERE leaving = 1;

  CREATE TABLE charges (
    channel INTEGER NOT NULL,
    position INTEGER NOT NULL,
    key TEXT NOT NULL,
    cumulative_amount TEXT NOT NULL,
    amount TEXT NOT NULL,
    spent TEXT NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (channel, position)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE journal (
    id TEXT PRIMARY KEY,
    chain_id INTEGER NOT NULL,
    account TEXT NOT NULL,
    nonce INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    status TEXT NOT NULL,
    body TEXT NOT NULL
  ) STRICT;
  CREATE INDEX journal_by_account ON journal (chain_id, account, nonce, created_at);
  CREATE INDEX journal_pending ON journal (chain_id, account, nonce, created_at) WHERE status = 'pending';

  CREATE TABLE leases (
    name TEXT PRIMARY KEY,
    holder TEXT NOT NULL,
    expires_at INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
`;

/**
 * Creates the file if there is none, readable by its owner alone because signatures are money, and gives its real path:
 * two links to one file are one store.
 */
export function createFile(path: string): string {
  try {
    // Exclusive: opening and closing a file that is a live database would drop this process's POSIX locks on it.
    const descriptor = openSync(path, "wx", 0o600);
    fsyncSync(descriptor);
    closeSync(descriptor);
    const directory = openSync(dirname(path), "r");
    fsyncSync(directory);
    closeSync(directory);
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) {
      throw new StoreUnavailableError(
        path,
        "it cannot be created; check that its directory exists and may be written",
        {
          cause: error,
        },
      );
    }
  }
  return realpathSync(path);
}

/** Opens a store's file, making its tables when it is new. */
export function openDatabase(path: string): DatabaseSync {
  const database = new DatabaseSync(path);
  try {
    database.exec(`PRAGMA busy_timeout = ${openingTimeout}`);
    checkOwner(database, path);
    const journalMode = pragma(database, "journal_mode = WAL");
    if (journalMode !== "wal") {
      throw new StoreUnavailableError(path, `its file system allows no write-ahead log (journal mode ${journalMode})`);
    }
    // FULL: a commit is on the disk before it returns. fullfsync makes that true on macOS as well.
    database.exec("PRAGMA synchronous = FULL; PRAGMA fullfsync = ON; PRAGMA checkpoint_fullfsync = ON");
    database.exec(`PRAGMA wal_autocheckpoint = ${checkpointPages}; PRAGMA cache_size = -${cacheKib}`);
    create(database, path);
    // From here on waiting is done by timers: SQLite's own would stop the event loop.
    database.exec("PRAGMA busy_timeout = 0");
    return database;
  } catch (error) {
    database.close();
    throw explain(error, path);
  }
}

/** What a connection really does, read from itself. */
export function readDurability(database: DatabaseSync): { journalMode: string; synchronous: string } {
  const synchronous = ["off", "normal", "full", "extra"][Number(pragma(database, "synchronous"))] ?? "unknown";
  return { journalMode: String(pragma(database, "journal_mode")), synchronous };
}

function create(database: DatabaseSync, path: string): void {
  if (pragma(database, "user_version") === version) return;
  database.exec("BEGIN IMMEDIATE");
  // Another process may have made the tables while this one waited.
  if (checkOwner(database, path) === "empty") {
    database.exec(`${tables}; PRAGMA application_id = ${applicationId}`);
  }
  // Said even where nothing else changes: the first version cannot read what is written from now on, and shall say so.
  database.exec(`PRAGMA user_version = ${version}; COMMIT`);
}

function checkOwner(database: DatabaseSync, path: string): "empty" | "ours" {
  const owner = pragma(database, "application_id");
  const found = pragma(database, "user_version");
  if (owner === applicationId && (found === version || found === firstVersion)) return "ours";
  if (owner === applicationId) throw new StoreVersionError(path, `of version ${found}`, `version ${version}`);
  const { count } = database.prepare("SELECT count(*) AS count FROM sqlite_schema").get() as { count: number };
  if (owner === 0 && found === 0 && count === 0) return "empty";
  throw new StoreVersionError(path, "a database of another program", "its own files only");
}

function pragma(database: DatabaseSync, text: string): unknown {
  return Object.values(database.prepare(`PRAGMA ${text}`).get() ?? {})[0];
}
