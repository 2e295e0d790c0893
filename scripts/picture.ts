// `npm run picture`: draws docs/picture.png from the last run of `npm start`, by Chromium.
import { existsSync } from "node:fs";
import { chromium } from "playwright-core";
import { picturePage } from "./picture/page.ts";
import { readSummary } from "./start/summary.ts";

const browser = [process.env.CHROMIUM, "/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"].find(
  (path) => path && existsSync(path),
);
if (!browser) fail("There is no Chromium here: install it, or set CHROMIUM to the path of one.");
const run = await readSummary();
if (!run) fail("There is no run to draw: run npm start -- --once first.");

const quiet = [
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];
const sandbox = process.getuid?.() === 0 ? ["--no-sandbox"] : [];
const session = await chromium.launch({ executablePath: browser, args: [...quiet, ...sandbox] });
try {
  const page = await session.newPage({ viewport: { width: 1200, height: 630 } });
  await page.setContent(picturePage(run));
  const file = process.argv[2] ?? "docs/picture.png";
  await page.screenshot({ path: file });
  console.log(`${file}: ${run.gifts} gifts of run ${run.seed}`);
} finally {
  await session.close();
}

function fail(sentence: string): never {
  console.error(sentence);
  process.exit(1);
}
