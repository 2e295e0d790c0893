import { type Address, encodeAbiParameters, type Hex, keccak256, type TypedDataDomain } from "viem";
import { type Channel, channelId, type Escrow } from "./channel.ts";

/** What a payer signs so that anyone may open or top up its channel: EIP-3009 `ReceiveWithAuthorization` straight into the escrow. */
export type TransferAuthorization = {
  /** The payer. */
  from: Address;
  /** The escrow. */
  to: Address;
  /** The deposit, or what is added to it, base units. */
  value: bigint;
  /** Unix seconds, exclusive. */
  validAfter: bigint;
  /** Unix seconds, exclusive. */
  validBefore: bigint;
  /** {@link authorizationNonce} or {@link topUpAuthorizationNonce}. */
  nonce: Hex;
};

/**
 * The EIP-3009 nonce that binds an authorization to one channel, so that nobody can spend it on another:
 * `keccak256(abi.encode(from, payee, token, salt, authorizedSigner))`.
 * Source: draft-evm-session-00, "Front-Running Protection".
 */
export function authorizationNonce(channel: Channel): Hex {
  const { payer, payee, token, salt, authorizedSigner } = channel;
  return keccak256(encodeAbiParameters(nonceParameters, [payer, payee, token, salt, authorizedSigner]));
}

/**
 * The EIP-3009 nonce that binds an authorization to one top-up of one channel:
 * `keccak256(abi.encode(channelId, additionalDeposit, payer, topUpSalt))`.
 * @param topUp.additionalDeposit Base units, the authorization's value.
 * @param topUp.topUpSalt 32 bytes that the payer never used with this channel and amount.
 * Source: draft-evm-session-00, "topUpWithAuthorization".
 */
export function topUpAuthorizationNonce(
  topUp: { channel: Channel; additionalDeposit: bigint; topUpSalt: Hex },
  escrow: Escrow,
): Hex {
  const { channel, additionalDeposit, topUpSalt } = topUp;
  const fields = [channelId(channel, escrow), additionalDeposit, channel.payer, topUpSalt] as const;
  return keccak256(encodeAbiParameters(topUpNonceParameters, fields));
}

/**
 * The typed data of an EIP-3009 authorization, ready for `signTypedData`.
 * @param domain The token's own EIP-712 domain, as it reports it (EIP-5267) or as its issuer documents it.
 */
export function authorizationTypedData(authorization: TransferAuthorization, domain: TypedDataDomain) {
  return {
    domain,
    types: receiveWithAuthorization,
    primaryType: "ReceiveWithAuthorization",
    message: authorization,
  } as const;
}

/** Source: EIP-3009, "Use with EIP-712". */
const receiveWithAuthorization = {
  ReceiveWithAuthorization: [
    { name: "from", type: "address" },
    { name: "to", type: "address" },
    { name: "value", type: "uint256" },
    { name: "validAfter", type: "uint256" },
    { name: "validBefore", type: "uint256" },
    { name: "nonce", type: "bytes32" },
  ],
} as const;

const nonceParameters = [
  { type: "address" },
  { type: "address" },
  { type: "address" },
  { type: "bytes32" },
  { type: "address" },
] as const;

const topUpNonceParameters = [
  { type: "bytes32" },
  { type: "uint128" },
  { type: "address" },
  { type: "bytes32" },
] as const;
