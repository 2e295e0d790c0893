import { readFileSync, realpathSync } from "node:fs";
import { open, rename } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import type { Hex } from "viem";
import { canonicalId, changed } from "./canonical.ts";
import { payerRecordSchema } from "./codec.ts";
import { StoreClosedError, StoreUnavailableError } from "./errors.ts";
import { lockFile } from "./fileLock.ts";
import { GroupCommit } from "./groupCommit.ts";
import { formatPayerFile, parsePayerFile } from "./payerFile.ts";
import { selectPayerRecords } from "./payerQuery.ts";
import type { PayerRecord, PayerStore } from "./payerStore.ts";

export type FilePayerStoreOptions = {
  /** Called around each write; for tests that end the process there. What they throw fails the write's calls. */
  hooks?: { beforeCommit?: () => void; afterCommit?: () => void };
};

/**
 * A payer's channels in one text file, for one process at a time. Whatever is asked in one turn of the event loop is one
 * new file, on the disk and renamed over the old one before any of it resolves: a crash leaves the one or the other, whole.
 * Each write costs as much as the whole file; made for thousands of channels, not millions. Wants Node 22.13.
 * @throws StoreLockedError while another store, of this process or another, has the file
 * @throws StoreCorruptError, StoreVersionError for a file that is not this version's, whole and unchanged
 * @throws StoreUnavailableError for one that cannot be read
 */
export function filePayerStore(path: string, options: FilePayerStoreOptions = {}): PayerStore {
  const file = realPath(path);
  const unlock = lockFile(`${file}.lock`, file, "payer");
  try {
    return new FilePayerStore(file, read(file), options, unlock);
  } catch (error) {
    unlock();
    throw error;
  }
}

class FilePayerStore implements PayerStore {
  readonly #path: string;
  readonly #hooks: NonNullable<FilePayerStoreOptions["hooks"]>;
  readonly #unlock: () => void;
  readonly #writes: GroupCommit;
  /** What the file holds. */
  #records: Map<Hex, PayerRecord>;
  /** What the running write changes. */
  #dirty = new Map<Hex, PayerRecord>();
  #closing: Promise<void> | undefined;

  constructor(path: string, records: Map<Hex, PayerRecord>, options: FilePayerStoreOptions, unlock: () => void) {
    this.#path = path;
    this.#records = records;
    this.#hooks = options.hooks ?? {};
    this.#unlock = unlock;
    this.#writes = new GroupCommit(
      (perform) => this.#commit(perform),
      () => false,
    );
  }

  async get(id: Hex): Promise<PayerRecord | undefined> {
    this.#open();
    return this.#records.get(canonicalId(id));
  }

  async update(
    id: Hex,
    change: (record: PayerRecord | undefined) => PayerRecord | undefined,
  ): Promise<PayerRecord | undefined> {
    this.#open();
    const key = canonicalId(id);
    return this.#writes.run(() => {
      const before = this.#dirty.get(key) ?? this.#records.get(key);
      const after = changed(payerRecordSchema, key, before, change);
      if (after) this.#dirty.set(key, after);
      return after ?? before;
    });
  }

  async list(query: Parameters<PayerStore["list"]>[0] = {}): Promise<PayerRecord[]> {
    this.#open();
    return selectPayerRecords(this.#records.values(), query);
  }

  close(): Promise<void> {
    this.#closing ??= this.#writes.idle().then(() => this.#unlock());
    return this.#closing;
  }

  #open(): void {
    if (this.#closing) throw new StoreClosedError();
  }

  async #commit(perform: () => void): Promise<void> {
    try {
      perform();
      if (this.#dirty.size === 0) return;
      const records = new Map([...this.#records, ...this.#dirty]);
      this.#hooks.beforeCommit?.();
      await replaceFile(this.#path, formatPayerFile(records));
      this.#records = records;
    } finally {
      this.#dirty = new Map();
    }
    this.#hooks.afterCommit?.();
  }
}

/** Writes beside the file, then renames: the old one stays whole until the new one is on the disk. */
async function replaceFile(path: string, text: string): Promise<void> {
  const fresh = `${path}.new`;
  try {
    // Readable by its owner alone: signatures are money.
    await using(await open(fresh, "w", 0o600), async (file) => {
      await file.writeFile(text);
      await file.sync();
    });
    await rename(fresh, path);
    await using(await open(dirname(path), "r"), (directory) => directory.sync());
  } catch (error) {
    throw unavailable(path, "written", error);
  }
}

async function using<T extends { close(): Promise<void> }>(handle: T, work: (handle: T) => Promise<void>) {
  try {
    await work(handle);
  } finally {
    await handle.close();
  }
}

function read(path: string): Map<Hex, PayerRecord> {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    if (isMissing(error)) return new Map();
    throw unavailable(path, "read", error);
  }
  return parsePayerFile(text, path);
}

/** Two links to one file are one store. */
function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch (error) {
    if (!isMissing(error)) throw unavailable(path, "read", error);
  }
  try {
    return join(realpathSync(dirname(path)), basename(path));
  } catch (error) {
    throw unavailable(path, "created; make its directory first", error);
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ENOENT";
}

function unavailable(path: string, verb: string, cause: unknown): StoreUnavailableError {
  const code = cause instanceof Error && "code" in cause ? ` (${cause.code})` : "";
  return new StoreUnavailableError(path, `it cannot be ${verb}${code}`, { cause });
}
