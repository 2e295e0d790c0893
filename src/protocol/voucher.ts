import { type Address, encodeAbiParameters, type Hex, keccak256, stringToHex, type TypedDataDomain } from "viem";
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
