import { type Address, concat, encodeAbiParameters, type Hex, keccak256 } from "viem";
import { FarthingError } from "../errors.ts";

/** Who counts for matching, as which key and how much. */
export type EligibleDonor = {
  donor: Address;
  /** Whom its gifts count as, 32 bytes; several donors may share one. */
  key: Hex;
  /** Basis points, 1 to 10,000. */
  weightBps: number;
};

/** The list behind a `MerkleGate`. */
export type EligibilityTree = {
  /** What the gate is deployed with. */
  root: Hex;
  /** A donor's gate data, with its proof; undefined for one who is not listed. */
  gateData(donor: Address): Hex | undefined;
};

/**
 * Builds the list behind a `MerkleGate`. Its root is that of OpenZeppelin's `StandardMerkleTree` over
 * `["uint256", "bytes32", "address", "bytes32", "uint16"]`: sorted leaves, hashed twice so that no inner node passes for
 * one, each bound to chain and round.
 * @param roundId {@link roundId} of the round's creator and salt: the pool's address cannot be known before its gate's.
 * @throws {@link InvalidEligibilityError} for an empty list, a donor listed twice, or a weight that no pool counts.
 */
export function createEligibilityTree(
  round: { chainId: number; roundId: Hex },
  donors: readonly EligibleDonor[],
): EligibilityTree {
  const entries = new Map(donors.map((entry) => [lower(entry.donor), entry]));
  if (donors.length === 0) throw new InvalidEligibilityError("it is empty");
  if (entries.size !== donors.length) throw new InvalidEligibilityError("a donor is listed twice");
  for (const { donor, weightBps } of donors) {
    if (Number.isInteger(weightBps) && weightBps > 0 && weightBps <= 10_000) continue;
    throw new InvalidEligibilityError(`${donor} weighs ${weightBps} basis points, not 1 to 10,000`);
  }
  // Node i has the children 2i + 1 and 2i + 2; the leaves are the last ones, the smallest at the very end.
  const leaves = donors.map((entry) => leafOf(round, entry)).sort();
  const nodes = new Array<Hex>(2 * leaves.length - 1);
  for (const [index, leaf] of leaves.entries()) nodes[nodes.length - 1 - index] = leaf;
  for (let index = nodes.length - 1 - leaves.length; index >= 0; index -= 1) {
    nodes[index] = hashPair(nodes[2 * index + 1] as Hex, nodes[2 * index + 2] as Hex);
  }
  const places = new Map(nodes.map((node, index) => [node, index]));

  return {
    root: nodes[0] as Hex,
    gateData(donor) {
      const entry = entries.get(lower(donor));
      if (!entry) return undefined;
      const proof: Hex[] = [];
      for (let at = places.get(leafOf(round, entry)) ?? 0; at > 0; at = (at - 1) >> 1) {
        proof.push(nodes[at % 2 === 1 ? at + 1 : at - 1] as Hex);
      }
      return encodeAbiParameters(proofParameters, [entry.key, entry.weightBps, proof]);
    },
  };
}

function leafOf(
  { chainId, roundId }: { chainId: number; roundId: Hex },
  { donor, key, weightBps }: EligibleDonor,
): Hex {
  return keccak256(
    keccak256(encodeAbiParameters(leafParameters, [BigInt(chainId), roundId, lower(donor), key, weightBps])),
  );
}

function lower(address: Address): Address {
  return address.toLowerCase() as Address;
}

function hashPair(a: Hex, b: Hex): Hex {
  return keccak256(concat(a < b ? [a, b] : [b, a]));
}

const leafParameters = [
  { type: "uint256" },
  { type: "bytes32" },
  { type: "address" },
  { type: "bytes32" },
  { type: "uint16" },
] as const;

const proofParameters = [{ type: "bytes32" }, { type: "uint16" }, { type: "bytes32[]" }] as const;

/** A list of donors can stand behind no gate. */
export class InvalidEligibilityError extends FarthingError {
  override readonly name = "InvalidEligibilityError";
  constructor(reason: string) {
    super("invalid-eligibility", `The list of eligible donors was refused: ${reason}. List each donor once.`);
  }
}
