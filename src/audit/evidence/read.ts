import type { Hex } from "viem";
import { type Escrow, channelId as idOf } from "../../protocol/channel.ts";
import { FarthingError } from "../../protocol/errors.ts";
import { type Evidence, parseEvidence } from "../../protocol/wire/evidence.ts";
import type { Fact } from "../fact.ts";
import type { EvidenceParameters, PublishedTotals } from "./report.ts";

/** One channel of an export. */
export type EvidenceLine = Evidence & { readonly channelId: Hex };

/** An export as it was read, and what was published before and after. */
export type ReadEvidence = {
  readonly lines: readonly EvidenceLine[];
  readonly facts: readonly Fact[];
  readonly totals: readonly PublishedTotals[];
};

/** Reads an export: what can not be read, and what stands there twice, is a fact. */
export async function readEvidence({ lines, totals }: EvidenceParameters, escrow: Escrow): Promise<ReadEvidence> {
  const before = await totals?.();
  const read = await readLines(lines, escrow);
  const after = await totals?.();
  return { ...read, totals: before && after ? [before, after] : [] };
}

async function readLines(text: EvidenceParameters["lines"], escrow: Escrow) {
  const lines = new Map<Hex, EvidenceLine>();
  const facts: Fact[] = [];
  let number = 0;
  for await (const line of text) {
    number += 1;
    if (line.trim() === "") continue;
    try {
      const evidence = parseEvidence(line);
      const channelId = idOf(evidence.channel, escrow);
      if (lines.has(channelId)) {
        const message = `Line ${number} is of channel ${channelId}, which stood there before.`;
        facts.push({ code: "repeated-evidence", message, channelId });
      } else {
        lines.set(channelId, { ...evidence, channelId });
      }
    } catch (error) {
      if (!(error instanceof FarthingError)) throw error;
      facts.push({ code: "malformed-evidence", message: `Line ${number}: ${error.message}` });
    }
  }
  return { lines: [...lines.values()], facts };
}
