import { type Address, encodeAbiParameters, type Hex, keccak256 } from "viem";
import { type Gift, unmatched } from "./allocation.ts";

/** A donation from a wallet that wants no channel. */
export type Donation = {
  /** Who gives. */
  from: Address;
  /** What the donation adds to each project, base units; strictly ascending by project, none zero, 1 to 64. */
  gifts: readonly Gift[];
  /** What the round's gate asks for; `0x` gives without matching. */
  gateData: Hex;
  /** Any value that the donor never used in this round. */
  salt: Hex;
};

/** The hash of gate data that an allocation carries: {@link unmatched} for none. */
export function gateDataHash(gateData: Hex): Hex {
  return gateData === "0x" ? unmatched : keccak256(gateData);
}

/**
 * The EIP-3009 nonce that binds an authorization to one donation, so that nobody can spend it on other gifts:
 * `keccak256(abi.encode(from, keccak256(abi.encode(gifts)), gateDataHash, salt))`. The authorization's receiver is the
 * pool, its value {@link donationSum}.
 */
export function donationNonce({ from, gifts, gateData, salt }: Donation): Hex {
  const giftsDigest = keccak256(encodeAbiParameters([giftsParameter], [gifts]));
  return keccak256(encodeAbiParameters(nonceParameters, [from, giftsDigest, gateDataHash(gateData), salt]));
}

/** What a donation costs, base units. */
export function donationSum(gifts: readonly Gift[]): bigint {
  return gifts.reduce((sum, { cumulativeAmount }) => sum + cumulativeAmount, 0n);
}

const giftsParameter = {
  type: "tuple[]",
  components: [
    { name: "projectId", type: "uint256" },
    { name: "cumulativeAmount", type: "uint128" },
  ],
} as const;

const nonceParameters = [{ type: "address" }, { type: "bytes32" }, { type: "bytes32" }, { type: "bytes32" }] as const;
