// What every choice is made from: the dice, the world as it stands, and the channels that the history has met.
import { cast } from "../cast.ts";
import type { Channel, Name } from "../types.ts";
import { type ChannelState, findChannel, type World } from "../world.ts";
import type { Dice } from "./dice.ts";

/** `desks`: payees and their tokens, so that batches find several channels of one. */
export type Hand = { dice: Dice; world: World; known: Channel[]; desks: Desk[] };
export type Desk = { payee: Name; token: Name };

/** Most often one that can be acted on. */
export function anyChannel(hand: Hand, wanted: (state: ChannelState) => boolean = () => true): Channel {
  const { dice, world, known } = hand;
  const fit = [...world.channels.values()].filter((state) => !state.finalized && wanted(state));
  if (fit.length > 0 && dice.chance(90)) return dice.pick(fit).channel;
  return known.length > 0 && dice.chance(80) ? dice.pick(known) : newChannel(hand);
}

/** One that nobody has opened, remembered. */
export function newChannel(hand: Hand): Channel {
  const { dice, known, desks } = hand;
  const payer = dice.pick(cast.payers);
  const desk = dice.chance(80) ? dice.pick(desks) : { payee: dice.pick(cast.payees), token: dice.pick(desks).token };
  const authorizedSigner = dice.weigh<Name>([
    [4, "zero"],
    [3, "sam"],
    [1, "sue"],
    [1, "wally"],
  ]);
  const others = cast.payees.filter((payee) => payee !== payer);
  const payee = desk.payee === payer ? dice.pick(others) : desk.payee;
  const channel = { payer, payee, token: desk.token, salt: known.length + 1, authorizedSigner };
  known.push(channel);
  return channel;
}

/** Whoever should call if it can and, now and then, somebody else. */
export function callerFor({ dice }: Hand, natural: Name): Name {
  const acts = (cast.actors as readonly Name[]).includes(natural);
  return acts && !dice.chance(15) ? natural : dice.pick(cast.actors);
}

/** Around a point in time, the point itself among them. */
export function around({ dice }: Hand, point: bigint): bigint {
  return (
    point +
    dice.weigh([
      [2, 0n],
      [1, -1n],
      [1, 1n],
      [3, 100_000n],
    ])
  );
}

/** A cumulative amount for a channel: mostly one that pays, else at and beyond each bound. */
export function cumulativeFor({ dice, world }: Hand, channel: Channel): bigint {
  const { settled, deposit } = findChannel(world, channel) ?? { settled: 0n, deposit: 1_000n };
  const least = settled > 0n ? settled - 1n : 0n;
  return dice.weigh<bigint>([
    [22, settled + dice.amount(deposit - settled)],
    [3, deposit],
    [2, settled],
    [1, least],
    [1, 0n],
    [3, deposit + 1n],
    [1, 2n ** 128n - 1n],
  ]);
}
