// `node test/soak/payee.ts [MINUTES]`: a payee in memory at half the speed that it can do, for as long as told; fails on any refusal, on memory
// that grows, and on a wrong sum. Prints how long one acceptance took.
import { setTimeout as sleep } from "node:timers/promises";
import { ours } from "../../scripts/bench/payee/ours.ts";
import { memoryStore } from "../../src/store/index.ts";
import { nativeVerifier } from "../../src/verifier/native.ts";
import { selectVerifier } from "../../src/verifier/selectVerifier.ts";

const minutes = Number(process.argv[2] ?? 10);
if (!(minutes > 0)) throw new RangeError("Give the minutes of the soak, above 0.");
/** Vouchers of one slice, and the most that the heap may hold at the end beyond what it held when it was warm, bytes: 16 MiB. */
const slice = 500;
const growth = 16 * 2 ** 20;

const verifier = selectVerifier({ order: ["native"], offers: [await nativeVerifier()] });
const side = await ours(memoryStore(), verifier);
const speed = await warmUp();
/** From the beginning of one slice to the beginning of the next, milliseconds; in between its vouchers are signed as well. */
const pace = (2 * slice * 1_000) / speed;
console.log(`half of ${Math.round(speed).toLocaleString("en")} a second for ${minutes} minutes`);

const started = performance.now();
const base = heap();
const micros: number[] = [];
let accepted = 0;
let most = base;
let looked = started;
let slices = 0;
while (performance.now() - started < minutes * 60_000) {
  await side.prepare(slice);
  await side.take((one) => {
    // One in sixteen is enough for a percentile, and keeps the list of them out of what is measured.
    if (accepted++ % 16 === 0) micros.push(one);
  });
  slices += 1;
  await sleep(Math.max(started + slices * pace - performance.now(), 0));
  if (performance.now() - looked < 30_000) continue;
  looked = performance.now();
  most = Math.max(most, heap());
  micros.splice(0, Math.max(micros.length - 100_000, 0));
}
await side.check();
const end = heap();
micros.sort((a, b) => a - b);
const perSecond = Math.round((accepted * 1_000) / (performance.now() - started));
const at = (share: number) => Math.round(micros[Math.floor(micros.length * share)] ?? 0);
const mebibytes = (bytes: number) => (bytes / 2 ** 20).toFixed(1);
console.log(
  `${accepted.toLocaleString("en")} accepted, ${perSecond.toLocaleString("en")} a second, and none refused; ${at(0.5)} µs at the median, ${at(0.99)} at p99, ${at(0.999)} at p99.9; ` +
    `heap ${mebibytes(base)} MiB when warm, ${mebibytes(most)} at most, ${mebibytes(end)} at the end`,
);
if (end - base > growth) {
  console.error(`The heap grew by ${mebibytes(end - base)} MiB: something is kept for each voucher.`);
  process.exitCode = 1;
}

/** Fills each channel's receipts, and says how many vouchers a second one thread accepts. */
async function warmUp(): Promise<number> {
  const count = 300 * 64;
  await side.prepare(count);
  const from = performance.now();
  await side.take();
  return (count / (performance.now() - from)) * 1_000;
}

/** What is left after a full collection. */
function heap(): number {
  globalThis.gc?.();
  return process.memoryUsage().heapUsed;
}
