// `npm run picture`: draws docs/picture.png from the last run of `npm start`, by Chromium.
import { drawPicture } from "./picture/draw.ts";
import { readSummary } from "./start/summary.ts";

try {
  const run = await readSummary();
  if (!run) throw new Error("There is no run to draw: run npm start -- --once first.");
  const file = process.argv[2] ?? "docs/picture.png";
  await drawPicture(run, file);
  console.log(`${file}: ${run.gifts} gifts of run ${run.seed}`);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
