import type { Hex } from "viem";
import { canonicalId, changed } from "./canonical.ts";
import { payerRecordSchema } from "./codec.ts";
import { StoreClosedError } from "./errors.ts";
import { selectPayerRecords } from "./payerQuery.ts";
import type { PayerRecord, PayerStore } from "./payerStore.ts";

/**
 * A payer's store for tests and throw-away channels: nothing survives the process.
 * Warning: a payer that loses its own mark must trust what a server says was signed; with money at stake keep a file.
 */
export function memoryPayerStore(): PayerStore {
  const records = new Map<Hex, PayerRecord>();
  let closed = false;

  function open(): void {
    if (closed) throw new StoreClosedError();
  }

  return {
    async get(id) {
      open();
      return records.get(canonicalId(id));
    },
    async update(id, change) {
      open();
      const key = canonicalId(id);
      const before = records.get(key);
      const after = changed(payerRecordSchema, key, before, change);
      if (after) records.set(key, after);
      return after ?? before;
    },
    async list(query = {}) {
      open();
      return selectPayerRecords(records.values(), query);
    },
    async close() {
      closed = true;
    },
  };
}
