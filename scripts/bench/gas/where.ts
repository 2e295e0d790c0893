import type { Row } from "../report.ts";
import { type GasRow, working } from "./row.ts";
import { withStage } from "./stage.ts";
import { traceSpending } from "./trace.ts";

/** Takes the transaction that a row measures, of several the last, apart: what each contract spent on what. */
export function measureWhere({ key, measure }: GasRow): Promise<{ work: string; rows: Row[] }> {
  return withStage(async (stage) => {
    await working(key, measure(stage));
    const hash = stage.lastTransaction();
    if (!hash) throw new Error(`${key} sent nothing`);
    const { base, calldata, refunded, contracts } = await traceSpending(stage, hash);
    const spent = [...contracts].flatMap(([address, purposes]) =>
      [...purposes].map(([purpose, value]) => ({ key: `${purpose}, ${stage.names.get(address) ?? address}`, value })),
    );
    const total = base + calldata - refunded + spent.reduce((sum, { value }) => sum + value, 0);
    const parts = [
      { key: "transaction", value: base },
      { key: "calldata", value: calldata },
      ...spent.sort((one, other) => one.key.localeCompare(other.key)),
      ...(refunded === 0 ? [] : [{ key: "refunded", value: -refunded }]),
      { key: "total", value: total },
    ];
    return { work: `where ${key} goes`, rows: parts.map((part) => ({ ...part, unit: "gas" })) };
  });
}
