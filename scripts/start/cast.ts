// Who takes part in the demonstration, and what each does: the same cast for a seed, every time.
import { concat, type Hex, keccak256, numberToHex, stringToHex } from "viem";
import { type PrivateKeyAccount, privateKeyToAccount } from "viem/accounts";

/**
 * `regular`: gives until the end. `closer`: gives, then closes cooperatively. `silent`: gives, asks on-chain to leave with
 * gifts still unsettled, and falls silent. `leaver`: has no gas; gives, then leaves with a signed close request.
 * `metered`: gives by the tick, ten of them a gift. `vandal`: sends garbage and never pays.
 */
export type Role = "regular" | "closer" | "silent" | "leaver" | "metered" | "vandal";

/**
 * How a member opens its channel. `native`: locks the native coin. `approval`: approves a token and locks it. `authorization`: signs
 * an EIP-3009 authorization that its project relays, and never has any native coin. `permit2`: has approved Permit2 once, and signs
 * a transfer that anybody submits.
 */
export type Way = "native" | "approval" | "authorization" | "permit2";

export type Member = {
  index: number;
  role: Role;
  /** Which project it gives to. */
  project: number;
  way: Way;
  currency: "native" | "token";
  /** Locks only half of what it needs at first, and the rest once that is given: in the way in which it opened. */
  topsUp: boolean;
  /** How many gifts it makes. */
  gifts: number;
};

export const projects = ["Village Well", "River Watch", "Open Library"] as const;

/** What a gift costs, base units: a cent of a 6-decimals dollar, or as much in the native coin. */
export const price = { token: 10_000n, native: 3_333_000_000_000n } as const;

/** What a tick is worth, base units. */
export const tickValue = { token: price.token / 10n, native: price.native / 10n } as const;

/** What each payer locks, base units: enough for all its gifts. */
export const deposit = { token: price.token * 1_000n, native: price.native * 1_000n } as const;

/** The least that a project relays an open for, base units. */
export const leastDeposit = { token: deposit.token / 10n, native: deposit.native / 10n } as const;

/** Assumed for every figure in money: dollars for a coin, and wei for a unit of gas on the L2. */
export const coinUsd = 3_000n;
export const gasPrice = 10_000_000n;

/** The whole cast; `gifts` is the least number of gifts in all. */
export function cast(gifts: number): Member[] {
  const roles: Role[] = [
    ...Array<Role>(3).fill("silent"),
    "leaver",
    "vandal",
    ...Array<Role>(8).fill("closer"),
    ...Array<Role>(44).fill("regular"),
    ...Array<Role>(2).fill("metered"),
  ];
  const givers = roles.filter((role) => role === "regular" || role === "closer").length;
  return roles.map((role, index) => {
    const way = wayOf(role, index);
    return {
      index,
      role,
      way,
      project: index % projects.length,
      currency: way === "native" ? "native" : "token",
      topsUp: role === "regular" && index % 3 === 0,
      gifts: role === "vandal" ? 0 : role === "regular" || role === "closer" ? Math.ceil(gifts / givers) : 60,
    };
  });
}

function wayOf(role: Role, index: number): Way {
  if (role === "leaver" || (role === "regular" && index % 4 === 0)) return "authorization";
  if (index % 5 === 1) return "native";
  return role === "regular" && index % 4 === 2 ? "permit2" : "approval";
}

/** What a member locks at first, base units. */
export function firstDeposit({ currency, topsUp, gifts }: Member): bigint {
  if (!topsUp) return deposit[currency];
  const half = price[currency] * BigInt(Math.ceil(gifts / 2));
  return half > leastDeposit[currency] ? half : leastDeposit[currency];
}

/** A key of the cast: for a wallet, for its session, for a service. */
export function key(seed: string, role: string, index: number): Hex {
  return keccak256(concat([stringToHex(seed), stringToHex(role), numberToHex(index, { size: 4 })]));
}

export function wallet(seed: string, index: number): PrivateKeyAccount {
  return privateKeyToAccount(key(seed, "wallet", index));
}

export function session(seed: string, index: number): PrivateKeyAccount {
  return privateKeyToAccount(key(seed, "session", index));
}

/** Whoever submits what a member signed: it has coin, and nothing to do with the member. */
export function submitter(seed: string, index: number): PrivateKeyAccount {
  return privateKeyToAccount(key(seed, "submitter", index));
}
