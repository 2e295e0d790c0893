/** One side of the comparison: vouchers of many channels, each a unit above the one before, from the text of their payloads. */
export type Taker = {
  /** Signs the next `count` vouchers; not timed. */
  prepare(count: number): Promise<void>;
  /** Takes all that was prepared, one after the other, and throws on the first that is not both accepted and charged. */
  take(): Promise<void>;
  /** Throws unless what is kept is what was taken. */
  check(): Promise<void>;
};

/** Channels of one side. */
export const channelCount = 64;

/** What each voucher adds and each request costs, base units. */
export const unit = 5n;

/** What a channel holds, base units: never used up. */
export const deposit = 10n ** 15n;

/** The channel that the n-th voucher is for, and its cumulative amount: channels in turn. */
export function turn(n: number): { channel: number; cumulativeAmount: bigint } {
  return { channel: n % channelCount, cumulativeAmount: BigInt(Math.floor(n / channelCount) + 1) * unit };
}

/** What the n-th channel owes after `taken` vouchers. */
export function owed(channel: number, taken: number): bigint {
  return BigInt(Math.floor((taken - channel + channelCount - 1) / channelCount)) * unit;
}

/** A side did not do what it is measured for. */
export class WrongResultError extends Error {
  override readonly name = "WrongResultError";
}
