// Papers as bytes: the library's digests where it has them, signed with real keys and written in every form.
import { concat, type Hex, hashTypedData, numberToHex, pad, size, slice, type TypedDataDefinition } from "viem";
import { sign } from "viem/accounts";
import { authorizationTypedData } from "../../../../src/protocol/authorization.ts";
import type { Escrow } from "../../../../src/protocol/channel.ts";
import { closeAuthorizationDigest, closeRequestDigest } from "../../../../src/protocol/close.ts";
import { openPermitTypedData, topUpPermitTypedData } from "../../../../src/protocol/permit2.ts";
import { tickVoucherDigest } from "../../../../src/protocol/tick.ts";
import { voucherDigest } from "../../../../src/protocol/voucher.ts";
import type { Message, Paper } from "../types.ts";
import { keyOf, type Words } from "./words.ts";

/** The order of secp256k1. Source: SEC 2, section 2.4.1. */
const order = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;

export type Scribe = ReturnType<typeof createScribe>;

export function createScribe(words: Words, escrow: Escrow) {
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
        const terms = { cumulativeAmount, tickRoot: words.link(tickRoot), tickValue };
        return tickVoucherDigest({ channelId: words.id(channel), ...terms }, domain);
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
        return permitDigest(message, openPermitTypedData(words.channel(message.channel), message, escrow));
      case "TopUpPermit":
        return permitDigest(message, topUpPermitTypedData(words.channel(message.channel), message, escrow));
    }
  }

  function permitDigest({ domain }: Message, permit: TypedDataDefinition): Hex {
    if (domain !== "elsewhere") return hashTypedData(permit);
    return hashTypedData({ ...permit, domain: { ...permit.domain, verifyingContract: words.address("nowhere") } });
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
