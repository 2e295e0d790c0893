import { DatabaseSync } from "node:sqlite";
import { StoreLockedError } from "./errors.ts";
import { explain, isBusy } from "./sqliteError.ts";

/** A lock that nobody refers to would be closed, and so released, by the garbage collector. */
const held = new Set<DatabaseSync>();

/**
 * Takes `path` as a lock for as long as this process lives, or until the returned function is called. The operating system
 * holds it, through SQLite's exclusive lock on an empty database, so that no crash leaves it behind.
 * @param where The store that is locked, for the error.
 * @param owner Who else may be holding it, in words.
 * @throws {@link StoreLockedError} when it is held already, by this process or another.
 */
export function lockFile(path: string, where: string, owner: string): () => void {
  let database: DatabaseSync | undefined;
  try {
    database = new DatabaseSync(path);
    database.exec("PRAGMA busy_timeout = 0; PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE");
  } catch (error) {
    database?.close();
    if (isBusy(error)) throw new StoreLockedError(where, owner, { cause: error });
    throw explain(error, path);
  }
  const lock = database;
  held.add(lock);
  return () => {
    held.delete(lock);
    lock.close();
  };
}
