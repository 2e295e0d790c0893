import { FarthingError } from "../protocol/errors.ts";
import { isUnreachable } from "./provider.ts";

/** One range of blocks, both ends included. */
export type Range = { from: bigint; to: bigint };

/** Blocks that a first request asks for. */
const firstSize = 10_000n;

/** Items of one answer above which the next range is made smaller, so that memory stays bounded. */
const comfortable = 20_000;

/**
 * Reads a long range of blocks in pieces that the provider will serve: a refused piece is halved down to one block, a
 * served one lets the next be twice as long. Nothing is skipped.
 * @param read Serves one piece, all or nothing.
 * @param size How many items a piece brought.
 * @throws {@link RangeRefusedError} when a single block is refused.
 */
export async function* readRanges<piece>(
  range: Range,
  read: (range: Range) => Promise<piece>,
  size: (piece: piece) => number,
): AsyncGenerator<{ range: Range; piece: piece }> {
  let length = firstSize;
  let from = range.from;
  while (from <= range.to) {
    const to = from + length - 1n < range.to ? from + length - 1n : range.to;
    const result = await attempt(() => read({ from, to }));
    if ("error" in result) {
      if (from === to || isUnreachable(result.error)) throw new RangeRefusedError({ from, to }, result.error);
      length = (to - from + 1n) / 2n;
      continue;
    }
    yield { range: { from, to }, piece: result.piece };
    const count = size(result.piece);
    if (count > comfortable) length = length > 1n ? length / 2n : 1n;
    else if (count < comfortable / 4) length *= 2n;
    from = to + 1n;
  }
}

async function attempt<piece>(read: () => Promise<piece>): Promise<{ piece: piece } | { error: unknown }> {
  try {
    return { piece: await read() };
  } catch (error) {
    if (error instanceof FarthingError) throw error;
    return { error };
  }
}

/** The provider does not serve logs, or cannot be reached. */
export class RangeRefusedError extends FarthingError {
  override readonly name = "RangeRefusedError";
  constructor(range: Range, cause: unknown) {
    const reason = cause instanceof Error ? (cause.message.split("\n")[0] ?? "") : String(cause);
    super(
      "range-refused",
      `The RPC provider gave no logs for blocks ${range.from} to ${range.to}: ${reason} ` +
        "Check that it is up and keeps logs that old, or use another.",
      { cause },
    );
  }
}
