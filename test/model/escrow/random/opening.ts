// Openings and top-ups, by the payer itself or by its signature.
import type { EscrowCall } from "../command.ts";
import type { Permitted, Relayed } from "../escrow.ts";
import type { Channel, Message, Name, Nonce } from "../types.ts";
import { findChannel, maxDeposit } from "../world.ts";
import { anyChannel, around, callerFor, type Hand, newChannel } from "./hand.ts";
import { honestToOthers, honestToToken, maybeSpoilt } from "./papers.ts";

/** A new channel, one of before, or one that cannot be. */
function channelToOpen(hand: Hand): Channel {
  const { dice } = hand;
  const channel = dice.chance(12) ? anyChannel(hand) : newChannel(hand);
  return dice.weigh<() => Channel>([
    [40, () => channel],
    [3, () => ({ ...channel, payee: dice.pick(["zero", channel.payer, channel.token, "escrow"]) })],
    [2, () => ({ ...channel, token: dice.pick(["nowhere", "escrow", "zero"]) })],
  ])();
}

function depositFor({ dice }: Hand): bigint {
  return dice.weigh<bigint>([
    [30, dice.amount(10n ** 8n)],
    [4, dice.amount(10n ** 12n)],
    [2, 0n],
    [2, maxDeposit],
    [2, maxDeposit + 1n],
    [1, 2n ** 128n - 1n],
  ]);
}

function additionFor({ dice, world }: Hand, channel: Channel): bigint {
  const room = maxDeposit - (findChannel(world, channel)?.deposit ?? 0n);
  return dice.weigh<bigint>([
    [30, dice.amount(10n ** 8n)],
    [2, 0n],
    [1, room],
    [2, room + 1n],
  ]);
}

/** Coins that are sent along: the deposit where they are it, else none; seldom otherwise. */
function valueFor({ dice }: Hand, token: Name, amount: bigint): bigint {
  if (dice.chance(8)) return dice.pick([0n, 1n, amount + 1n, amount]);
  return token === "zero" ? amount : 0n;
}

export function open(hand: Hand): EscrowCall {
  const channel = channelToOpen(hand);
  const amount = depositFor(hand);
  const caller = callerFor(hand, channel.payer);
  return { verb: "open", caller, channel, amount, value: valueFor(hand, channel.token, amount) };
}

export function topUp(hand: Hand): EscrowCall {
  const channel = anyChannel(hand);
  const amount = additionFor(hand, channel);
  const caller = callerFor(hand, channel.payer);
  return { verb: "topUp", caller, channel, amount, value: valueFor(hand, channel.token, amount) };
}

export function openWithAuthorization(hand: Hand): EscrowCall {
  const channel = hand.dice.chance(85) ? { ...channelToOpen(hand), token: "stable" } : channelToOpen(hand);
  const amount = depositFor(hand);
  const by = authorized(hand, channel, amount, { of: "open", channel });
  return { verb: "openWithAuthorization", caller: callerFor(hand, "zoe"), channel, amount, by };
}

export function topUpWithAuthorization(hand: Hand): EscrowCall {
  const channel = anyChannel(hand, (state) => hand.dice.chance(10) || state.channel.token === "stable");
  const amount = additionFor(hand, channel);
  const salt = hand.dice.integer(3);
  const by = authorized(hand, channel, amount, { of: "topUp", channel, amount, salt });
  return { verb: "topUpWithAuthorization", caller: callerFor(hand, "zoe"), channel, amount, salt, by };
}

export function openWithPermit2(hand: Hand): EscrowCall {
  const channel = withToken(hand, channelToOpen(hand));
  const amount = depositFor(hand);
  const message = { type: "OpenPermit", domain: "permit2", channel, amount } as const;
  const by = permitted(hand, channel, (terms) => ({ ...message, ...terms }));
  return { verb: "openWithPermit2", caller: callerFor(hand, "zoe"), channel, amount, by };
}

export function topUpWithPermit2(hand: Hand): EscrowCall {
  const channel = anyChannel(hand, (state) => hand.dice.chance(10) || state.channel.token !== "zero");
  const amount = additionFor(hand, channel);
  const message = { type: "TopUpPermit", domain: "permit2", channel, amount } as const;
  const by = permitted(hand, channel, (terms) => ({ ...message, ...terms }));
  return { verb: "topUpWithPermit2", caller: callerFor(hand, "zoe"), channel, amount, by };
}

/** Seldom the coin, which nobody can sign for. */
function withToken({ dice, world }: Hand, channel: Channel): Channel {
  return channel.token === "zero" && !dice.chance(15)
    ? { ...channel, token: dice.pick([...world.tokens.keys()]) }
    : channel;
}

function authorized(hand: Hand, channel: Channel, value: bigint, binding: Nonce): Relayed {
  const { dice, world, known } = hand;
  const number = dice.integer(3);
  const nonce = dice.weigh<Nonce>([
    [16, binding],
    [1, { of: "nothing", number }],
    [1, { of: "open", channel: anyChannel(hand) }],
    [1, { of: "topUp", channel, amount: value, salt: number }],
  ]);
  const times = { validAfter: world.now - 1n, validBefore: around(hand, world.now + 1n) };
  if (dice.chance(8)) times.validAfter = world.now;
  const terms = { from: channel.payer, value, ...times, nonce };
  const message: Message = { type: "Authorization", domain: channel.token, ...terms };
  return { ...times, nonce, paper: maybeSpoilt(dice, honestToToken(dice, world, channel.payer, message), known) };
}

function permitted(
  hand: Hand,
  channel: Channel,
  message: (terms: { nonce: bigint; deadline: bigint }) => Message,
): Permitted {
  const { dice, world, known } = hand;
  const terms = { nonce: BigInt(dice.integer(dice.chance(20) ? 4 : 2 ** 31)), deadline: around(hand, world.now) };
  const paper = maybeSpoilt(dice, honestToOthers(dice, world, channel.payer, message(terms)), known);
  return { ...terms, paper };
}
