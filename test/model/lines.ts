// What one channel or donation goes through: the escrow's own rules, and those that an allocation is held to.
import { sum } from "./matching.ts";
import { type Line, type Listed, need, type Papers } from "./types.ts";

/** Seconds from a payer's request to the escrow until it may take the remainder itself. */
export const gracePeriod = 48 * 3_600;

/** A channel that nobody opened. */
export function unopened(donor: string): Line {
  return { ...newLine(donor, 0n), channel: true };
}

/** A channel just opened, or a donation before it is recorded. */
export function newLine(donor: string, deposit: bigint): Line {
  const empty = { received: 0n, closeRequestedAt: undefined, closed: false, gifts: new Map(), refunded: 0n };
  return { donor, channel: true, deposit, ...empty };
}

/** Base units attributed on a line. */
export function attributedOf(line: Line): bigint {
  return sum(line.gifts.values());
}

/** The list that stands of a line: gifts by rising project and, under project 0, what was refunded. */
export function standingList(line: Line): Listed[] {
  const listed = [...line.gifts].map(([project, amount]) => ({ project, amount }));
  if (line.refunded > 0n) listed.push({ project: 0, amount: line.refunded });
  return listed.sort((a, b) => a.project - b.project);
}

/** The escrow's checks of a channel that is to be changed: opened, and not closed. */
export function needLive(line: Line | undefined): asserts line is Line {
  need(line !== undefined && line.deposit > 0n, "ChannelNotFound");
  need(!line.closed, "ChannelFinalized");
}

/** The escrow's checks of a voucher. */
export function needSettleable(line: Line | undefined, cumulativeAmount: bigint, forged: boolean): void {
  needLive(line);
  need(cumulativeAmount > line.received, "AmountNotIncreasing");
  need(cumulativeAmount <= line.deposit, "AmountExceedsDeposit");
  need(!forged, "InvalidSignature");
}

/** At most 64, strictly ascending by project, none of nothing, gift by gift; each holds what stands and none lowers it. */
export function needAllocation(gifts: readonly Listed[], standing: readonly Listed[]): void {
  need(gifts.length <= 64, "TooManyGifts");
  let met = 0;
  for (const [index, { project, amount }] of gifts.entries()) {
    need(index === 0 || project > (gifts[index - 1]?.project ?? 0), "GiftsNotAscending");
    need(amount > 0n, "ZeroAmount");
    const next = standing[met];
    if (!next || next.project > project) continue;
    need(next.project === project && amount >= next.amount, "AllocationDiverges");
    met += 1;
  }
  need(met === standing.length, "AllocationDiverges");
}

/** @returns what the channel will have settled once an item's money was fetched. */
export function fetchable(line: Line, amount: bigint, { voucher = "signed" }: Papers): bigint {
  if (line.received >= amount) return line.received;
  need(voucher !== "absent", "AllocationExceedsCash");
  needSettleable(line, amount, voucher === "forged");
  return amount;
}
