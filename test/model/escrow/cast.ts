// Who takes part, what they pay with, and the world before a history.
import type { Name } from "./types.ts";
import type { TokenKind, TokenState, Wallet, World } from "./world.ts";

/** Accounts with code act by themselves; `rex` and `sam` only sign. */
export const cast = {
  payers: ["ann", "ben", "wally", "rex"],
  payees: ["pat", "meg", "ben", "ann"],
  /** Keys of a session, one of them with code that disowns it, and a wallet. */
  signers: ["zero", "sam", "sue", "wally"],
  actors: ["ann", "ben", "wally", "pat", "meg", "sue", "zoe"],
  everybody: ["ann", "ben", "wally", "rex", "pat", "meg", "sam", "sue", "zoe"],
  /** Every account of its own key, and keys that wallets go by. */
  keys: ["ann", "ben", "rex", "pat", "sam", "sue", "zoe", "first", "second", "thief"],
  /** Contracts that have no key of their own. */
  keyless: ["wally", "meg"],
} as const;

export const tokens: Record<Name, TokenKind> = {
  stable: "WalletAuthorizationToken",
  plain: "PlainToken",
  quiet: "NoReturnToken",
  greedy: "SwitchedFeeToken",
  strict: "DenyListToken",
  sleepy: "PausableToken",
  stubborn: "FalseStillToken",
  lying: "FalseMovingToken",
};

/** Second 0 of every history: 2030-01-01. */
export const epoch = 1_893_456_000n;
export const closeGracePeriod = 48n * 3_600n;
/** Links that a chain was made with; one is as long as a claim may be. */
export const chains: Record<Name, number> = { day: 40, night: 40, dusk: 40, age: 65_536 };

const unlimited = 2n ** 256n - 1n;
/** What each holds of every token and of coins; two can lock more than a channel holds. */
export const fortunes: Record<Name, bigint> = {
  ...{ ann: 2n ** 106n, ben: 2n ** 106n, rex: 2n ** 105n, wally: 10n ** 9n },
  ...{ pat: 1_000_000n, meg: 1_000_000n, sue: 1_000n, zoe: 1_000_000n, sam: 0n, escrow: 0n },
};

/** Who lets whom take its tokens at first. Ben trusts Permit2 with nothing. */
export const approvals: readonly (readonly [owner: Name, spender: Name])[] = [
  ...["ann", "ben", "wally"].map((owner) => [owner, "escrow"] as const),
  ...["ann", "wally", "rex"].map((owner) => [owner, "permit2"] as const),
];

/** Whose signatures an account with code calls its own at first. */
export const firstKeys: Record<Name, Name> = { ann: "ann", wally: "first", meg: "second" };

/** @param scene The tokens of a history. */
export function newWorld(scene: readonly Name[]): World {
  const funds = () => new Map(Object.entries(fortunes));
  const token = (name: Name): TokenState => ({
    kind: tokens[name] as TokenKind,
    balances: funds(),
    allowances: new Map(approvals.map(([owner, spender]) => [`${owner}/${spender}`, unlimited])),
    moody: false,
    denied: new Set(),
    used: new Set(),
  });
  const wallet = (name: Name): Wallet => ({ appetite: "none", key: firstKeys[name] });
  return {
    now: epoch,
    closeGracePeriod,
    channels: new Map(),
    credits: new Map(),
    coins: funds(),
    tokens: new Map(scene.map((name) => [name, token(name)])),
    wallets: new Map(cast.actors.map((name) => [name, wallet(name)])),
    permitNonces: new Set(),
    events: [],
  };
}
