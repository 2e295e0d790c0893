import type { Address, Hex, TypedDataDefinition } from "viem";

/**
 * Whoever signs: a viem account fits as it is, an ethers signer by the adapter. `sign` is the fast path of a local key over
 * a digest that this library computed; a wallet, which shows people what they sign, has `signTypedData` alone.
 * Both give 65 bytes, `r`, `s`, `v`.
 */
export type Signer = {
  address: Address;
  signTypedData: (typedData: TypedDataDefinition) => Promise<Hex>;
  sign?: ((parameters: { hash: Hex }) => Promise<Hex>) | undefined;
};
