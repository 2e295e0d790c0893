// Who takes part in the demonstration, and what each does: the same cast for a seed, every time.
import { concat, type Hex, keccak256, numberToHex, stringToHex } from "viem";
import { type PrivateKeyAccount, privateKeyToAccount } from "viem/accounts";

/**
 * `regular`: gives until the end. `closer`: gives, then closes cooperatively. `silent`: gives, asks on-chain to leave with
 * gifts still unsettled, and falls silent. `leaver`: has no gas; gives, then leaves with a signed close request.
 * `vandal`: sends garbage and never pays.
 */
export type Role = "regular" | "closer" | "silent" | "leaver" | "vandal";

export type Member = {
  index: number;
  role: Role;
  /** Which project it gives to. */
  project: number;
  currency: "native" | "token";
  /** Opens by a relayed EIP-3009 signature, and never has any native coin. */
  relayed: boolean;
  /** How many gifts it makes. */
  gifts: number;
};

export const projects = ["Village Well", "River Watch", "Open Library"] as const;

/** What a gift costs, base units: a cent of a 6-decimals dollar, or as much in the native coin. */
export const price = { token: 10_000n, native: 3_333_000_000_000n } as const;

/** What each payer locks, base units: enough for all its gifts. */
export const deposit = { token: price.token * 1_000n, native: price.native * 1_000n } as const;

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
  ];
  const givers = roles.filter((role) => role === "regular" || role === "closer").length;
  return roles.map((role, index) => {
    const relayed = role === "leaver" || (role === "regular" && index % 4 === 0);
    return {
      index,
      role,
      relayed,
      project: index % projects.length,
      currency: !relayed && index % 5 === 1 ? "native" : "token",
      gifts: role === "vandal" ? 0 : role === "silent" || role === "leaver" ? 60 : Math.ceil(gifts / givers),
    };
  });
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
