import { concat, type Hex, keccak256, stringToHex, type TypedDataDomain, zeroHash } from "viem";
import { type Escrow, maxAmount } from "./channel.ts";
import { FarthingError } from "./errors.ts";
import type { Signer } from "./signer.ts";
import { typedDataDigest, word } from "./typedData.ts";

/** Where a round is: its donation pool's EIP-712 domain. */
export type Pool = Escrow;

/** What of a channel is meant for one project. */
export type Gift = {
  /** A project's id. Project 0 never exists: what was refunded is listed under it. */
  projectId: bigint;
  /** Base units, cumulative over the channel's life. */
  cumulativeAmount: bigint;
};

/** A donor's word on where a channel's money goes. The newest one holds; it goes with the voucher of the same amount. */
export type Allocation = {
  channelId: Hex;
  /** Base units, cumulative: the sum of the gifts, and the voucher's amount. */
  cumulativeAmount: bigint;
  /** keccak256 of the gate data under which these gifts count, or {@link unmatched} to give without matching. */
  gateDataHash: Hex;
  /** Strictly ascending by project, none zero, at most {@link maxGifts}. */
  gifts: readonly Gift[];
};

/** What a pool has already done with a channel's money. */
export type Attribution = {
  /** The gifts that it attributed. */
  gifts: readonly Gift[];
  /** What went back to the donor, base units, cumulative. */
  refunded: bigint;
};

export type SignedAllocation = Allocation & {
  /** 65 bytes: `r`, `s`, `v`. With its voucher it is money: never log it. */
  signature: Hex;
};

/** Most gifts of an allocation. */
export const maxGifts = 64;

/** The `gateDataHash` of gifts that draw no matching. */
export const unmatched: Hex = zeroHash;

/** EIP-712 types of the message that a donation pool reads. */
export const allocationTypes = {
  Allocation: [
    { name: "channelId", type: "bytes32" },
    { name: "cumulativeAmount", type: "uint128" },
    { name: "gateDataHash", type: "bytes32" },
    { name: "gifts", type: "Gift[]" },
  ],
  Gift: [
    { name: "projectId", type: "uint256" },
    { name: "cumulativeAmount", type: "uint128" },
  ],
} as const;

/** A donation pool's EIP-712 domain. */
export function poolDomain(pool: Pool): TypedDataDomain {
  return { name: poolName, version: "1", chainId: pool.chainId, verifyingContract: pool.address };
}

/**
 * The EIP-712 digest of an allocation, laid by hand over a cached domain separator: what {@link signAllocation} signs and
 * `Verifier.recover` recovers from. Equal to viem's `hashTypedData`.
 */
export function allocationDigest(allocation: Allocation, pool: Pool): Hex {
  const { channelId, cumulativeAmount, gateDataHash, gifts } = allocation;
  const hashes = gifts.map((gift) =>
    keccak256(concat([giftTypeHash, word(gift.projectId), word(gift.cumulativeAmount)])),
  );
  const giftsHash = keccak256(concat(hashes));
  const words = [allocationTypeHash, channelId, word(cumulativeAmount), gateDataHash, giftsHash];
  return typedDataDigest(keccak256(concat(words)), poolName, pool);
}

/**
 * Signs an allocation, after its rules were checked.
 * @param attribution What the pool has done with the channel's money; nothing unless told.
 * @throws {@link InvalidAllocationError}, {@link AllocationDivergesError}
 */
export async function signAllocation(
  signer: Signer,
  allocation: Allocation,
  pool: Pool,
  attribution: Attribution = untouched,
): Promise<SignedAllocation> {
  checkAllocation(allocation, attribution);
  const { channelId, cumulativeAmount, gateDataHash, gifts } = allocation;
  const message = { channelId, cumulativeAmount, gateDataHash, gifts };
  const signature = signer.sign
    ? await signer.sign({ hash: allocationDigest(message, pool) })
    : await signer.signTypedData({
        domain: poolDomain(pool),
        types: allocationTypes,
        primaryType: "Allocation",
        message,
      });
  return { ...message, signature };
}

/**
 * Holds an allocation to the rules that the pool holds it to, whoever signed it; a receiver asks before it acknowledges.
 * @param attribution What the pool has done with the channel's money: every attributed gift must be there, none lower, and
 * project 0 have at least what was refunded.
 * @throws {@link InvalidAllocationError} for an allocation that no pool takes;
 * {@link AllocationDivergesError} for one that takes back what was given.
 */
export function checkAllocation({ cumulativeAmount, gifts }: Allocation, attribution: Attribution = untouched): void {
  if (gifts.length > maxGifts)
    throw new InvalidAllocationError("too-many", `it has ${gifts.length} gifts, more than 64`);
  let last = -1n;
  let sum = 0n;
  for (const gift of gifts) {
    if (gift.projectId <= last) {
      throw new InvalidAllocationError("order", `project ${gift.projectId} stands after project ${last}`);
    }
    if (gift.projectId >= 2n ** 256n)
      throw new InvalidAllocationError("width", "a project's id has more than 256 bits");
    if (gift.cumulativeAmount <= 0n) {
      throw new InvalidAllocationError("empty-gift", `project ${gift.projectId} is given ${gift.cumulativeAmount}`);
    }
    last = gift.projectId;
    sum += gift.cumulativeAmount;
  }
  if (sum !== cumulativeAmount) {
    throw new InvalidAllocationError("sum", `its gifts add up to ${sum}, and it says ${cumulativeAmount}`);
  }
  if (sum > maxAmount) throw new InvalidAllocationError("width", `its amount ${sum} has more than 128 bits`);
  const given = new Map(gifts.map((gift) => [gift.projectId, gift.cumulativeAmount]));
  const leasts = [{ projectId: 0n, cumulativeAmount: attribution.refunded }, ...attribution.gifts];
  for (const { projectId, cumulativeAmount: least } of leasts) {
    const actual = given.get(projectId) ?? 0n;
    if (actual < least) throw new AllocationDivergesError(projectId, least, actual);
  }
}

/** Which rule an allocation breaks. */
export type AllocationRule = "too-many" | "order" | "empty-gift" | "sum" | "width";

/** An allocation breaks a rule that every pool holds it to. */
export class InvalidAllocationError extends FarthingError {
  override readonly name = "InvalidAllocationError";
  readonly rule: AllocationRule;
  constructor(rule: AllocationRule, reason: string) {
    super(
      "invalid-allocation",
      `The allocation was refused: ${reason}. List at most 64 gifts, each above zero, by rising project, with their exact sum.`,
    );
    this.rule = rule;
  }
}

/** An allocation leaves out or lowers what the pool has attributed, or, under project 0, refunded. */
export class AllocationDivergesError extends FarthingError {
  override readonly name = "AllocationDivergesError";
  readonly projectId: bigint;
  /** The least that an allocation must give it, base units. */
  readonly least: bigint;
  /** What the allocation says, base units. */
  readonly actual: bigint;
  constructor(projectId: bigint, least: bigint, actual: bigint) {
    super(
      "allocation-diverges",
      `The allocation gives project ${projectId} ${actual}, and ${least} was ${projectId === 0n ? "refunded" : "attributed to it"}: sign again from the newest allocation, with what was refunded under project 0.`,
    );
    this.projectId = projectId;
    this.least = least;
    this.actual = actual;
  }
}

const untouched: Attribution = { gifts: [], refunded: 0n };

const poolName = "Farthing Donation Pool";

function encodeType(name: keyof typeof allocationTypes): string {
  return `${name}(${allocationTypes[name].map((field) => `${field.type} ${field.name}`).join(",")})`;
}

const giftTypeHash = keccak256(stringToHex(encodeType("Gift")));
const allocationTypeHash = keccak256(stringToHex(encodeType("Allocation") + encodeType("Gift")));
