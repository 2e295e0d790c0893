import { type Address, encodeAbiParameters, type Hex, isAddress, keccak256, zeroAddress } from "viem";
import { FarthingError } from "./errors.ts";

/** The chain's native coin, wherever a token's address is asked for. */
export const nativeCoin = zeroAddress;

/** Largest deposit of a channel, base units: 104 bits, the packed width of the escrow's storage word. */
export const maxDeposit = 2n ** 104n - 1n;

/** Largest amount that a message can carry, base units: `uint128`. */
export const maxAmount = 2n ** 128n - 1n;

/** Where channels live: the escrow's EIP-712 domain. */
export type Escrow = {
  address: Address;
  chainId: number;
};

/** What identifies a channel on its escrow. It travels with every call and is never stored on-chain. */
export type Channel = {
  /** Who locked the deposit and receives the remainder. */
  payer: Address;
  /** Who is paid. */
  payee: Address;
  /** The ERC-20 token, or {@link nativeCoin}. */
  token: Address;
  /** 32 bytes, unique for its payer and payee. */
  salt: Hex;
  /** Who signs vouchers; the zero address means the payer. */
  authorizedSigner: Address;
};

/**
 * A channel's id: `keccak256(abi.encode(payer, payee, token, salt, authorizedSigner, escrow, chainId))`.
 * Source: draft-evm-session-00, "Channel State".
 */
export function channelId(channel: Channel, escrow: Escrow): Hex {
  return keccak256(
    encodeAbiParameters(idParameters, [
      channel.payer,
      channel.payee,
      channel.token,
      channel.salt,
      channel.authorizedSigner,
      escrow.address,
      BigInt(escrow.chainId),
    ]),
  );
}

/** Who signs a channel's vouchers: the authorized signer, or the payer where there is none. */
export function channelSigner(channel: Pick<Channel, "payer" | "authorizedSigner">): Address {
  return channel.authorizedSigner === zeroAddress ? channel.payer : channel.authorizedSigner;
}

/**
 * A channel in its one canonical form: addresses and salt in lower case, so that two spellings are one record.
 * @throws {@link InvalidChannelError} for anything that is not five well-formed fields.
 */
export function canonicalChannel(channel: Channel): Channel {
  const { payer, payee, token, salt, authorizedSigner } = channel;
  for (const [field, value] of Object.entries({ payer, payee, token, authorizedSigner })) {
    if (!isAddress(value, { strict: false })) throw new InvalidChannelError(field, "an address of 20 bytes");
  }
  if (!/^0x[0-9a-fA-F]{64}$/.test(salt)) throw new InvalidChannelError("salt", "32 bytes");
  return {
    payer: lowercase(payer),
    payee: lowercase(payee),
    token: lowercase(token),
    salt: lowercase(salt),
    authorizedSigner: lowercase(authorizedSigner),
  };
}

/** A field of a channel's descriptor is malformed. */
export class InvalidChannelError extends FarthingError {
  override readonly name = "InvalidChannelError";
  constructor(field: string, expected: string) {
    super("invalid-channel", `The channel's ${field} is malformed: give ${expected} in hexadecimal.`);
  }
}

const idParameters = [
  { type: "address" },
  { type: "address" },
  { type: "address" },
  { type: "bytes32" },
  { type: "address" },
  { type: "address" },
  { type: "uint256" },
] as const;

function lowercase(value: Hex): Hex {
  return value.toLowerCase() as Hex;
}
