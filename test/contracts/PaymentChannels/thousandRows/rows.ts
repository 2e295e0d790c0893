import type { Hex } from "viem";
import { generatePrivateKey, privateKeyToAccount } from "viem/accounts";
import { type SettleRow, toSettleRow } from "../../../../src/chain/channels/settleRow.ts";
import { signVoucher } from "../../../../src/protocol/voucher.ts";
import type { Placed, Stage } from "./stage.ts";

/** A row, and what alone decides about it beside the chain: whether the signature is the signer's for this channel and amount. */
export type Candidate = { row: SettleRow; placed: Placed; signed: boolean };

export type Outcome = { id: Hex; amount: bigint; refund: bigint; reason?: string };

const most = 2n ** 128n - 1n;

/** Rows of each kind, good and bad, for the channels of one stage. */
export function createRows(stage: Stage, integer: (below: number) => number) {
  const { signer, chain } = stage;
  const stranger = privateKeyToAccount(generatePrivateKey());

  async function rowOf(placed: Placed, amount: bigint, by = signer, signed = true): Promise<Candidate> {
    const voucher = await signVoucher(by, { channelId: placed.id, cumulativeAmount: amount }, chain.escrow);
    return { row: toSettleRow(placed.channel, voucher), placed, signed };
  }

  const good = (placed: Placed) => rowOf(placed, 1n + BigInt(integer(Number(placed.deposit) - 1)));

  const aboveDeposit = (placed: Placed) => rowOf(placed, integer(2) === 0 ? placed.deposit + 1n : most);

  /** Another's key, another amount's or another channel's signature, nobody's, a flipped parity, halves that changed places. */
  async function forged(placed: Placed, other: Placed, kind: number): Promise<Candidate> {
    const amount = placed.deposit; // no good row asks for all of it, so that the signature is what is judged
    if (kind === 0) return rowOf(placed, amount, stranger, false);
    if (kind === 1) {
      const { row } = await rowOf(placed, amount - 1n);
      return { row: { ...row, cumulativeAmount: amount }, placed, signed: false };
    }
    const { row } = await rowOf(kind === 2 ? other : placed, amount);
    const { payer, salt, authorizedSigner } = placed.channel;
    const own = { ...row, payer, salt, authorizedSigner, cumulativeAmount: amount };
    if (kind === 3) return { row: { ...own, r: zero, vs: zero }, placed, signed: false };
    if (kind === 4) return { row: { ...own, vs: flip(row.vs) }, placed, signed: false };
    if (kind === 5) return { row: { ...own, r: row.vs, vs: row.r }, placed, signed: false };
    return { row: own, placed, signed: false };
  }

  return { rowOf, good, aboveDeposit, forged };
}

/** How many kinds of forgery there are. */
export const forgeries = 6;

/**
 * What a batch must do, row by row: the rules of the interface once more, without its code.
 * @param closing Whether the batch closes: a row that asks for no more than was settled then ends its channel unpaid.
 */
export function expectedOutcomes(
  rows: readonly Candidate[],
  settledBefore: ReadonlyMap<Hex, bigint>,
  closing: boolean,
) {
  const settled = new Map(settledBefore);
  const closed = new Set<Hex>();
  return rows.map(({ row, placed, signed }): Outcome => {
    const { id, deposit } = placed;
    const before = settled.get(id);
    const skipped = (reason: string) => ({ id, amount: 0n, refund: 0n, reason });
    if (before === undefined) return skipped("ChannelNotFound");
    if (before < 0n || closed.has(id)) return skipped("ChannelFinalized");
    const amount = row.cumulativeAmount;
    if (amount <= before) {
      if (!closing) return skipped("AmountNotIncreasing");
      closed.add(id);
      return { id, amount: 0n, refund: deposit - before };
    }
    if (amount > deposit) return skipped("AmountExceedsDeposit");
    if (!signed) return skipped("InvalidSignature");
    settled.set(id, amount);
    if (closing) closed.add(id);
    return { id, amount: amount - before, refund: closing ? deposit - amount : 0n };
  });
}

const zero: Hex = `0x${"00".repeat(32)}`;

/** The same half of a signature with the other parity. */
function flip(vs: Hex): Hex {
  return `0x${(BigInt(vs) ^ (1n << 255n)).toString(16).padStart(64, "0")}`;
}
