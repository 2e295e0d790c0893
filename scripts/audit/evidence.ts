// A collector's export and published totals, from files or from the collector itself.
import { createReadStream } from "node:fs";
import { readFile } from "node:fs/promises";
import { createInterface } from "node:readline";
import { Readable } from "node:stream";
import { AuditError, type EvidenceParameters, readTotals } from "../../src/audit/index.ts";

/** @param totals Where what is published is; not compared unless told. */
export function readFrom(export_: string, totals?: string): EvidenceParameters {
  return {
    lines: linesOf(export_),
    totals: totals === undefined ? undefined : async () => readTotals(await textOf(totals)),
  };
}

async function* linesOf(source: string): AsyncIterable<string> {
  const input = isUrl(source) ? Readable.fromWeb((await get(source)).body as never) : createReadStream(source);
  yield* createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY });
}

async function textOf(source: string): Promise<string> {
  return isUrl(source) ? (await get(source)).text() : readFile(source, "utf8");
}

async function get(url: string): Promise<Response> {
  const response = await fetch(url).catch((cause: unknown) => {
    throw new AuditError("collector-unavailable", `The collector did not answer at ${url}: check that it is up.`, {
      cause,
    });
  });
  if (response.ok && response.body) return response;
  throw new AuditError("collector-unavailable", `The collector answered ${response.status} at ${url}, not its export.`);
}

function isUrl(source: string): boolean {
  return /^https?:/.test(source);
}
