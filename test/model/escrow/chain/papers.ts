// Papers as bytes: the library's digests where it has them, signed with real keys and written in every form.
import { concat, type Hex, hashStruct, hashTypedData, keccak256, numberToHex, pad, size, slice } from "viem";
import { sign } from "viem/accounts";
import { authorizationTypedData } from "../../../../src/protocol/authorization.ts";
import type { Escrow } from "../../../../src/protocol/channel.ts";
import { closeAuthorizationDigest, closeRequestDigest } from "../../../../src/protocol/close.ts";
import { typedDataDigest } from "../../../../src/protocol/typedData.ts";
import { voucherDigest } from "../../../../src/protocol/voucher.ts";
import type { Message, Paper } from "../types.ts";
import { keyOf, saltOf, type Words } from "./words.ts";

/** The order of secp256k1. Source: SEC 2, section 2.4.1. */
const order = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;

export type Scribe = ReturnType<typeof createScribe>;

/** @param permitSeparator Permit2's domain separator, as it tells it. */
export function createScribe(words: Words, escrow: Escrow, permitSeparator: Hex) {
  const elsewhere: Escrow = { ...escrow, address: words.address("nowhere") };

  function digestOf(message: Message): Hex {
    const domain = message.domain === "elsewhere" ? elsewhere : escrow;
    switch (message.type) {
      case "Voucher": {
        const { channel, cumulativeAmount } = message;
        return voucherDigest({ channelId: words.id(channel), cumulativeAmount }, domain);
      }
      case "TickVoucher": {
        const { channel, cumulativeAmount, tickRoot, tickValue } = message;
        const data = { channelId: words.id(channel), cumulativeAmount, tickRoot: words.link(tickRoot), tickValue };
        const hash = hashStruct({ types: { TickVoucher: tickVoucher }, primaryType: "TickVoucher", data });
        return typedDataDigest(hash, "EVM Payment Channel", domain);
      }
      case "CloseRequest":
        return closeRequestDigest({ channelId: words.id(message.channel), deposit: message.deposit }, domain);
      case "CloseAuthorization": {
        const { channel, cumulativeAmount, deadline } = message;
        return closeAuthorizationDigest({ channelId: words.id(channel), cumulativeAmount, deadline }, domain);
      }
      case "Authorization": {
        const { from, value, validAfter, validBefore, nonce } = message;
        const binding = { value, validAfter, validBefore, nonce: words.nonce(nonce) };
        const said = { from: words.address(from), to: escrow.address, ...binding };
        // Only a contract has a domain; of anything else, no paper is good.
        const verifyingContract = words.address(message.domain === "elsewhere" ? "nowhere" : message.domain);
        const token = { name: "Demo Dollar", version: "1", chainId: escrow.chainId, verifyingContract };
        return hashTypedData(authorizationTypedData(said, token));
      }
      case "OpenPermit":
      case "TopUpPermit":
        return permitDigest(message);
    }
  }

  function permitDigest(message: Extract<Message, { type: "OpenPermit" | "TopUpPermit" }>): Hex {
    const { channel, amount, nonce, deadline } = message;
    const token = words.address(message.type === "OpenPermit" ? channel.token : message.token);
    const permit = { permitted: { token, amount }, spender: escrow.address, nonce, deadline };
    const types = { ...permitTypes, ...(message.type === "OpenPermit" ? openTypes : topUpTypes) };
    const witness =
      message.type === "OpenPermit"
        ? {
            payee: words.address(channel.payee),
            salt: saltOf(channel.salt),
            authorizedSigner: words.address(channel.authorizedSigner),
          }
        : { channelId: words.id(channel) };
    const hash = hashStruct({ types, primaryType: "PermitWitnessTransferFrom", data: { ...permit, witness } } as never);
    const separator = message.domain === "elsewhere" ? pad("0x01") : permitSeparator;
    return keccak256(concat(["0x1901", separator, hash]));
  }

  /** A paper's bytes. */
  async function write({ by, form, over }: Paper): Promise<Hex> {
    if (form === "none") return "0x";
    const { r, s, yParity } = await sign({ hash: digestOf(over), privateKey: keyOf(by) });
    const parity = BigInt(yParity ?? 0);
    const long = concat([pad(r), pad(s), numberToHex(27n + parity, { size: 1 })]);
    switch (form) {
      case "long":
        return long;
      case "short":
        return concat([pad(r), numberToHex(BigInt(s) | (parity << 255n), { size: 32 })]);
      case "highS":
        return concat([pad(r), numberToHex(order - BigInt(s), { size: 32 }), numberToHex(28n - parity, { size: 1 })]);
      case "oldV":
        return concat([pad(r), pad(s), numberToHex(parity, { size: 1 })]);
      case "trailed":
        return concat([long, "0x00"]);
      case "cut":
        return slice(long, 0, size(long) - 2);
    }
  }

  return { write };
}

const tickVoucher = [
  { name: "channelId", type: "bytes32" },
  { name: "cumulativeAmount", type: "uint128" },
  { name: "tickRoot", type: "bytes32" },
  { name: "tickValue", type: "uint128" },
] as const;

/** Source: Uniswap/permit2, `PermitHash`; draft-evm-session-00, "openWithPermit2". */
const permitTypes = {
  TokenPermissions: [
    { name: "token", type: "address" },
    { name: "amount", type: "uint256" },
  ],
} as const;
const permitOf = (witness: string) => [
  { name: "permitted", type: "TokenPermissions" },
  { name: "spender", type: "address" },
  { name: "nonce", type: "uint256" },
  { name: "deadline", type: "uint256" },
  { name: "witness", type: witness },
];
const openTypes = {
  PermitWitnessTransferFrom: permitOf("ChannelOpenWitness"),
  ChannelOpenWitness: [
    { name: "payee", type: "address" },
    { name: "salt", type: "bytes32" },
    { name: "authorizedSigner", type: "address" },
  ],
};
const topUpTypes = {
  PermitWitnessTransferFrom: permitOf("ChannelTopUpWitness"),
  ChannelTopUpWitness: [{ name: "channelId", type: "bytes32" }],
};
