import type { Row } from "../report.ts";
import { type Stage, setStage } from "./stage.ts";

/** A verb's cost, measured on a chain of its own, so that no row can change another. */
export type GasRow = {
  key: string;
  /** The figure to reach, gas. */
  atMost?: number;
  measure(stage: Stage): Promise<number>;
};

/** Measures one row, and checks that the work was done. */
export async function measureRow({ key, atMost, measure }: GasRow): Promise<Row> {
  const stage = await setStage();
  try {
    return { key, value: await measure(stage), unit: "gas", atMost };
  } catch (cause) {
    throw new Error(`${key} did not do its work: ${cause instanceof Error ? cause.message : cause}`, { cause });
  } finally {
    await stage.stop();
  }
}
