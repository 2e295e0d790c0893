import { concat, type Hex, keccak256, numberToHex, pad, stringToHex, type TypedDataDomain } from "viem";
import type { Escrow } from "./channel.ts";
import type { Signer } from "./signer.ts";

/** EIP-712 types of every message that the escrow reads. Source: draft-evm-session-00, "Voucher Signing Format". */
export const typedData = {
  Voucher: [
    { name: "channelId", type: "bytes32" },
    { name: "cumulativeAmount", type: "uint128" },
  ],
  TickVoucher: [
    { name: "channelId", type: "bytes32" },
    { name: "cumulativeAmount", type: "uint128" },
    { name: "tickRoot", type: "bytes32" },
    { name: "tickValue", type: "uint128" },
  ],
  CloseRequest: [
    { name: "channelId", type: "bytes32" },
    { name: "deposit", type: "uint128" },
  ],
  CloseAuthorization: [
    { name: "channelId", type: "bytes32" },
    { name: "cumulativeAmount", type: "uint128" },
    { name: "deadline", type: "uint256" },
  ],
} as const;

/** A message that the escrow reads. */
export type MessageName = keyof typeof typedData;

const escrowName = "EVM Payment Channel";

/** The escrow's EIP-712 domain. */
export function escrowDomain(escrow: Escrow): TypedDataDomain {
  return { name: escrowName, version: "1", chainId: escrow.chainId, verifyingContract: escrow.address };
}

/**
 * The EIP-712 digest of a message whose fields are the given 32-byte words in the order of its type, laid by hand over a
 * cached domain separator: many times faster than a general encoder. Equal to viem's `hashTypedData`.
 */
export function messageDigest(name: MessageName, words: readonly Hex[], escrow: Escrow): Hex {
  return typedDataDigest(keccak256(concat([typeHashes[name], ...words])), escrowName, escrow);
}

/** The EIP-712 digest of a struct's hash in the domain of one of our contracts, whose version is 1. */
export function typedDataDigest(structHash: Hex, domainName: string, contract: Escrow): Hex {
  return keccak256(concat(["0x1901", domainSeparator(domainName, contract), structHash]));
}

/** An unsigned integer as the 32-byte word that EIP-712 hashes. */
export function word(value: bigint): Hex {
  return numberToHex(value, { size: 32 });
}

/** Signs a message: its digest with a local key, the typed data itself with a wallet, which shows people what they sign. */
export function signMessage(
  signer: Signer,
  name: MessageName,
  message: Record<string, unknown>,
  digest: Hex,
  escrow: Escrow,
): Promise<Hex> {
  if (signer.sign) return signer.sign({ hash: digest });
  return signer.signTypedData({
    domain: escrowDomain(escrow),
    types: typesOf[name],
    primaryType: name,
    message,
  });
}

/** Each type alone: ethers refuses typed data with types that the primary one does not use. */
const typesOf = {
  Voucher: { Voucher: typedData.Voucher },
  TickVoucher: { TickVoucher: typedData.TickVoucher },
  CloseRequest: { CloseRequest: typedData.CloseRequest },
  CloseAuthorization: { CloseAuthorization: typedData.CloseAuthorization },
};

function typeHash(name: MessageName): Hex {
  const fields = typedData[name].map((field) => `${field.type} ${field.name}`);
  return keccak256(stringToHex(`${name}(${fields.join(",")})`));
}

const typeHashes: Record<MessageName, Hex> = {
  Voucher: typeHash("Voucher"),
  TickVoucher: typeHash("TickVoucher"),
  CloseRequest: typeHash("CloseRequest"),
  CloseAuthorization: typeHash("CloseAuthorization"),
};

const domainTypeHash = keccak256(
  stringToHex("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"),
);

/** The hash of a message's type, the first word of its struct. */
export function typeHashOf(name: MessageName): Hex {
  return typeHashes[name];
}

/** The domain separator of an escrow, cached. */
export function escrowSeparator(escrow: Escrow): Hex {
  return domainSeparator(escrowName, escrow);
}

const separators = new Map<string, Hex>();

/** A process meets a handful of contracts; the bound keeps one that is fed foreign ones from growing without end. */
const maxSeparators = 1024;

function domainSeparator(name: string, contract: Escrow): Hex {
  const key = `${name}:${contract.chainId}:${contract.address.toLowerCase()}`;
  const known = separators.get(key);
  if (known) return known;
  const separator = keccak256(
    concat([
      domainTypeHash,
      keccak256(stringToHex(name)),
      keccak256(stringToHex("1")),
      word(BigInt(contract.chainId)),
      pad(contract.address.toLowerCase() as Hex),
    ]),
  );
  if (separators.size >= maxSeparators) separators.clear();
  separators.set(key, separator);
  return separator;
}
