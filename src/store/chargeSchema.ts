import type { Charge } from "./record.ts";
import { amount, integer, object, type Schema, text } from "./schema.ts";

/** One charge of a channel. */
export const chargeSchema: Schema<Charge> = object<Charge>({
  key: text,
  cumulativeAmount: amount,
  amount,
  spent: amount,
  at: integer,
});
