// Ways out of a channel, and credits.
import { cast } from "../cast.ts";
import type { EscrowCall } from "../command.ts";
import { signerOf } from "../escrow.ts";
import type { Channel, Message, Name } from "../types.ts";
import { findChannel } from "../world.ts";
import { anyChannel, around, callerFor, cumulativeFor, type Hand } from "./hand.ts";
import { honest, maybeSpoilt } from "./papers.ts";
import { batchOf, voucherFor } from "./settling.ts";

export function close(hand: Hand): EscrowCall {
  const channel = anyChannel(hand);
  const amount = closingAmount(hand, channel);
  const paper = voucherFor(hand, channel, amount);
  return { verb: "close", caller: callerFor(hand, channel.payee), channel, amount, paper };
}

export function closeWithAuthorization(hand: Hand): EscrowCall {
  const { dice, world, known } = hand;
  const channel = anyChannel(hand);
  const amount = closingAmount(hand, channel);
  const deadline = around(hand, world.now);
  const consent = {
    type: "CloseAuthorization",
    domain: "escrow",
    channel,
    cumulativeAmount: amount,
    deadline,
  } as const;
  const payeePaper = maybeSpoilt(dice, honest(dice, world, channel.payee, consent), known);
  const paper = voucherFor(hand, channel, amount);
  const caller = callerFor(hand, "zoe");
  return { verb: "closeWithAuthorization", caller, channel, amount, paper, deadline, payeePaper };
}

/** Half of those that close forgive the rest. */
function closingAmount(hand: Hand, channel: Channel): bigint {
  const settled = findChannel(hand.world, channel)?.settled ?? 0n;
  return hand.dice.chance(40) ? hand.dice.pick([0n, settled]) : cumulativeFor(hand, channel);
}

export function closeBatch(hand: Hand): EscrowCall {
  const batch = batchOf(hand);
  return { verb: "closeBatch", caller: callerFor(hand, batch.payee), batch };
}

export function requestClose(hand: Hand): EscrowCall {
  const channel = anyChannel(hand, ({ closeRequestedAt }) => closeRequestedAt === undefined || hand.dice.chance(10));
  return { verb: "requestClose", caller: callerFor(hand, channel.payer), channel };
}

export function requestCloseWithSignature(hand: Hand): EscrowCall {
  const { dice, world, known } = hand;
  const channel = anyChannel(hand, ({ closeRequestedAt }) => closeRequestedAt === undefined || dice.chance(10));
  const deposit = findChannel(world, channel)?.deposit ?? 1n;
  const message: Message = { type: "CloseRequest", domain: "escrow", channel, deposit };
  const by = dice.chance(60) ? channel.payer : signerOf(channel);
  const paper = maybeSpoilt(dice, honest(dice, world, by, message), known);
  return { verb: "requestCloseWithSignature", caller: callerFor(hand, "zoe"), channel, paper };
}

export function withdraw(hand: Hand): EscrowCall {
  const ready = hand.world.now - hand.world.closeGracePeriod;
  const early = hand.dice.chance(40);
  const channel = anyChannel(hand, ({ closeRequestedAt: at }) => at !== undefined && (early || at <= ready));
  return { verb: "withdraw", caller: callerFor(hand, "zoe"), channel };
}

export function withdrawCredit(hand: Hand): EscrowCall {
  const { token, account } = anyCredit(hand);
  return { verb: "withdrawCredit", caller: callerFor(hand, "zoe"), token, account };
}

export function withdrawCreditTo(hand: Hand): EscrowCall {
  const { dice } = hand;
  const { token, account } = anyCredit(hand);
  const to = dice.weigh<Name>([
    [8, dice.pick(cast.everybody)],
    [1, "zero"],
    [1, "escrow"],
  ]);
  return { verb: "withdrawCreditTo", caller: callerFor(hand, account), token, to };
}

/** Most often one that is there. */
function anyCredit({ dice, world }: Hand): { token: Name; account: Name } {
  const there = [...world.credits.keys()];
  const random = `${dice.pick(["zero", ...world.tokens.keys()])}/${dice.pick(cast.everybody)}`;
  const [token = "", account = ""] = (there.length > 0 && dice.chance(75) ? dice.pick(there) : random).split("/");
  return { token, account };
}
