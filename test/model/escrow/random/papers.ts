// Papers as honest people sign them, and every way in which one can be wrong.
import { cast } from "../cast.ts";
import { hasCode } from "../tokens.ts";
import type { Channel, Form, Message, Name, Paper } from "../types.ts";
import type { World } from "../world.ts";
import type { Dice } from "./dice.ts";

/** Signed as `signer` would have to, in a form that the escrow takes. */
export function honest(dice: Dice, world: World, signer: Name, over: Message): Paper {
  const keyless = !(cast.keys as readonly Name[]).includes(signer);
  const by = keyless ? (world.wallets.get(signer)?.key ?? "thief") : signer;
  return { by, form: dice.pick<Form>(keyless ? ["long", "long", "trailed"] : ["long", "long", "short"]), over };
}

/** For a token with EIP-3009: 64 or 65 bytes are asked of a key, more of the account's code. */
export function honestToToken(dice: Dice, world: World, signer: Name, over: Message): Paper {
  const key = world.wallets.get(signer)?.key;
  const keyless = !(cast.keys as readonly Name[]).includes(signer);
  if (keyless || (key !== undefined && dice.chance(40))) return { by: key ?? "thief", form: "trailed", over };
  return { by: signer, form: dice.pick<Form>(["long", "short"]), over };
}

/** For Permit2, which asks an account that has code what it says itself. */
export function honestToOthers(dice: Dice, world: World, signer: Name, over: Message): Paper {
  const by = world.wallets.get(signer)?.key ?? signer;
  const form = hasCode(world, signer) ? dice.pick<Form>(["long", "trailed"]) : dice.pick<Form>(["long", "short"]);
  return { by, form, over };
}

/** As it is, or, now and then, spoilt. @param channels Others that a paper could have been meant for. */
export function maybeSpoilt(dice: Dice, paper: Paper, channels: readonly Channel[], percent = 18): Paper {
  if (!dice.chance(percent)) return paper;
  const { over } = paper;
  return dice.weigh<() => Paper>([
    [3, () => ({ ...paper, by: dice.pick(cast.keys) })],
    [3, () => ({ ...paper, form: dice.pick<Form>(["highS", "oldV", "cut", "none", "trailed", "short", "long"]) })],
    [1, () => ({ ...paper, over: { ...over, domain: "elsewhere" } })],
    [3, () => ({ ...paper, over: altered(dice, over, channels) })],
  ])();
}

/** The same message about another amount, another channel or another time. */
function altered(dice: Dice, over: Message, channels: readonly Channel[]): Message {
  if ("channel" in over && dice.chance(40) && channels.length > 0) return { ...over, channel: dice.pick(channels) };
  const by = dice.pick([-1n, 1n]);
  const less = (amount: bigint) => (amount + by < 0n ? 1n : amount + by);
  switch (over.type) {
    case "Voucher":
      return { ...over, cumulativeAmount: less(over.cumulativeAmount) % 2n ** 128n };
    case "TickVoucher":
      return dice.chance(50)
        ? { ...over, tickValue: less(over.tickValue) % 2n ** 128n }
        : { ...over, tickRoot: { ...over.tickRoot, index: over.tickRoot.index + 1 } };
    case "CloseRequest":
      return { ...over, deposit: less(over.deposit) };
    case "CloseAuthorization":
      return dice.chance(50)
        ? { ...over, deadline: less(over.deadline) }
        : { ...over, cumulativeAmount: less(over.cumulativeAmount) % 2n ** 128n };
    case "Authorization":
      return dice.chance(50) ? { ...over, validBefore: less(over.validBefore) } : { ...over, value: less(over.value) };
    case "OpenPermit":
    case "TopUpPermit":
      return dice.chance(50) ? { ...over, deadline: less(over.deadline) } : { ...over, nonce: less(over.nonce) };
  }
}
