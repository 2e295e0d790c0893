import { type Address, concat, encodeAbiParameters, type Hex, keccak256, zeroHash } from "viem";
import type { Attribution, Gift } from "./allocation.ts";
import { word } from "./typedData.ts";

/**
 * The hash that a pool keeps of the gifts that stand on a line, a channel's or a donation's: keccak256 of their words in a
 * row, 0 for none.
 */
export function giftsHash(gifts: readonly Gift[]): Hex {
  if (gifts.length === 0) return zeroHash;
  return keccak256(
    concat(gifts.flatMap(({ projectId, cumulativeAmount }) => [word(projectId), word(cumulativeAmount)])),
  );
}

/** What stands on a line in two parts: the gifts, and what was refunded, which the list has under project 0. */
export function attributionOf(gifts: readonly Gift[]): Attribution {
  const refunded = gifts.find(({ projectId }) => projectId === 0n)?.cumulativeAmount ?? 0n;
  return { gifts: gifts.filter(({ projectId }) => projectId !== 0n), refunded };
}

/**
 * What stands on a channel's line after an allocation was collected, the next `previousGifts`: a gift to a project that
 * takes none keeps what it had, and project 0 what was refunded.
 * @param previous What stood before.
 * @param gifts The allocation's, held to its rules by {@link checkAllocation}.
 * @param takesGifts Whether a project takes part in the round and is accepted by the registry.
 */
export function collectedGifts(
  previous: readonly Gift[],
  gifts: readonly Gift[],
  takesGifts: (projectId: bigint) => boolean,
): Gift[] {
  const stood = new Map(previous.map((gift) => [gift.projectId, gift.cumulativeAmount]));
  return gifts
    .map(({ projectId, cumulativeAmount }) => {
      const taken = projectId !== 0n && takesGifts(projectId);
      return { projectId, cumulativeAmount: taken ? cumulativeAmount : (stood.get(projectId) ?? 0n) };
    })
    .filter(({ cumulativeAmount }) => cumulativeAmount !== 0n);
}

/** A donation's ledger line: `keccak256(abi.encode(donor, salt))`. */
export function donationId(donor: Address, salt: Hex): Hex {
  return keccak256(encodeAbiParameters([{ type: "address" }, { type: "bytes32" }], [donor, salt]));
}

/** A round's name before its address is known: `keccak256(abi.encode(creator, salt))`. */
export function roundId(creator: Address, salt: Hex): Hex {
  return donationId(creator, salt);
}

/** The name under which a pool keeps a donor's key: the upper 240 bits of the key's hash. */
export function keyId(key: Hex): Hex {
  return `0x${keccak256(key).slice(2, 62)}`;
}
