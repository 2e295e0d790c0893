import type { Hex } from "viem";
import { formatAmount } from "../amount.ts";
import { FarthingError } from "../errors.ts";
import { decodeBase64urlText, encodeBase64url } from "./base64url.ts";
import { fieldsOf } from "./fields.ts";
import { canonicalJson, maxHeaderLength, parseJson } from "./json.ts";
import { timestamp } from "./timestamp.ts";

/**
 * What a server confirms on each paid response, under the draft's own names. Amounts are base units.
 * `method`, `intent`, `status` and `reference` follow from the rest and are written and checked, not kept.
 * Source: draft-evm-session-00, "Receipt Generation".
 */
export type Receipt = {
  readonly challengeId: string;
  readonly channelId: Hex;
  readonly chainId: number;
  /** `authorized`: highest cumulative amount that was accepted. */
  readonly acceptedCumulative: bigint;
  /** Value delivered in all, this response included. */
  readonly spent: bigint;
  /** RFC 3339. */
  readonly timestamp: string;
  /** Units of service in this response. */
  readonly units?: number;
  /** The settling transaction, where there was one. */
  readonly txHash?: Hex;
  readonly confirmations?: number;
};

/** The value of a `Payment-Receipt` header. */
export function formatReceipt(receipt: Receipt): string {
  return encodeBase64url(receiptJson(receipt));
}

/** A receipt as JSON: what the header encodes, and the data of a `payment-receipt` event in a stream. */
export function receiptJson(receipt: Receipt): string {
  const { challengeId, channelId, chainId, acceptedCumulative, spent, units, txHash, confirmations } = receipt;
  return canonicalJson({
    method: "evm",
    intent: "session",
    status: "success",
    timestamp: receipt.timestamp,
    reference: channelId,
    challengeId,
    channelId,
    chainId,
    acceptedCumulative: formatAmount(acceptedCumulative),
    spent: formatAmount(spent),
    units,
    txHash,
    confirmations,
  });
}

/**
 * Reads a `Payment-Receipt` header.
 * @throws {@link MalformedReceiptError} for what is not of the draft's form, before decoding when it is above 16 KiB.
 */
export function parseReceipt(header: string): Receipt {
  if (typeof header !== "string" || header.length > maxHeaderLength) {
    throw new MalformedReceiptError(`the header is not a text of at most ${maxHeaderLength} characters`);
  }
  const text = decodeBase64urlText(header);
  if (text === undefined) throw new MalformedReceiptError("the header is not base64url of a text");
  return parseReceiptJson(text);
}

/**
 * Reads a receipt's JSON, such as a stream's event carries.
 * @throws {@link MalformedReceiptError}
 */
export function parseReceiptJson(text: string): Receipt {
  const fields = fieldsOf(parseJson(text), "receipt", (reason) => new MalformedReceiptError(reason));
  fields.word("method", ["evm"]);
  fields.word("intent", ["session"]);
  fields.word("status", ["success"]);
  const channelId = fields.hex("channelId", 32);
  if (fields.hex("reference", 32) !== channelId) throw new MalformedReceiptError("reference is not the channelId");
  const time = fields.text("timestamp", { maxLength: 64 });
  if (timestamp(time) === undefined) throw new MalformedReceiptError("timestamp is not an RFC 3339 time");
  return {
    challengeId: fields.text("challengeId"),
    channelId,
    chainId: fields.integer("chainId"),
    acceptedCumulative: fields.amount("acceptedCumulative"),
    spent: fields.amount("spent"),
    timestamp: time,
    ...fields.optional("units", fields.integer),
    ...fields.optional("txHash", (name) => fields.hex(name, 32)),
    ...fields.optional("confirmations", fields.integer),
  };
}

/** A receipt is not what the draft defines. */
export class MalformedReceiptError extends FarthingError {
  override readonly name = "MalformedReceiptError";
  constructor(reason: string) {
    super("malformed-receipt", `The payment receipt was refused: ${reason}. Do not count this response as paid for.`);
  }
}
