import type { Address } from "viem";

/** A payer as a credential names it. */
export type Source = {
  chainId: number;
  /** Lower case. */
  address: Address;
};

/** A payer as a DID: `did:pkh:eip155:196:0x…`. Source: the did:pkh method, CAIP-10. */
export function formatSource(source: Source): string {
  return `did:pkh:eip155:${source.chainId}:${source.address.toLowerCase()}`;
}

/** Reads a payer's DID; undefined for any other kind or spelling. */
export function parseSource(text: string): Source | undefined {
  const match = /^did:pkh:eip155:([1-9][0-9]{0,15}):(0x[0-9a-fA-F]{40})$/.exec(text);
  const [, chain = "", address = ""] = match ?? [];
  const chainId = Number(chain);
  if (!match || !Number.isSafeInteger(chainId)) return undefined;
  return { chainId, address: address.toLowerCase() as Address };
}
