import type { Hex } from "viem";
import { formatEvidence, parseAllocation } from "../protocol/index.ts";
import type { ChannelRecord, ChannelStore } from "../store/index.ts";

/** Records of one chunk. */
const page = 100;

/**
 * What every channel's donor last signed, one JSON object a line: enough for anybody to check the totals and to collect on-chain.
 * The signatures in it can move money from a channel to its round alone, where its donor meant it to go.
 */
export function exportEvidence(store: ChannelStore): Response {
  let after: Hex | undefined;
  const body = new ReadableStream<Uint8Array>(
    {
      /** One page is read for each that was taken: a slow reader holds no more than that. */
      async pull(controller) {
        for (;;) {
          const records = await store.list({ limit: page, ...(after ? { after } : {}) });
          after = records.at(-1)?.id;
          const lines = records.flatMap((record) => evidenceLine(record) ?? []);
          if (lines.length > 0) return controller.enqueue(new TextEncoder().encode(`${lines.join("\n")}\n`));
          if (!after) return controller.close();
        }
      },
    },
    { highWaterMark: 0 },
  );
  return new Response(body, { headers: { "content-type": "application/x-ndjson", "cache-control": "no-store" } });
}

/** A channel's line of the export; undefined before its first gift. */
export function evidenceLine({ channel, authorized, signature, evidence }: ChannelRecord): string | undefined {
  if (evidence === undefined || signature === undefined) return undefined;
  const allocation = parseAllocation(evidence);
  return formatEvidence({ channel, cumulativeAmount: authorized, voucherSignature: signature, allocation });
}
