// One thread of a pool: recovers what it is sent, in batches.
import { parentPort } from "node:worker_threads";
import { answerSize, type Batch, digestSize, jobSize } from "./batch.ts";
import { nativeCurve } from "./nativeCurve.ts";

const curve = await nativeCurve();
if ("missing" in curve) throw new Error(curve.missing);
const { recoverKey } = curve;

parentPort?.on("message", (batch: Batch) => {
  const answers = new Uint8Array((batch.length / jobSize) * answerSize);
  for (let from = 0, to = 0; from < batch.length; from += jobSize, to += answerSize) {
    const signature = batch.subarray(from + digestSize, from + jobSize);
    const key = recoverKey(batch.subarray(from, from + digestSize), signature);
    if (!key) continue;
    answers[to] = 1;
    answers.set(key, to + 1);
  }
  parentPort?.postMessage(answers, [answers.buffer]);
});
