// What the chain has to show after a step, if the model is right: every channel, every credit and everybody's money.
import type { Address, Hex } from "viem";
import { cast } from "../cast.ts";
import type { Command } from "../command.ts";
import { type Channel, type Name, nameOf } from "../types.ts";
import { balanceOf, creditOf, findChannel, type World } from "../world.ts";
import type { Stage } from "./stage.ts";

/** Views whose answers are so many words, what each of them is, and what the model says. */
export type Look = { views: { to: Address; data: Hex }[]; names: string[]; words: (world: World) => bigint[] };

/**
 * Looked at after every step: all that changes at any time in the history. Once in every second: the rest, which has to stay
 * as it was. (Whatever is wrong with the rest is wrong with the escrow's own balance or a channel too, and seen at once.)
 */
export type Picture = { often: Look; once: Look };

/** Something that the chain can be asked for: its name, the words that the model wants, and how to ask for many. */
type Item = { name: string; words: (world: World) => bigint[] };

const fields = ["deposit", "settled", "close requested", "finalized"];

/** @param worlds The world before and after every step. */
export function pictureOf(
  stage: Stage,
  scene: readonly Name[],
  channels: readonly Channel[],
  worlds: readonly World[],
): Picture {
  const holders = [...cast.everybody, "escrow", ...scene];
  const pairs = ["zero", ...scene].flatMap((token) => holders.map((holder) => ({ token, holder })));
  const [first, ...later] = worlds;
  const changes = ({ words }: Item) => {
    const before = `${first ? words(first) : ""}`;
    return later.some((world) => `${words(world)}` !== before);
  };
  const balances = pairs.map((pair) => ({
    ...pair,
    name: `${pair.token} of ${pair.holder}`,
    words: (world: World) => [balanceOf(world, pair.token, pair.holder)],
  }));
  const credits = pairs.map((pair) => ({
    ...pair,
    name: `credit in ${pair.token} of ${pair.holder}`,
    words: (world: World) => [creditOf(world, pair.token, pair.holder)],
  }));
  const states = channels.map((channel) => ({
    channel,
    name: nameOf(channel),
    words: (world: World) => stateOf(world, channel),
  }));
  const look = (wanted: (item: Item) => boolean) =>
    join([
      channelLook(stage, states.filter(wanted)),
      pairLook(stage, "balances", balances.filter(wanted)),
      pairLook(stage, "credits", credits.filter(wanted)),
    ]);
  return { often: look(changes), once: join([look((item) => !changes(item)), allowanceLook(stage, scene)]) };
}

function stateOf(world: World, channel: Channel): bigint[] {
  const found = findChannel(world, channel);
  if (!found) return [0n, 0n, 0n, 0n];
  return [found.deposit, found.settled, found.closeRequestedAt ?? 0n, found.finalized ? 1n : 0n];
}

function channelLook({ escrow, words, encode }: Stage, states: readonly (Item & { channel: Channel })[]): Look {
  const data = encode("escrow", "getChannels", [states.map(({ channel }) => words.id(channel))]);
  const named = states.flatMap(({ name }) => fields.map((field) => `${field} of ${name}`));
  return {
    views: [{ to: escrow.address, data }],
    names: ["where the channels are", "how many channels", ...named],
    words: (world) => [32n, BigInt(states.length), ...states.flatMap((state) => state.words(world))],
  };
}

function pairLook(
  { teller, words, encode, escrow }: Stage,
  view: "balances" | "credits",
  items: readonly (Item & { token: Name; holder: Name })[],
): Look {
  const pairs = items.map(({ token, holder }) => [words.address(token), words.address(holder)]);
  return {
    views: [{ to: teller, data: encode("teller", view, view === "credits" ? [escrow.address, pairs] : [pairs]) }],
    names: items.map(({ name }) => name),
    words: (world) => items.flatMap((item) => item.words(world)),
  };
}

/** The escrow lets nobody take anything. */
function allowanceLook({ words, encode }: Stage, scene: readonly Name[]): Look {
  const pairs = scene.flatMap((token) => ["permit2", "zoe"].map((spender) => ({ token, spender })));
  const data = (spender: Name) => encode("token", "allowance", [words.address("escrow"), words.address(spender)]);
  return {
    views: pairs.map(({ token, spender }) => ({ to: words.address(token), data: data(spender) })),
    names: pairs.map(({ token, spender }) => `what ${spender} may take of the escrow's ${token}`),
    words: () => pairs.map(() => 0n),
  };
}

function join(looks: readonly Look[]): Look {
  return {
    views: looks.flatMap(({ views }) => views),
    names: looks.flatMap(({ names }) => names),
    words: (world) => looks.flatMap(({ words }) => words(world)),
  };
}

/** Every channel that a command names, but for those that cannot be written in five members of their types. */
export function channelsOf(commands: readonly Command[]): Channel[] {
  const found = new Map<string, Channel>();
  for (const command of commands) {
    const channels = "channel" in command ? [command.channel] : [];
    if (command.verb === "open") channels.push({ ...command.channel, payer: command.caller });
    if ("batch" in command) {
      const { payee, token, rows } = command.batch;
      for (const { payer, salt, authorizedSigner } of rows) {
        channels.push({ payer, payee, token, salt, authorizedSigner });
      }
    }
    for (const channel of channels) {
      if (!nameOf(channel).includes("+")) found.set(nameOf(channel), channel);
    }
  }
  return [...found.values()];
}
