import type { Hex } from "viem";
import { plainProblem, problemResponse } from "../http/problemResponse.ts";
import { formatEvidence, parseAllocation } from "../protocol/index.ts";
import type { ChannelRecord, ChannelStore } from "../store/index.ts";
import { TooSlowError } from "./stream.ts";

/** Records of one chunk. */
const page = 100;

/**
 * What every channel's donor last signed, one JSON object a line: enough for anybody to check the totals and to collect on-chain.
 * The signatures in it can move money from a channel to its round alone, where its donor meant it to go.
 * @param options.most How many may read at once, 8 unless told; 503 for more.
 * @param options.patience How long a reader may leave a page untaken before it is broken off, milliseconds: 30,000 unless told.
 */
export function createExport(
  store: Pick<ChannelStore, "list">,
  { most = 8, patience = 30_000 }: { most?: number; patience?: number } = {},
): () => Response {
  let running = 0;

  function open(): Response {
    let after: Hex | undefined;
    let timer: ReturnType<typeof setTimeout> | undefined;
    let isOpen = true;
    const end = () => {
      clearTimeout(timer);
      if (isOpen) running -= 1;
      isOpen = false;
    };

    async function nextPage(): Promise<Uint8Array | undefined> {
      for (;;) {
        const records = await store.list({ limit: page, ...(after ? { after } : {}) });
        after = records.at(-1)?.id;
        const lines = records.flatMap((record) => evidenceLine(record) ?? []);
        if (lines.length > 0) return new TextEncoder().encode(`${lines.join("\n")}\n`);
        if (!after) return undefined;
      }
    }

    const body = new ReadableStream<Uint8Array>(
      {
        /** One page is read for each that was taken: a slow reader holds no more than that. */
        async pull(controller) {
          clearTimeout(timer);
          try {
            const bytes = await nextPage();
            if (!isOpen) return controller.error(new TooSlowError());
            if (bytes) controller.enqueue(bytes);
            else controller.close();
            if (!bytes) return end();
          } catch (fault) {
            end();
            throw fault;
          }
          timer = setTimeout(() => {
            end();
            controller.error(new TooSlowError());
          }, patience);
        },
        cancel: end,
      },
      { highWaterMark: 0 },
    );
    running += 1;
    timer = setTimeout(end, patience);
    return new Response(body, { headers: { "content-type": "application/x-ndjson", "cache-control": "no-store" } });
  }

  return () => {
    if (running < most) return open();
    const detail = "Many are reading the evidence at this moment. Come back in a minute.";
    return problemResponse({ problem: plainProblem(503, "Service Unavailable", detail), retryAfter: 60 });
  };
}

/** A channel's line of the export; undefined before its first gift. */
function evidenceLine({ channel, authorized, signature, evidence }: ChannelRecord): string | undefined {
  if (evidence === undefined || signature === undefined) return undefined;
  const allocation = parseAllocation(evidence);
  return formatEvidence({ channel, cumulativeAmount: authorized, voucherSignature: signature, allocation });
}
