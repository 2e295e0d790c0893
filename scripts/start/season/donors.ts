// The season's donors, one process: each gives through its own channel, and writes down what became of every gift.
import { mkdir, readFile } from "node:fs/promises";
import { lastMinute, seasonCast } from "./cast.ts";
import { createDonor, type DonorsConfig, type SeasonDonor } from "./donor.ts";

/** What the parent may ask: a wave of gifts, that those who leave sign their requests, or an end. */
export type Order = { wave: number } | { leave: true } | { stop: true };

/** How far an order is. */
export type Heard = { given: number; done?: Order; refused?: number };

const config = JSON.parse(await readFile(process.argv[2] ?? "", "utf8")) as DonorsConfig;
/** Who gives at the same time on ordinary days: enough to keep a collector busy. In the last minute it is everybody. */
const atOnce = 100;

await mkdir(config.logs, { recursive: true });
await mkdir(config.stores, { recursive: true });
const donors = seasonCast(config.seed).map((donor) => createDonor(config, donor));
const given = () => donors.reduce((sum, { counts }) => sum + counts.acknowledged, 0);
const refused = () => donors.reduce((sum, { counts }) => sum + counts.refused, 0);
setInterval(() => process.send?.({ given: given() } satisfies Heard), 500);

process.on("disconnect", () => process.exit(1));
process.on("message", (order: Order) => void obey(order).catch(fail));
process.send?.({ ready: true });

async function obey(order: Order): Promise<void> {
  if ("stop" in order) {
    for (const donor of donors) donor.stop();
    process.exit(0);
  }
  if ("wave" in order)
    await each(order.wave === lastMinute ? donors.length : atOnce, (donor) => donor.give(order.wave));
  else await each(atOnce, (donor) => donor.leave());
  process.send?.({ given: given(), refused: refused(), done: order } satisfies Heard);
}

async function each(workers: number, work: (donor: SeasonDonor) => Promise<void>): Promise<void> {
  const waiting = [...donors];
  const worker = async () => {
    for (let next = waiting.shift(); next; next = waiting.shift()) await work(next);
  };
  await Promise.all(Array.from({ length: workers }, worker));
}

function fail(error: unknown): void {
  console.error(error);
  process.exit(1);
}
