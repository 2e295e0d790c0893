// All that the escrow's histories change: its books, who holds what, and the moods of tokens and accounts.
import { type Channel, type Event, type Name, nameOf } from "./types.ts";

export type ChannelState = {
  channel: Channel;
  deposit: bigint;
  settled: bigint;
  /** Seconds; undefined while nobody has asked. */
  closeRequestedAt: bigint | undefined;
  finalized: boolean;
};

/** Which contract a token is. */
export type TokenKind =
  | "PlainToken"
  | "NoReturnToken"
  | "WalletAuthorizationToken"
  | "SwitchedFeeToken"
  | "DenyListToken"
  | "PausableToken"
  | "FalseStillToken"
  | "FalseMovingToken";

export type TokenState = {
  kind: TokenKind;
  balances: Map<Name, bigint>;
  /** By owner and spender, `owner/spender`. */
  allowances: Map<string, bigint>;
  /** Charging, paused, refusing or lying, as its kind is. */
  moody: boolean;
  denied: Set<Name>;
  /** EIP-3009 nonces, as they are written. */
  used: Set<string>;
};

/** What an account that has code does with coins and signatures. */
export type Wallet = {
  /** Accepts coins always; only with more gas than a payout brings; never. */
  appetite: "none" | "large" | "endless";
  /** Whose signatures it calls its own. */
  key: Name | undefined;
};

export type World = {
  /** Seconds since 1970. */
  now: bigint;
  closeGracePeriod: bigint;
  channels: Map<string, ChannelState>;
  /** By token and account, `token/account`. */
  credits: Map<string, bigint>;
  coins: Map<Name, bigint>;
  tokens: Map<Name, TokenState>;
  /** Every account that has code, but for the tokens and the escrow. */
  wallets: Map<Name, Wallet>;
  /** Used up with Permit2, `owner/nonce`. */
  permitNonces: Set<string>;
  /** Of the command that is being carried out. */
  events: Event[];
};

/** Largest deposit: 104 bits. */
export const maxDeposit = 2n ** 104n - 1n;

export function findChannel(world: World, channel: Channel): ChannelState | undefined {
  return world.channels.get(nameOf(channel));
}

export function creditOf(world: World, token: Name, account: Name): bigint {
  return world.credits.get(`${token}/${account}`) ?? 0n;
}

/** Base units of a token, or coins. */
export function balanceOf(world: World, token: Name, holder: Name): bigint {
  const balances = token === "zero" ? world.coins : world.tokens.get(token)?.balances;
  return balances?.get(holder) ?? 0n;
}

export function change(amounts: Map<string, bigint>, name: string, by: bigint): void {
  amounts.set(name, (amounts.get(name) ?? 0n) + by);
}
