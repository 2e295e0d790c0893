// Ways out of a channel, credits, and what happens around the escrow.
import { cast } from "../cast.ts";
import type { Command, EscrowCall, Surroundings } from "../command.ts";
import { signerOf } from "../escrow.ts";
import type { Channel, Message, Name } from "../types.ts";
import { findChannel, type TokenKind } from "../world.ts";
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

/** Time, most often to the very second at which a channel may be left, or beside it. */
export function wait(hand: Hand): Command {
  const { dice, world } = hand;
  const ready = [...world.channels.values()].flatMap(({ finalized, closeRequestedAt }) => {
    const left = closeRequestedAt === undefined ? -1n : closeRequestedAt + world.closeGracePeriod - world.now;
    return finalized || left <= 0n ? [] : [left];
  });
  if (ready.length > 0 && dice.chance(60)) {
    const seconds = dice.pick(ready) + dice.pick([-1n, -1n, 0n, 0n, 1n]);
    return { verb: "wait", seconds };
  }
  return { verb: "wait", seconds: dice.pick([1n, 2n, 99_999n, 100_000n, BigInt(dice.integer(86_400))]) };
}

/** Of another escrow, with a grace period at and beyond each bound. */
export function deploy({ dice }: Hand): Surroundings {
  const [least, most] = [600n, 31_536_000n];
  return { verb: "deploy", gracePeriod: dice.pick([0n, least - 1n, least, most, most + 1n, 2n ** 256n - 1n]) };
}

const moods: readonly TokenKind[] = [
  "SwitchedFeeToken",
  "DenyListToken",
  "PausableToken",
  "FalseStillToken",
  "FalseMovingToken",
];

export function surround(hand: Hand): Surroundings {
  const { dice, world } = hand;
  const token = dice.pick([...world.tokens.keys()]);
  const actor = dice.pick(cast.actors);
  return dice.weigh<() => Surroundings>([
    [4, () => ({ verb: "approve", token, caller: actor, spender: dice.pick(["escrow", "permit2"]), amount: limit() })],
    [2, () => ({ verb: "give", token: dice.pick([token, "zero"]), caller: actor, amount: dice.amount(2_000_000n) })],
    [9, () => mood()],
    [9, () => appetite()],
    [5, () => rotation()],
  ])();

  function limit(): bigint {
    return dice.pick([0n, dice.amount(10n ** 9n), 2n ** 256n - 1n, 2n ** 256n - 1n]);
  }

  /** Of a token that has any; those that cannot be cheered up again, seldom. */
  function mood(): Surroundings {
    const moody = [...world.tokens].filter(([, { kind }]) => moods.includes(kind));
    if (moody.length === 0) return rotation();
    const [name, state] = dice.pick(moody);
    if (state.kind === "DenyListToken") {
      const account = dice.pick([...state.denied, ...state.denied, "escrow", ...receivers(name)]);
      return { verb: "deny", token: name, account, denied: !state.denied.has(account) };
    }
    if (state.kind === "PausableToken") return { verb: "mood", token: name, moody: !state.moody };
    return dice.chance(25) ? { verb: "mood", token: name, moody: true } : rotation();
  }

  /** Whoever a channel in this token may have to pay. */
  function receivers(name: Name): Name[] {
    const channels = [...world.channels.values()].filter(
      ({ channel, finalized }) => !finalized && channel.token === name,
    );
    return channels.flatMap(({ channel }) => [channel.payee, channel.payer]);
  }

  function appetite(): Surroundings {
    const acting = receivers("zero").filter((name) => world.wallets.has(name));
    const account = acting.length > 0 && dice.chance(75) ? dice.pick(acting) : actor;
    return { verb: "crave", account, appetite: dice.pick(["none", "large", "endless"]) };
  }

  function rotation(): Surroundings {
    const keys: (Name | undefined)[] = [undefined, "thief", "first", "second"];
    const account = dice.pick(["wally", "meg", actor]);
    const own = { wally: "first", meg: "second" }[account] ?? account;
    return { verb: "rotate", account, key: dice.chance(60) ? own : dice.pick(keys) };
  }
}
