import { concat, type Hex, keccak256, numberToHex, pad, stringToHex, type TypedDataDomain } from "viem";
import type { Escrow } from "./channel.ts";
import type { Signer } from "./signer.ts";

/** The payer's promise: on this channel, up to this cumulative amount. */
export type Voucher = {
  channelId: Hex;
  /** Base units, cumulative, at most 2^128 - 1. */
  cumulativeAmount: bigint;
};

export type SignedVoucher = Voucher & {
  /** 65 bytes: `r`, `s`, `v`. It is money until settled: never log it. */
  signature: Hex;
};

/** EIP-712 types of every message that the escrow reads. Source: draft-evm-session-00, "Voucher Signing Format". */
export const typedData = {
  Voucher: [
    { name: "channelId", type: "bytes32" },
    { name: "cumulativeAmount", type: "uint128" },
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

/** The escrow's EIP-712 domain. */
export function escrowDomain(escrow: Escrow): TypedDataDomain {
  return { name: "EVM Payment Channel", version: "1", chainId: escrow.chainId, verifyingContract: escrow.address };
}

/**
 * The EIP-712 digest of a voucher, laid by hand over a cached domain separator: what {@link signVoucher} signs and
 * {@link Verifier} recovers from. Equal to viem's `hashTypedData` and the escrow's `voucherDigest`.
 */
export function voucherDigest(voucher: Voucher, escrow: Escrow): Hex {
  return digest(escrow, typeHashes.Voucher, [voucher.channelId, word(voucher.cumulativeAmount)]);
}

/** The digest of a `CloseRequest`: a payer's or signer's wish to leave a channel that holds exactly `deposit`. */
export function closeRequestDigest(request: { channelId: Hex; deposit: bigint }, escrow: Escrow): Hex {
  return digest(escrow, typeHashes.CloseRequest, [request.channelId, word(request.deposit)]);
}

/** The digest of a `CloseAuthorization`: a payee's consent to close at `cumulativeAmount`, until `deadline` (Unix seconds). */
export function closeAuthorizationDigest(
  authorization: { channelId: Hex; cumulativeAmount: bigint; deadline: bigint },
  escrow: Escrow,
): Hex {
  const { channelId, cumulativeAmount, deadline } = authorization;
  return digest(escrow, typeHashes.CloseAuthorization, [channelId, word(cumulativeAmount), word(deadline)]);
}

/** Signs a voucher. */
export async function signVoucher(signer: Signer, voucher: Voucher, escrow: Escrow): Promise<SignedVoucher> {
  const { channelId, cumulativeAmount } = voucher;
  const message = { channelId, cumulativeAmount };
  return { ...message, signature: await sign(signer, "Voucher", message, voucherDigest(voucher, escrow), escrow) };
}

/** Signs a wish to leave: anyone may submit it for a payer without gas. */
export function signCloseRequest(
  signer: Signer,
  request: { channelId: Hex; deposit: bigint },
  escrow: Escrow,
): Promise<Hex> {
  return sign(signer, "CloseRequest", request, closeRequestDigest(request, escrow), escrow);
}

/** Signs a payee's consent to close. The payee must accept nothing more on the channel. */
export function signCloseAuthorization(
  signer: Signer,
  authorization: { channelId: Hex; cumulativeAmount: bigint; deadline: bigint },
  escrow: Escrow,
): Promise<Hex> {
  const hash = closeAuthorizationDigest(authorization, escrow);
  return sign(signer, "CloseAuthorization", authorization, hash, escrow);
}

function sign(
  signer: Signer,
  primaryType: keyof typeof typedData,
  message: Record<string, unknown>,
  hash: Hex,
  escrow: Escrow,
): Promise<Hex> {
  if (signer.sign) return signer.sign({ hash });
  return signer.signTypedData({ domain: escrowDomain(escrow), types: typedData, primaryType, message });
}

function typeHash(name: keyof typeof typedData): Hex {
  const fields = typedData[name].map((field) => `${field.type} ${field.name}`);
  return keccak256(stringToHex(`${name}(${fields.join(",")})`));
}

const typeHashes = {
  Voucher: typeHash("Voucher"),
  CloseRequest: typeHash("CloseRequest"),
  CloseAuthorization: typeHash("CloseAuthorization"),
};

const domainTypeHash = keccak256(
  stringToHex("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"),
);

const separators = new Map<string, Hex>();

function domainSeparator(escrow: Escrow): Hex {
  const key = `${escrow.chainId}:${escrow.address.toLowerCase()}`;
  const known = separators.get(key);
  if (known) return known;
  const separator = keccak256(
    concat([
      domainTypeHash,
      keccak256(stringToHex("EVM Payment Channel")),
      keccak256(stringToHex("1")),
      word(BigInt(escrow.chainId)),
      pad(escrow.address.toLowerCase() as Hex),
    ]),
  );
  separators.set(key, separator);
  return separator;
}

function digest(escrow: Escrow, hashOfType: Hex, words: readonly Hex[]): Hex {
  const structHash = keccak256(concat([hashOfType, ...words]));
  return keccak256(concat(["0x1901", domainSeparator(escrow), structHash]));
}

function word(value: bigint): Hex {
  return numberToHex(value, { size: 32 });
}
