import { type Address, type Hex, zeroAddress } from "viem";
import { formatAmount } from "../amount.ts";
import type { TransferAuthorization } from "../authorization.ts";
import { FarthingError } from "../errors.ts";
import type { TickPayment } from "../tick.ts";
import { type AllocationPayload, readAllocation, writeAllocation } from "./allocation.ts";
import type { Fields } from "./fields.ts";
import type { Json } from "./json.ts";
import { readTick, writeTick } from "./tick.ts";

/** A channel that the payer opened itself, by the transaction `hash`. */
export type OpenByHash = Opening & {
  readonly type: "hash";
  readonly hash: Hex;
  /** The first voucher's, over `cumulativeAmount`. */
  readonly signature: Hex;
};

/** A channel that the server is asked to open with the payer's EIP-3009 authorization. */
export type OpenByAuthorization = Opening & {
  readonly type: "authorization";
  readonly authorization: TransferAuthorization;
  /** The authorization's. */
  readonly signature: Hex;
  /** The first voucher's, over `cumulativeAmount`. */
  readonly voucherSignature: Hex;
};

/** A top-up that the payer made itself, by the transaction `hash`. */
export type TopUpByHash = {
  readonly action: "topUp";
  readonly type: "hash";
  readonly channelId: Hex;
  readonly hash: Hex;
  readonly additionalDeposit: bigint;
};

/** A newer voucher, or with `close` the last one. */
export type VoucherPayload = {
  readonly action: "voucher" | "close";
  readonly channelId: Hex;
  readonly cumulativeAmount: bigint;
  readonly signature: Hex;
  /** Where the money goes, on a channel to a donation pool; never with `close`. */
  readonly allocation?: AllocationPayload;
};

/** A payment by ticks: a newer link of a hash chain. An extension of the draft. */
export type TickPayload = { readonly action: "tick" } & Readonly<TickPayment>;

/**
 * What a credential proves, under the draft's own names; `action` and `type` tell which. Amounts are base units, hexadecimal is lower
 * case, signatures are 65 bytes, and money: never log them. Source: draft-evm-session-00, "Payload Actions".
 */
export type Payload = OpenByHash | OpenByAuthorization | TopUpByHash | VoucherPayload | TickPayload;

type Opening = {
  readonly action: "open";
  readonly channelId: Hex;
  readonly cumulativeAmount: bigint;
  /** The zero address, where the wire has none, means the payer. */
  readonly authorizedSigner: Address;
  readonly salt: Hex;
  /** Where the first voucher's money goes, on a channel to a donation pool. */
  readonly allocation?: AllocationPayload;
};

/** Reads a payload. Unknown fields are ignored, but never one that would move money. */
export function readPayload(fields: Fields): Payload {
  const action = fields.word("action", ["open", "topUp", "voucher", "tick", "close"]);
  const channelId = fields.hex("channelId", 32);
  if (action === "tick") return { action, ...readTick(fields, channelId) };
  if (action === "voucher" || action === "close") {
    if (fields.has("deposit")) throw new UnsupportedCredentialError("a deposit merged into a voucher");
    const cumulativeAmount = fields.amount("cumulativeAmount");
    const signature = fields.hex("signature", 65);
    return { action, channelId, cumulativeAmount, signature, ...(action === "voucher" ? allocationIn(fields) : {}) };
  }
  const type = fields.word("type", ["hash", "authorization", "permit2"]);
  if (type === "permit2") throw new UnsupportedCredentialError("a Permit2 transfer");
  if (action === "topUp") {
    if (type !== "hash") throw new UnsupportedCredentialError("a relayed top-up");
    const additionalDeposit = fields.amount("additionalDeposit");
    return { action, type, channelId, hash: fields.hex("hash", 32), additionalDeposit };
  }
  const opening = {
    action,
    channelId,
    cumulativeAmount: fields.amount("cumulativeAmount"),
    authorizedSigner: fields.has("authorizedSigner") ? fields.address("authorizedSigner") : zeroAddress,
    salt: fields.hex("salt", 32),
    ...allocationIn(fields),
  };
  const signature = fields.hex("signature", 65);
  if (type === "hash") return { ...opening, type, hash: fields.hex("hash", 32), signature };
  const authorization = readAuthorization(fields.object("authorization"));
  return { ...opening, type, authorization, signature, voucherSignature: fields.hex("voucherSignature", 65) };
}

/** A payload as it travels. */
export function writePayload(payload: Payload): Json {
  switch (payload.action) {
    case "voucher":
    case "close": {
      const { action, channelId, cumulativeAmount, signature, allocation } = payload;
      return {
        action,
        channelId,
        cumulativeAmount: formatAmount(cumulativeAmount),
        signature,
        ...extended(allocation),
      };
    }
    case "tick":
      return writeTick(payload);
    case "topUp": {
      const { action, type, channelId, hash, additionalDeposit } = payload;
      return { action, type, channelId, hash, additionalDeposit: formatAmount(additionalDeposit) };
    }
    case "open": {
      const { action, type, channelId, cumulativeAmount, authorizedSigner, salt, signature, allocation } = payload;
      return {
        action,
        type,
        channelId,
        cumulativeAmount: formatAmount(cumulativeAmount),
        authorizedSigner: authorizedSigner === zeroAddress ? undefined : authorizedSigner,
        salt,
        signature,
        ...extended(allocation),
        ...(payload.type === "hash"
          ? { hash: payload.hash }
          : {
              authorization: writeAuthorization(payload.authorization),
              voucherSignature: payload.voucherSignature,
            }),
      };
    }
  }
}

/** The draft defines it, this library does not do it. */
export class UnsupportedCredentialError extends FarthingError {
  override readonly name = "UnsupportedCredentialError";
  constructor(what: string) {
    super(
      "unsupported-credential",
      `The payment credential asks for ${what}, which is not supported: send the transaction yourself and name its hash.`,
    );
  }
}

function allocationIn(fields: Fields): { allocation?: AllocationPayload } {
  return fields.optional("allocation", (name) => readAllocation(fields.object(name)));
}

function extended(allocation: AllocationPayload | undefined): { allocation?: Json } {
  return allocation ? { allocation: writeAllocation(allocation) } : {};
}

function readAuthorization(fields: Fields): TransferAuthorization {
  return {
    from: fields.address("from"),
    to: fields.address("to"),
    value: fields.amount("value"),
    validAfter: fields.amount("validAfter", { max: maxTime }),
    validBefore: fields.amount("validBefore", { max: maxTime }),
    nonce: fields.hex("nonce", 32),
  };
}

function writeAuthorization(authorization: TransferAuthorization): Json {
  const { from, to, value, validAfter, validBefore, nonce } = authorization;
  return {
    from,
    to,
    value: formatAmount(value),
    validAfter: formatAmount(validAfter, { max: maxTime }),
    validBefore: formatAmount(validBefore, { max: maxTime }),
    nonce,
  };
}

/** EIP-3009 times are `uint256`, and some payers sign the largest as "for ever". */
const maxTime = 2n ** 256n - 1n;
