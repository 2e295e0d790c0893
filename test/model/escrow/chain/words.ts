// Names as the chain knows them.
import {
  type Abi,
  type Address,
  concat,
  type Hex,
  keccak256,
  numberToHex,
  pad,
  stringToHex,
  toFunctionSelector,
  zeroHash,
} from "viem";
import { privateKeyToAddress } from "viem/accounts";
import { authorizationNonce, topUpAuthorizationNonce } from "../../../../src/protocol/authorization.ts";
import { channelId, type Escrow, type Channel as ProtocolChannel } from "../../../../src/protocol/channel.ts";
import { cast, chains } from "../cast.ts";
import { type Channel, type Link, type Name, type Nonce, nameOf, type Value } from "../types.ts";

export type Words = ReturnType<typeof createWords>;

/** @param contracts The addresses of tokens and of Permit2. @param errors What an error's selector is made from. */
export function createWords(escrow: Escrow, contracts: Record<Name, Address>, errors: Abi) {
  const addresses = new Map<Name, Address>([
    ["zero", numberToHex(0, { size: 20 })],
    ["nowhere", numberToHex(0xdead, { size: 20 })],
    ["escrow", escrow.address],
    ...Object.entries(contracts),
    ...cast.keys.map((name) => [name, privateKeyToAddress(keyOf(name)).toLowerCase() as Address] as const),
    ...cast.keyless.map((name) => [name, accountOf(name)] as const),
  ]);
  const selectors = new Map(
    errors.flatMap((item) => (item.type === "error" ? [[item.name, selectorOf(item)] as const] : [])),
  );
  const ids = new Map<string, Hex>();
  const links = new Map(Object.entries(chains).map(([name, length]) => [name, chainOf(name, length)]));

  function address(name: Name): Address {
    const found = addresses.get(name);
    if (!found) throw new Error(`Nobody is called ${name}.`);
    return found;
  }

  /** A name with a + is written with more bits than an address has. */
  function addressWord(name: Name): Hex {
    if (!name.endsWith("+")) return pad(address(name));
    return numberToHex(BigInt(address(name.slice(0, -1))) | (1n << 160n), { size: 32 });
  }

  function id(channel: Channel): Hex {
    const name = nameOf(channel);
    const known = ids.get(name);
    if (known) return known;
    const made = name.includes("+") ? wideId(channel) : channelId(describe(channel), escrow);
    ids.set(name, made);
    return made;
  }

  /** The hash of more bits than the library's types have. */
  function wideId({ payer, payee, token, salt, authorizedSigner }: Channel): Hex {
    const ends = [addressWord(authorizedSigner), pad(escrow.address), number(BigInt(escrow.chainId))];
    return keccak256(concat([...[payer, payee, token].map(addressWord), saltOf(salt), ...ends]));
  }

  function describe({ payer, payee, token, salt, authorizedSigner }: Channel): ProtocolChannel {
    return {
      payer: address(payer),
      payee: address(payee),
      token: address(token),
      salt: saltOf(salt),
      authorizedSigner: address(authorizedSigner),
    };
  }

  /** The 32 bytes of an EIP-3009 nonce. */
  function nonce(of: Nonce): Hex {
    if (of.of === "nothing") return number(BigInt(of.number));
    if (of.of === "open") return authorizationNonce(describe(of.channel));
    const topUp = { channel: describe(of.channel), additionalDeposit: of.amount, topUpSalt: saltOf(of.salt) };
    return topUpAuthorizationNonce(topUp, escrow);
  }

  function link({ chain, index }: Link): Hex {
    const known = links.get(chain) ?? [];
    if (index >= 0) return known[index] as Hex;
    return keccak256(link({ chain, index: index + 1 }));
  }

  /** A selector, which is 4 bytes, as an answer's word has it. */
  function selector(error: Name | undefined): Hex {
    if (error === undefined) return "0x00000000";
    const found = selectors.get(error);
    if (!found) throw new Error(`No error is called ${error}.`);
    return found;
  }

  /** As viem's encoders take it. */
  function real(value: Value): bigint | boolean | string {
    if (typeof value !== "object") return value;
    switch (value.is) {
      case "account":
        return address(value.name);
      case "id":
        return id(value.channel);
      case "salt":
        return saltOf(value.salt);
      case "nonce":
        return nonce(value.nonce);
      case "link":
        return link(value.link);
      case "selector":
        return selector(value.error);
    }
  }

  return { address, addressWord, channel: describe, id, nonce, link, selector, real };
}

export function keyOf(name: Name): Hex {
  return keccak256(stringToHex(`key of ${name}`));
}

export function number(value: bigint): Hex {
  return numberToHex(value, { size: 32 });
}

export function saltOf(salt: number): Hex {
  return number(BigInt(salt));
}

/** Of a contract that nobody has a key of. */
function accountOf(name: Name): Address {
  return keccak256(stringToHex(name)).slice(0, 42) as Address;
}

/** Its links from the root on. */
function chainOf(name: Name, length: number): Hex[] {
  const chain: Hex[] = [keccak256(stringToHex(`chain of ${name}`))];
  for (let made = 0; made < length; made += 1) chain.push(keccak256(chain.at(-1) ?? zeroHash));
  return chain.reverse();
}

/** Selectors of errors are made as those of functions. */
function selectorOf({ name, inputs }: Extract<Abi[number], { type: "error" }>): Hex {
  return toFunctionSelector({ type: "function", name, inputs, outputs: [], stateMutability: "nonpayable" });
}
