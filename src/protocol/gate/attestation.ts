import {
  type Address,
  concat,
  encodeAbiParameters,
  type Hex,
  keccak256,
  pad,
  stringToHex,
  type TypedDataDomain,
} from "viem";
import type { Escrow } from "../channel.ts";
import type { Signer } from "../signer.ts";
import { typedDataDigest, word } from "../typedData.ts";

/** Where an `AttestedGate` is. */
export type AttestedGate = Escrow;

/** An attester's word that a donor counts in one pool. */
export type Attestation = {
  pool: Address;
  donor: Address;
  /** Whom the donor's gifts count as, 32 bytes: a nullifier, or the id of a cluster of donors. */
  key: Hex;
  /** Basis points, 0 to 10,000. */
  weightBps: number;
  /** Unix seconds, by the chain's clock. */
  expiresAt: bigint;
};

export type SignedAttestation = Attestation & { signature: Hex };

/** EIP-712 types of the message that an `AttestedGate` reads. */
export const attestationTypes = {
  Attestation: [
    { name: "pool", type: "address" },
    { name: "donor", type: "address" },
    { name: "key", type: "bytes32" },
    { name: "weightBps", type: "uint16" },
    { name: "expiresAt", type: "uint64" },
  ],
} as const;

/** An `AttestedGate`'s EIP-712 domain. */
export function attestedGateDomain(gate: AttestedGate): TypedDataDomain {
  return { name: gateName, version: "1", chainId: gate.chainId, verifyingContract: gate.address };
}

/** The EIP-712 digest of an attestation. Equal to viem's `hashTypedData`. */
export function attestationDigest({ pool, donor, key, weightBps, expiresAt }: Attestation, gate: AttestedGate): Hex {
  const words = [typeHash, pad(lower(pool)), pad(lower(donor)), key, word(BigInt(weightBps)), word(expiresAt)];
  return typedDataDigest(keccak256(concat(words)), gateName, gate);
}

/** Signs an attestation, as the gate's attester. */
export async function signAttestation(
  signer: Signer,
  attestation: Attestation,
  gate: AttestedGate,
): Promise<SignedAttestation> {
  const { pool, donor, key, weightBps, expiresAt } = attestation;
  const message = { pool, donor, key, weightBps, expiresAt };
  const signature = signer.sign
    ? await signer.sign({ hash: attestationDigest(message, gate) })
    : await signer.signTypedData({
        domain: attestedGateDomain(gate),
        types: attestationTypes,
        primaryType: "Attestation",
        message,
      });
  return { ...message, signature };
}

/** An attestation as the donor's gate data. */
export function attestedGateData({ key, weightBps, expiresAt, signature }: SignedAttestation): Hex {
  return encodeAbiParameters(dataParameters, [key, weightBps, expiresAt, signature]);
}

const gateName = "Farthing Attested Gate";

const typeHash = keccak256(
  stringToHex(`Attestation(${attestationTypes.Attestation.map(({ name, type }) => `${type} ${name}`).join(",")})`),
);

const dataParameters = [{ type: "bytes32" }, { type: "uint16" }, { type: "uint64" }, { type: "bytes" }] as const;

function lower(address: Address): Address {
  return address.toLowerCase() as Address;
}
