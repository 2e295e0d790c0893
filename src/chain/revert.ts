import { type Abi, BaseError, decodeErrorResult, type Hex, isHex } from "viem";

/** A contract's reason for a revert: an error of the ABI, `Error` for a reason in words, or `Unknown` with a selector. */
export type Revert = { reason: string; args: readonly unknown[] };

/**
 * Reads the reason for a revert from whatever a client threw or from raw revert data; undefined when the error is not a
 * revert.
 */
export function decodeRevert(error: unknown, abi: Abi): Revert | undefined {
  const data = revertData(error);
  if (data === undefined) return undefined;
  try {
    const { errorName, args } = decodeErrorResult({ abi, data }) as { errorName: string; args?: readonly unknown[] };
    return { reason: errorName, args: args ?? [] };
  } catch {
    // Not one of the ABI's: a token's own error, or none at all. The selector is what can be said of it.
    return { reason: "Unknown", args: data === "0x" ? [] : [data.slice(0, 10)] };
  }
}

/** The sentence of an error that carries a revert. */
export function revertMessage({ reason, args }: Revert, advice = ""): string {
  return `The contract refuses with ${reason}(${args.map(String).join(", ")}). ${advice}`.trim();
}

function revertData(error: unknown): Hex | undefined {
  if (isHex(error)) return error;
  if (!(error instanceof Error)) return undefined;
  const seen = new Set<unknown>();
  let reverted = false;
  for (let at: unknown = error; at instanceof Error && !seen.has(at); at = at.cause) {
    seen.add(at);
    const data = hexData((at as { raw?: unknown }).raw) ?? hexData((at as { data?: unknown }).data);
    if (data !== undefined) return data;
    reverted ||= isRevert(at);
  }
  return reverted ? "0x" : undefined;
}

function hexData(value: unknown): Hex | undefined {
  if (isHex(value)) return value;
  if (typeof value === "object" && value !== null) return hexData((value as { data?: unknown }).data);
  return undefined;
}

function isRevert(error: Error): boolean {
  if ((error as { code?: unknown }).code === 3) return true;
  return error instanceof BaseError
    ? ["ExecutionRevertedError", "ContractFunctionRevertedError"].includes(error.name)
    : /revert/i.test(error.message);
}
