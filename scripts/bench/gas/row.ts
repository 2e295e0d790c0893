import type { Row } from "../report.ts";
import { type Stage, withStage } from "./stage.ts";
import type { Venue } from "./venue.ts";

/** A verb's cost, measured on a chain of its own, so that no row can change another. */
export type GasRow = {
  key: string;
  /** The figure to reach, gas. */
  atMost?: number;
  measure(stage: Stage): Promise<number>;
};

/** Measures one row, and checks that the work was done. */
export function measureRow({ key, atMost, measure }: GasRow, venue?: Venue): Promise<Row> {
  return withStage(async (stage) => ({ key, value: await working(key, measure(stage)), unit: "gas", atMost }), venue);
}

/** Says which row it is whose work was not done. */
export async function working<T>(key: string, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (cause) {
    throw new Error(`${key} did not do its work: ${cause instanceof Error ? cause.message : cause}`, { cause });
  }
}
