// One seed for every random test of a run: printed when a test fails, replayed with FARTHING_SEED=… .
import fc from "fast-check";

/** The seed of this run, a 31-bit integer. */
export const seed: number = Number(process.env.FARTHING_SEED ?? Math.floor(Math.random() * 2 ** 31));

if (!Number.isSafeInteger(seed)) throw new Error("FARTHING_SEED must be a whole number.");

fc.configureGlobal({
  seed,
  numRuns: Number(process.env.FARTHING_RUNS ?? 200),
  // A list is as long as its test says it may be, not ten items.
  defaultSizeToMaxWhenMaxSpecified: true,
});

after(function () {
  if (this.test?.parent?.suites.some(failed)) console.error(`Replay with FARTHING_SEED=${seed}`);
});

function failed(suite: Mocha.Suite): boolean {
  return suite.tests.some((test) => test.state === "failed") || suite.suites.some(failed);
}
