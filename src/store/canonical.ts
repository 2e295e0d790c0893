import type { Hex } from "viem";
import { InvalidRecordError } from "./errors.ts";
import type { Schema } from "./schema.ts";

/** An id in its one spelling, so that no channel ever has two records. */
export function canonicalId(id: Hex): Hex {
  return id.toLowerCase() as Hex;
}

/**
 * What a change function returned, ready to be stored: canonical, frozen, and under its own id. Undefined when there is
 * nothing to write.
 * @throws {@link InvalidRecordError}
 */
export function changed<T extends { readonly id: Hex }>(
  schema: Schema<T>,
  id: Hex,
  before: T | undefined,
  change: (record: T | undefined) => T | undefined,
): T | undefined {
  const after = change(before);
  if (after === undefined || after === before) return undefined;
  const canonical = schema.canonical(after, "", before);
  if (canonical.id !== id) throw new InvalidRecordError("id", `the id that is updated, ${id}`);
  return canonical;
}
