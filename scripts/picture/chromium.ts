// A Chromium of this machine, for pictures and browser tests; it fetches nothing of its own.
import { existsSync } from "node:fs";
import { type Browser, chromium } from "playwright-core";

const places = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

/** Where a Chromium is: `CHROMIUM`, or one of the usual places; undefined where there is none. */
export function findChromium(): string | undefined {
  const told = process.env.CHROMIUM;
  return (told ? [told] : places).find((path) => existsSync(path));
}

export const noChromium = "There is no Chromium here: install it, or set CHROMIUM to the path of one.";

/** @throws an Error with {@link noChromium} where there is none. */
export function launchChromium(): Promise<Browser> {
  const executablePath = findChromium();
  if (!executablePath) throw new Error(noChromium);
  const quiet = ["--disable-gpu", "--disable-quic", "--no-first-run"];
  const offline = ["--disable-background-networking", "--disable-component-update", "--disable-sync"];
  // Chromium refuses its sandbox to root, which containers run as.
  const sandbox = process.getuid?.() === 0 ? ["--no-sandbox"] : [];
  return chromium.launch({ executablePath, args: [...quiet, ...offline, ...sandbox] });
}
