// One gift altered by one unit, in one of the season's records: whoever does this must see the run fail.
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { formatEvidence, parseEvidence } from "../../../src/protocol/index.ts";
import { files, linesOf } from "./records.ts";

/** Whose record. */
export const tampered = ["donors", "collector", "chain", "export"] as const;
export type Tampered = (typeof tampered)[number];

/** @param directory Of the season's records, all written and not yet audited. */
export async function tamper(directory: string, with_: Tampered): Promise<void> {
  const at = files(directory);
  const more = (amount: string) => (BigInt(amount) + 1n).toString();
  if (with_ === "donors") {
    for (const file of await readdir(at.donors)) {
      const lines = (await linesOf(join(at.donors, file))).map((line) => JSON.parse(line));
      const given = lines.find(({ outcome }) => outcome === "acknowledged");
      if (!given) continue;
      given.amount = more(given.amount);
      return writeFile(join(at.donors, file), lines.map((line) => `${JSON.stringify(line)}\n`).join(""));
    }
  }
  if (with_ === "collector" || with_ === "chain") {
    const file = with_ === "chain" ? at.chain : at.totals;
    const record = JSON.parse(await readFile(file, "utf8"));
    record.projects[0].gifts = more(record.projects[0].gifts);
    if (with_ === "collector") record.sum = more(record.sum);
    return writeFile(file, JSON.stringify(record));
  }
  if (with_ === "export") {
    const [first, ...rest] = await linesOf(at.evidence);
    const evidence = parseEvidence(first ?? "");
    const gifts = evidence.allocation.gifts.map((gift, index) => {
      return index === 0 ? { ...gift, cumulativeAmount: gift.cumulativeAmount + 1n } : gift;
    });
    const cumulativeAmount = evidence.cumulativeAmount + 1n;
    const altered = formatEvidence({ ...evidence, cumulativeAmount, allocation: { ...evidence.allocation, gifts } });
    return writeFile(at.evidence, [altered, ...rest].map((line) => `${line}\n`).join(""));
  }
  throw new Error(`there is no gift to alter in the record of ${with_}`);
}
