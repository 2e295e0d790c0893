// One thread of a pool: recovers what it is sent, in batches.
import { parentPort } from "node:worker_threads";
import { type Batch, digestSize, jobSize, keySize } from "./batch.ts";
import { nativeCurve } from "./nativeCurve.ts";

const curve = await nativeCurve();
if ("missing" in curve) throw new Error(curve.missing);
const { recoverKey } = curve;

parentPort?.on("message", (batch: Batch) => {
  const keys = new Uint8Array((batch.length / jobSize) * keySize);
  for (let from = 0, to = 0; from < batch.length; from += jobSize, to += keySize) {
    const signature = batch.subarray(from + digestSize, from + jobSize);
    const key = recoverKey(batch.subarray(from, from + digestSize), signature);
    if (key) keys.set(key, to);
  }
  parentPort?.postMessage(keys, [keys.buffer]);
});
