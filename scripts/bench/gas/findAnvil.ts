// An anvil of this machine. No dependency: its packages for other systems are not to be had everywhere, and a lockfile that named it
// could not be installed from.
import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";

const modules = fileURLToPath(new URL("../../../node_modules/.bin", import.meta.url));

/** Where an anvil is: `FARTHING_ANVIL`, or among the installed packages, or on the path; undefined where there is none. */
export function findAnvil(): string | undefined {
  const told = process.env.FARTHING_ANVIL;
  const places = [modules, ...(process.env.PATH ?? "").split(delimiter)].map((place) => join(place, "anvil"));
  return (told ? [told] : places).find((path) => existsSync(path));
}

/** What to run where there is none. */
export const noAnvil = "npm install --no-save @foundry-rs/anvil@1.7.1";
