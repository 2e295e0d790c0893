// What the chain has to show after a step, if the model is right: every channel, every credit and everybody's money.
import type { Address, Hex } from "viem";
import { cast } from "../cast.ts";
import type { Command } from "../command.ts";
import { type Channel, type Name, nameOf } from "../types.ts";
import { balanceOf, creditOf, findChannel, type World } from "../world.ts";
import type { Stage } from "./stage.ts";

export type View = { to: Address; data: Hex };

/** @param names What each word of the answers is. */
export type Picture = { views: View[]; names: string[]; words: (world: World) => bigint[] };

const holders = [...cast.everybody, "escrow"];

/** @param channels All that a history speaks of, opened or not. */
export function pictureOf(stage: Stage, scene: readonly Name[], channels: readonly Channel[]): Picture {
  const { escrow, teller, words, encode } = stage;
  const assets = ["zero", ...scene];
  const [tokens, accounts] = [assets.map(words.address), holders.map(words.address)];
  const views = [
    { to: escrow.address, data: encode("escrow", "getChannels", [channels.map(words.id)]) },
    { to: teller, data: encode("teller", "balances", [tokens, accounts]) },
    { to: teller, data: encode("teller", "credits", [escrow.address, tokens, accounts]) },
  ];
  const pairs = assets.flatMap((token) => holders.map((holder) => ({ token, holder })));
  const list = (name: string, items: readonly string[], each = 1) => {
    return [`${name}: where`, `${name}: how many`, ...items.slice(0, items.length / each)];
  };
  const fields = ["deposit", "settled", "close requested", "finalized"];
  const names = [
    ...list(
      "channels",
      channels.flatMap((channel) => fields.map((field) => `${field} of ${nameOf(channel)}`)),
    ),
    ...list(
      "balances",
      pairs.map(({ token, holder }) => `${token} of ${holder}`),
    ),
    ...list(
      "credits",
      pairs.map(({ token, holder }) => `credit in ${token} of ${holder}`),
    ),
  ];
  const array = (items: bigint[], each = 1) => [32n, BigInt(items.length / each), ...items];
  const state = (world: World, channel: Channel): bigint[] => {
    const found = findChannel(world, channel);
    if (!found) return [0n, 0n, 0n, 0n];
    return [found.deposit, found.settled, found.closeRequestedAt ?? 0n, found.finalized ? 1n : 0n];
  };
  return {
    views,
    names,
    words: (world) => [
      ...array(
        channels.flatMap((channel) => state(world, channel)),
        fields.length,
      ),
      ...array(pairs.map(({ token, holder }) => balanceOf(world, token, holder))),
      ...array(pairs.map(({ token, holder }) => creditOf(world, token, holder))),
    ],
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
      for (const { payer, salt, authorizedSigner } of rows)
        channels.push({ payer, payee, token, salt, authorizedSigner });
    }
    for (const channel of channels) {
      if (!nameOf(channel).includes("+")) found.set(nameOf(channel), channel);
    }
  }
  return [...found.values()];
}
