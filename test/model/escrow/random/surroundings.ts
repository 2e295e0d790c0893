// What happens around the escrow: time, and the moods of tokens and accounts.
import { cast } from "../cast.ts";
import type { Command, Surroundings } from "../command.ts";
import type { Name } from "../types.ts";
import type { TokenKind } from "../world.ts";
import type { Hand } from "./hand.ts";

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
    return dice.chance(60) ? { verb: "mood", token: name, moody: true } : rotation();
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
