import { type Address, getCreate2Address, type Hex, keccak256 } from "viem";

/** CreateX, at one address on every chain. Source: pcaversaccio/createx. */
const createX: Address = "0xba5Ed099633D3B313e4D5F7bdc1305d3c28ba5Ed";

/**
 * Where Ignition's create2 strategy puts a contract, whoever deploys it: CreateX hashes a salt that begins with neither
 * the sender nor zeros, so that it is nobody's own.
 */
export function create2Address(salt: Hex, initCode: Hex): Address {
  return getCreate2Address({ from: createX, salt: keccak256(salt), bytecode: initCode });
}
