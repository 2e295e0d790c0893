import type { RunSummary } from "../start/summary.ts";
import { launchChromium } from "./chromium.ts";
import { height, picturePage, width } from "./page.ts";

/** Draws a run into a PNG file. @returns every text on the picture, as a reader would find it. */
export async function drawPicture(run: RunSummary, file: string): Promise<string[]> {
  const browser = await launchChromium();
  try {
    const page = await browser.newPage({ viewport: { width, height } });
    await page.setContent(picturePage(run));
    await page.screenshot({ path: file });
    return await page.locator("text").allTextContents();
  } finally {
    await browser.close();
  }
}
