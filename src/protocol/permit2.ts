import type { Address } from "viem";
import { type Channel, channelId, type Escrow } from "./channel.ts";

/** Uniswap's Permit2, at one address on every chain that has it. */
export const permit2Address: Address = "0x000000000022D473030F116dDEE9F6B43aC78BA3";

/** What of a Permit2 signature is the payer's to choose. */
export type Permit = {
  /** Base units: all of it is pulled. */
  amount: bigint;
  /** Any value that the payer never used with Permit2: 256 bits, best drawn at random. */
  nonce: bigint;
  /** Unix seconds of block time, inclusive. */
  deadline: bigint;
};

/**
 * What a payer that has approved {@link permit2Address} signs so that anyone may open its channel with exactly `amount`, ready for
 * `signTypedData`. Source: draft-evm-session-00, "openWithPermit2".
 */
export function openPermitTypedData(channel: Omit<Channel, "payer">, permit: Permit, escrow: Escrow) {
  const { payee, salt, authorizedSigner } = channel;
  return {
    domain: permit2Domain(escrow),
    types: { ...transferTypes("ChannelOpenWitness"), ChannelOpenWitness: openWitness },
    primaryType: "PermitWitnessTransferFrom",
    message: { ...transferOf(channel.token, permit, escrow), witness: { payee, salt, authorizedSigner } },
  } as const;
}

/** What a payer signs so that anyone may add exactly `amount` to its channel, ready for `signTypedData`. */
export function topUpPermitTypedData(channel: Channel, permit: Permit, escrow: Escrow) {
  return {
    domain: permit2Domain(escrow),
    types: { ...transferTypes("ChannelTopUpWitness"), ChannelTopUpWitness: topUpWitness },
    primaryType: "PermitWitnessTransferFrom",
    message: {
      ...transferOf(channel.token, permit, escrow),
      witness: { channelId: channelId(channel, escrow) },
    },
  } as const;
}

/** Permit2's domain has no version. */
function permit2Domain({ chainId }: Escrow) {
  return { name: "Permit2", chainId, verifyingContract: permit2Address } as const;
}

function transferOf(token: Address, { amount, nonce, deadline }: Permit, escrow: Escrow) {
  return { permitted: { token, amount }, spender: escrow.address, nonce, deadline };
}

function transferTypes<Witness extends string>(witness: Witness) {
  return {
    PermitWitnessTransferFrom: [
      { name: "permitted", type: "TokenPermissions" },
      { name: "spender", type: "address" },
      { name: "nonce", type: "uint256" },
      { name: "deadline", type: "uint256" },
      { name: "witness", type: witness },
    ],
    TokenPermissions: [
      { name: "token", type: "address" },
      { name: "amount", type: "uint256" },
    ],
  } as const;
}

const openWitness = [
  { name: "payee", type: "address" },
  { name: "salt", type: "bytes32" },
  { name: "authorizedSigner", type: "address" },
] as const;

const topUpWitness = [{ name: "channelId", type: "bytes32" }] as const;
