// Who signed what, as each contract that is shown a paper sees it.
import { type Message, type Name, type Paper, same } from "./types.ts";
import type { World } from "./world.ts";

/** The escrow's rule: by recovery or else, of an account with code, by its ERC-1271 answer. Nobody signs for `zero`. */
export function isSignedBy(world: World, signer: Name, message: Message, paper: Paper): boolean {
  if (signer === "zero") return false;
  return recovers(paper, message, ["long", "short"]) === signer || isAcceptedBy(world, signer, message, paper);
}

/** What the account's own code says: 65 bytes by the key that it goes by now, and whatever behind them. */
export function isAcceptedBy(world: World, signer: Name, message: Message, paper: Paper): boolean {
  const key = world.wallets.get(signer)?.key;
  return key !== undefined && recovers(paper, message, ["long", "trailed"]) === key;
}

/** Whom a signature over this message recovers to, if it is in one of the forms that are taken. */
export function recovers(paper: Paper, message: Message, forms: readonly Paper["form"][]): Name | undefined {
  return forms.includes(paper.form) && same(paper.over, message) ? paper.by : undefined;
}
