// Histories of any length: each step is chosen by what the model has come to, so that legal calls are as many as illegal ones.
import { cast, newWorld, tokens } from "../cast.ts";
import { type Command, run } from "../command.ts";
import type { Name } from "../types.ts";
import * as closing from "./closing.ts";
import { type Dice, rollWith } from "./dice.ts";
import { endingOf } from "./ending.ts";
import type { Hand } from "./hand.ts";
import * as opening from "./opening.ts";
import * as settling from "./settling.ts";
import * as surroundings from "./surroundings.ts";

/** The tokens that take part beside the coin, and what happens. */
export type History = {
  scene: Name[];
  commands: Command[];
  /** The command from which on none may be refused. */
  endsAt: number;
};

/** @param steps Commands before those that end it. */
export function randomHistory(seed: number, steps: number): History {
  const dice = rollWith(seed);
  const scene = sceneOf(dice);
  // The two tokens that are not in every history are met twice as often.
  const desks = Array.from({ length: 3 }, () => ({
    payee: dice.pick(cast.payees),
    token: dice.pick(["zero", ...scene, ...scene.slice(1)]),
  }));
  const hand: Hand = { dice, world: newWorld(scene), known: [], desks };
  const commands: Command[] = [];
  while (commands.length < steps) {
    const command = choose(hand);
    commands.push(command);
    hand.world = run(hand.world, command).world;
  }
  return { scene, commands: [...commands, ...endingOf(hand.world)], endsAt: steps };
}

/** The token with EIP-3009, and two others. */
function sceneOf(dice: Dice): Name[] {
  const others = Object.keys(tokens).filter((name) => name !== "stable");
  // Most often one whose payouts come to be refused, and go through again, or that comes to take a fee.
  const one = dice.chance(70) ? dice.pick(["strict", "sleepy", "greedy"]) : dice.pick(others);
  return ["stable", one, dice.pick(others.filter((name) => name !== one))];
}

/** Opens until there is something to act on. */
function choose(hand: Hand): Command {
  const live = [...hand.world.channels.values()].filter(({ finalized }) => !finalized).length;
  const few = live < 5 ? 5 : 1;
  return hand.dice.weigh<(hand: Hand) => Command>([
    [7 * few, opening.open],
    [5 * few, opening.openWithAuthorization],
    [4 * few, opening.openWithPermit2],
    [4, opening.topUp],
    [4, opening.topUpWithAuthorization],
    [3, opening.topUpWithPermit2],
    [11, settling.settle],
    [8, settling.settleTicks],
    [6, settling.settleBatch],
    [3, settling.previewSettle],
    [4, closing.close],
    [4, closing.closeWithAuthorization],
    [3, closing.closeBatch],
    [5, closing.requestClose],
    [5, closing.requestCloseWithSignature],
    [6, closing.withdraw],
    [4, closing.withdrawCredit],
    [3, closing.withdrawCreditTo],
    [8, surroundings.wait],
    [14, surroundings.surround],
    [1, surroundings.deploy],
  ])(hand);
}
