// An anvil of this machine. No dependency: its packages for other systems are not to be had everywhere, and a lockfile that named it
// could not be installed from.
import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../", import.meta.url));

/** A folder of its own: beside the other packages, npm under an older Node would take Hardhat's native part away. */
const folder = ".farthing/anvil";

/** Where an anvil is: `FARTHING_ANVIL`, or in a folder of its own, among the packages or on the path; undefined where there is none. */
export function findAnvil(): string | undefined {
  const told = process.env.FARTHING_ANVIL;
  const installed = [folder, "."].map((place) => join(root, place, "node_modules/.bin"));
  const places = [...installed, ...(process.env.PATH ?? "").split(delimiter)].map((place) => join(place, "anvil"));
  return (told ? [told] : places).find((path) => existsSync(path));
}

/** What to run where there is none. */
export const noAnvil = `npm install --no-save --prefix ${folder} @foundry-rs/anvil@1.7.1`;
