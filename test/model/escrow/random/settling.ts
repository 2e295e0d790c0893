// Settlements: by voucher, by ticks, and in batches with every kind of bad row.
import type { Batch } from "../batch.ts";
import { channelOf } from "../batch.ts";
import type { EscrowCall } from "../command.ts";
import { signerOf, type Ticks } from "../escrow.ts";
import type { Channel, Message, Name, Paper, Row } from "../types.ts";
import { findChannel } from "../world.ts";
import { anyChannel, callerFor, cumulativeFor, type Hand, newChannel } from "./hand.ts";
import { honest, maybeSpoilt } from "./papers.ts";

export function voucherFor(hand: Hand, channel: Channel, cumulativeAmount: bigint): Paper {
  const message: Message = { type: "Voucher", domain: "escrow", channel, cumulativeAmount };
  return maybeSpoilt(hand.dice, honest(hand.dice, hand.world, signerOf(channel), message), hand.known);
}

export function settle(hand: Hand): EscrowCall {
  const channel = anyChannel(hand);
  const amount = cumulativeFor(hand, channel);
  return { verb: "settle", caller: callerFor(hand, "zoe"), channel, amount, paper: voucherFor(hand, channel, amount) };
}

export function settleTicks(hand: Hand): EscrowCall {
  const { dice, world, known } = hand;
  const channel = anyChannel(hand);
  const { settled, deposit } = findChannel(world, channel) ?? { settled: 0n, deposit: 1_000n };
  const ticks = dice.weigh<bigint>([
    [60, BigInt(dice.integer(24))],
    [2, 65_536n],
    [1, 65_535n],
    [1, 2n ** 256n - 1n],
  ]);
  const room = deposit - settled;
  const claim: Ticks = dice.weigh<() => Ticks>([
    // The base is settled already, or part of it is owed still, and the ticks fit.
    [10, () => claimOf(hand, settled, ticks === 0n ? 0n : dice.amount(room / ticks), ticks)],
    [3, () => claimOf(hand, settled + dice.amount(room) / 2n, ticks === 0n ? 0n : room / 2n / ticks, ticks)],
    [2, () => claimOf(hand, cumulativeFor(hand, channel), dice.amount(room), ticks)],
    [1, () => claimOf(hand, settled, 2n ** 128n - 1n, ticks)],
  ])();
  const { cumulativeAmount, tickRoot, tickValue } = claim;
  const message = { type: "TickVoucher", domain: "escrow", channel, cumulativeAmount, tickRoot, tickValue } as const;
  const paper = maybeSpoilt(dice, honest(dice, world, signerOf(channel), message), known);
  return { verb: "settleTicks", caller: callerFor(hand, "zoe"), channel, claim, paper };
}

function claimOf({ dice }: Hand, cumulativeAmount: bigint, tickValue: bigint, ticks: bigint): Ticks {
  const long = ticks > 24n;
  const chain = long ? "age" : dice.pick(["day", "night"]);
  const tickRoot = { chain, index: long ? 0 : dice.pick([0, 0, 0, 1, 5]) };
  const released = tickRoot.index + (ticks > 65_535n ? 7 : Number(ticks));
  const preimage = dice.weigh([
    [12, { chain, index: released }],
    [1, { chain, index: released + 1 }],
    [1, { chain, index: released - 1 }],
    [1, { chain: long ? chain : "dusk", index: released }],
  ]);
  return { cumulativeAmount: cumulativeAmount % 2n ** 128n, tickRoot, tickValue, ticks, preimage };
}

export function settleBatch(hand: Hand): EscrowCall {
  return { verb: "settleBatch", caller: callerFor(hand, "zoe"), batch: batchOf(hand) };
}

export function previewSettle(hand: Hand): EscrowCall {
  return { verb: "previewSettle", caller: callerFor(hand, "zoe"), batch: batchOf(hand) };
}

/** Rows of one payee and token: its channels, some twice, and some of others. */
export function batchOf(hand: Hand): Batch {
  const { dice, world, known } = hand;
  const { payee, token } = dice.chance(90) ? anyChannel(hand) : dice.pick(hand.desks);
  const own = known.filter((channel) => channel.payee === payee && channel.token === token);
  const live = own.filter((channel) => findChannel(world, channel)?.finalized === false);
  const choose = () => {
    if (live.length > 0 && dice.chance(75)) return dice.pick(live);
    return own.length > 0 && dice.chance(80) ? dice.pick(own) : newChannel(hand);
  };
  const rows = Array.from({ length: dice.integer(6) }, () => rowOf(hand, { payee, token }, choose()));
  return { payee, token, rows };
}

function rowOf(hand: Hand, desk: { payee: Name; token: Name }, { payer, salt, authorizedSigner }: Channel): Row {
  const { dice } = hand;
  const row: Row = { payer, salt, authorizedSigner, cumulativeAmount: 0n, paper: undefined };
  const channel = channelOf(desk, row);
  const cumulativeAmount = cumulativeFor(hand, channel);
  const paper = voucherFor(hand, channel, cumulativeAmount);
  // A row has room for EIP-2098 alone; whatever cannot be written so is left out.
  const fits = ["long", "short"].includes(paper.form);
  const filled: Row = {
    ...row,
    cumulativeAmount,
    paper: fits && !dice.chance(4) ? { ...paper, form: "short" } : undefined,
  };
  if (!dice.chance(6)) return filled;
  // Members that are wider than their types.
  return dice.pick<Row>([
    { ...filled, payer: `${payer}+` },
    { ...filled, authorizedSigner: `${authorizedSigner}+` },
    { ...filled, cumulativeAmount: cumulativeAmount + (1n << dice.pick([128n, 255n])) },
  ]);
}
