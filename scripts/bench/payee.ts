import { memoryStore } from "../../src/store/index.ts";
import type { Verifier } from "../../src/verifier/index.ts";
import { nativeVerifier } from "../../src/verifier/native.ts";
import { selectVerifier } from "../../src/verifier/selectVerifier.ts";
import { mppx } from "./payee/mppx.ts";
import { ours } from "./payee/ours.ts";
import { measureStore, type StoreKind } from "./payee/stores.ts";
import { channelCount, type Taker } from "./payee/taker.ts";
import { x402 } from "./payee/x402.ts";
import { type Bench, type OnRow, type Row, UsageError, versionsOf } from "./report.ts";

/** Vouchers of one slice of each side: about as long as the others' at the speeds that are expected. */
const slices = { ours: 3_000, x402: 80, mppx: 60 };
const rounds = 15;
/** Of each side, not counted: the compiler has seen enough after that, and each channel keeps as many receipts as it ever will. */
const warmUp = { ours: 300 * channelCount, x402: 200, mppx: 120 };

/** Vouchers accepted a second, in memory beside two peers, or on a durable store. */
export const payee: Bench = {
  flags: { store: { type: "string" } },
  async run({ store }, onRow) {
    const versions = versionsOf(["secp256k1", "hash-wasm", "viem", "@x402/evm", "mppx"]);
    if (store === undefined) return { bench: "payee", work: inMemory, versions, rows: await compare(onRow) };
    if (store !== "sqlite" && store !== "postgres")
      throw new UsageError(`there is no store ${JSON.stringify(store)}; choose one of sqlite, postgres`);
    const { rows, settings } = await measureStore(store satisfies StoreKind);
    const said = Object.entries(settings).map(([name, value]) => `${name} ${value}`);
    return { bench: "payee", work: `${durable}; ${said.join(", ")}`, versions, rows };
  },
};

const inMemory =
  `one voucher after the other from the text of its payload, verified, kept in memory and its request charged, ${channelCount} channels, ` +
  `one thread; medians of ${rounds} alternating slices of ${slices.ours}, ${slices.x402} and ${slices.mppx}`;
const durable = "vouchers from the wire, verified, charged and durable before each answer, 1,000 channels";

/** Slices of each side in turn: whatever else the machine does falls on all of them alike. */
async function compare(onRow: OnRow): Promise<Row[]> {
  const verifier = selectVerifier({ order: ["native"], offers: [await nativeVerifier()] });
  const sides = { ours: await ours(memoryStore(), verifier), x402: await x402(), mppx: await mppx() };
  const names = Object.keys(sides) as (keyof typeof sides)[];
  const micros: Record<keyof typeof sides, number[]> = { ours: [], x402: [], mppx: [] };
  for (const name of names) await timed(sides[name], warmUp[name]);
  for (let round = 0; round < rounds; round++) {
    onRow(round, rounds + 1, "alternating slices");
    for (const name of names) micros[name].push(await timed(sides[name], slices[name]));
  }
  for (const name of names) await sides[name].check();
  onRow(rounds, rounds + 1, "a flood of garbage");
  const slowdown = await measureFlood(verifier);
  const per = (name: keyof typeof sides) => median(micros[name]);
  const ratio = (name: keyof typeof sides) =>
    round1(median(micros[name].map((one, at) => one / (micros.ours[at] ?? 0))));
  return [
    { key: "accepted_per_second", value: Math.round(1e6 / per("ours")), unit: "per second", atLeast: 20_000 },
    { key: "accepted_per_second_x402", value: Math.round(1e6 / per("x402")), unit: "per second" },
    { key: "accepted_per_second_mppx", value: Math.round(1e6 / per("mppx")), unit: "per second" },
    { key: "ratio_x402", value: ratio("x402"), unit: "times", atLeast: 30 },
    { key: "ratio_mppx", value: ratio("mppx"), unit: "times", atLeast: 50 },
    { key: "good_share_under_flood", value: slowdown, unit: "of 1", atLeast: 0.67 },
  ];
}

/** What is left of good payers' speed while a message of garbage comes before each of theirs. */
async function measureFlood(verifier: Verifier): Promise<number> {
  const side = await ours(memoryStore(), verifier);
  const amid = { ...side, take: side.takeAmidGarbage };
  await timed(side, warmUp.ours);
  const shares: number[] = [];
  for (let round = 0; round < rounds; round++)
    shares.push((await timed(side, slices.ours)) / (await timed(amid, slices.ours)));
  await side.check();
  return Math.round(median(shares) * 100) / 100;
}

/** Microseconds of one voucher. */
async function timed(side: Taker, count: number): Promise<number> {
  await side.prepare(count);
  const from = performance.now();
  await side.take();
  return ((performance.now() - from) * 1_000) / count;
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}

function round1(value: number): number {
  return Math.round(value * 10) / 10;
}
