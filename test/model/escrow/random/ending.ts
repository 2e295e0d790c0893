// How a history ends: whoever obstructs is cheered up, every payee can still raise what is settled and every payer can still leave, and
// all that is owed is paid.
import { cast, closeGracePeriod, firstKeys } from "../cast.ts";
import { type Command, run } from "../command.ts";
import { signerOf } from "../escrow.ts";
import type { Channel, Message, Name, Paper } from "../types.ts";
import type { ChannelState, World } from "../world.ts";

/** None of these may be refused. Tokens that lie or refuse for good are left alone. */
export function endingOf(world: World): Command[] {
  const cheering = cheer(world);
  const cheered = cheering.reduce((each, command) => run(each, command).world, world);
  const live = [...cheered.channels.values()].filter(
    ({ channel, finalized }) => !finalized && moves(world, channel.token),
  );
  const credits = [...cheered.credits.keys()].map((name) => name.split("/") as [Name, Name]);
  return [
    ...cheering,
    ...live.flatMap(raise),
    ...live.filter(({ closeRequestedAt }) => closeRequestedAt === undefined).map(leave),
    { verb: "wait", seconds: closeGracePeriod },
    ...live.map(({ channel }): Command => ({ verb: "withdraw", caller: "zoe", channel })),
    ...credits
      // A token is nobody's receiver of coins.
      .filter(([token, account]) => moves(world, token) && !world.tokens.has(account))
      .map(([token, account]): Command => ({ verb: "withdrawCredit", caller: "zoe", token, account })),
  ];
}

function moves(world: World, token: Name): boolean {
  const state = world.tokens.get(token);
  return !state?.moody || !["FalseStillToken", "FalseMovingToken"].includes(state.kind);
}

function cheer(world: World): Command[] {
  const tokens = [...world.tokens].flatMap(([token, { kind, moody, denied }]): Command[] => [
    ...(kind === "PausableToken" && moody ? [{ verb: "mood" as const, token, moody: false }] : []),
    ...[...denied].map((account): Command => ({ verb: "deny", token, account, denied: false })),
  ]);
  const hungry = [...world.wallets].filter(([, { appetite }]) => appetite !== "none");
  const fed = hungry.map(([account]): Command => ({ verb: "crave", account, appetite: "none" }));
  const keys = cast.keyless.map((account): Command => ({ verb: "rotate", account, key: firstKeys[account] }));
  return [...tokens, ...fed, ...keys];
}

function raise({ channel, deposit, settled }: ChannelState): Command[] {
  if (settled === deposit) return [];
  const amount = settled + (deposit - settled + 1n) / 2n;
  const paper = sign(signerOf(channel), { type: "Voucher", domain: "escrow", channel, cumulativeAmount: amount });
  return [{ verb: "settle", caller: "zoe", channel, amount, paper }];
}

function leave({ channel, deposit }: { channel: Channel; deposit: bigint }): Command {
  const acts = (cast.actors as readonly Name[]).includes(channel.payer);
  if (acts) return { verb: "requestClose", caller: channel.payer, channel };
  const paper = sign(channel.payer, { type: "CloseRequest", domain: "escrow", channel, deposit });
  return { verb: "requestCloseWithSignature", caller: "zoe", channel, paper };
}

function sign(signer: Name, over: Message): Paper {
  const keyless = (cast.keyless as readonly Name[]).includes(signer);
  return { by: keyless ? (firstKeys[signer] as Name) : signer, form: "long", over };
}
