import type { Hex, Transport } from "viem";

/** One question to the node and what came back. */
export type Exchange = {
  method: string;
  params: readonly unknown[];
  result?: unknown;
  /** What a refused call gave back as data: an encoded custom error. */
  revertData?: Hex | undefined;
};

/** An EIP-1193 provider that keeps everything that went through it. */
export type RecordingProvider = {
  request: (question: { method: string; params?: readonly unknown[] }) => Promise<unknown>;
  /** The newest exchange of a method. */
  last: (method: string) => Exchange;
};

/** @param real The node's own transport; whatever is asked goes there unchanged. */
export function recordingProvider(real: Transport): RecordingProvider {
  const { request } = real({ retryCount: 0 });
  const newest = new Map<string, Exchange>();
  return {
    async request({ method, params = [] }) {
      try {
        const result = await request({ method, params } as never);
        newest.set(method, { method, params, result });
        return result;
      } catch (error) {
        newest.set(method, { method, params, revertData: revertDataOf(error) });
        throw error;
      }
    },
    last(method) {
      const exchange = newest.get(method);
      if (!exchange) throw new Error(`nothing was asked by ${method}`);
      return exchange;
    },
  };
}

/** Nodes put revert data into an error's `data`, some a level deeper; libraries wrap that error as a cause. */
function revertDataOf(error: unknown): Hex | undefined {
  if (typeof error !== "object" || error === null) return undefined;
  const { data, cause } = error as { data?: unknown; cause?: unknown };
  if (typeof data === "string" && data.startsWith("0x")) return data as Hex;
  return revertDataOf(data) ?? revertDataOf(cause);
}
