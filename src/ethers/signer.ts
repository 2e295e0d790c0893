import {
  BaseWallet,
  dataLength,
  type Signer as EthersSigner,
  getAddress,
  Signature,
  type TypedDataField,
} from "ethers";
import type { Address, Hex, TypedDataDefinition } from "viem";
import type { Signer } from "../protocol/signer.ts";

/**
 * An ethers signer as the signer of a payer, giver or payee. A wallet that holds its own key signs the digests that this library
 * lays; any other one, as a browser's, is given the typed data, which it shows to people.
 *
 * @example
 * const signer = await ethersSigner(Wallet.createRandom()); // a session key
 * const payer = createPayer({ client: await ethersClient(wallet), signer, store, escrow });
 */
export async function ethersSigner(signer: EthersSigner): Promise<Signer> {
  const address = getAddress(await signer.getAddress()) as Address;
  const signTypedData: Signer["signTypedData"] = async (definition) => {
    const { domain, types, message } = toEthers(definition);
    return plain(await signer.signTypedData(domain, types, message));
  };
  if (!(signer instanceof BaseWallet)) return { address, signTypedData };
  const { signingKey } = signer;
  return { address, signTypedData, sign: async ({ hash }) => signingKey.sign(hash).serialized as Hex };
}

/** The arguments of ethers' own `signTypedData`, which refuses every type that the primary one does not lead to. */
export function toEthers(definition: TypedDataDefinition) {
  const {
    domain = {},
    types,
    primaryType,
    message,
  } = definition as {
    domain?: Record<string, unknown>;
    types: Record<string, readonly TypedDataField[]>;
    primaryType: string;
    message: Record<string, unknown>;
  };
  const used: Record<string, TypedDataField[]> = {};
  const names = [primaryType];
  for (const name of names) {
    const fields = types[name];
    if (!fields || name in used) continue;
    used[name] = [...fields];
    names.push(...fields.map(({ type }) => type.replace(/\[.*$/, "")));
  }
  return { domain, types: used, message };
}

/** 65 bytes with `v` of 27 or 28, whatever form a wallet gives; a contract wallet's own bytes as they are. */
function plain(signature: string): Hex {
  const length = dataLength(signature);
  return (length === 64 || length === 65 ? Signature.from(signature).serialized : signature) as Hex;
}
