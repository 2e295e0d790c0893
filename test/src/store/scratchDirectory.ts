import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A directory of its own for each test of the describe block that calls this, gone after it. */
export function scratchDirectory(): { path(name: string): string } {
  let directory = "";
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), "farthing-store-"));
  });
  afterEach(() => rmSync(directory, { recursive: true }));
  return { path: (name) => join(directory, name) };
}
