import type { Address, Hex } from "viem";
import { formatAmount } from "../amount.ts";
import type { Escrow } from "../channel.ts";
import { decodeBase64urlText, encodeBase64url } from "./base64url.ts";
import { fieldsOf, type Malformed } from "./fields.ts";
import { canonicalJson, parseJson } from "./json.ts";

/**
 * What a challenge asks for, under the draft's own names. Amounts are base units of `currency`; addresses and ids are lower case.
 * Source: draft-evm-session-00, "Request Schema".
 */
export type SessionRequest = {
  /** Price of one unit of service. */
  readonly amount: bigint;
  /** What a unit is: `request`, `llm_token`, `byte`, … */
  readonly unitType?: string;
  /** What a new channel had best lock. A hint: it binds nobody. */
  readonly suggestedDeposit?: bigint;
  /** The token; the zero address is the chain's native coin. */
  readonly currency: Address;
  /** The payee. */
  readonly recipient: Address;
  readonly description?: string;
  /** The payee's own reference. */
  readonly externalId?: string;
  readonly methodDetails: {
    readonly chainId: number;
    readonly escrowContract: Address;
    /** A channel to resume. A hint. */
    readonly channelId?: Hex;
    /** Least increase between vouchers; 0 unless told. */
    readonly minVoucherDelta?: bigint;
    /** Whether the server submits opens and pays their gas; false unless told. */
    readonly feePayer?: boolean;
    /** How a channel may be opened, best first: `authorization`, `hash`, or what others may add; `["hash"]` unless told. */
    readonly credentialTypes?: readonly string[];
  };
};

/** A request in the form that it has in a challenge: canonical JSON in base64url. */
export function encodeSessionRequest(request: SessionRequest): string {
  const { amount, unitType, suggestedDeposit, currency, recipient, description, externalId, methodDetails } = request;
  const { chainId, escrowContract, channelId, minVoucherDelta, feePayer, credentialTypes } = methodDetails;
  return encodeBase64url(
    canonicalJson({
      amount: formatAmount(amount),
      unitType,
      suggestedDeposit: suggestedDeposit === undefined ? undefined : formatAmount(suggestedDeposit),
      currency: currency.toLowerCase(),
      recipient: recipient.toLowerCase(),
      description,
      externalId,
      methodDetails: {
        chainId,
        escrowContract: escrowContract.toLowerCase(),
        channelId: channelId?.toLowerCase(),
        minVoucherDelta: minVoucherDelta === undefined ? undefined : formatAmount(minVoucherDelta),
        feePayer,
        credentialTypes,
      },
    }),
  );
}

/**
 * Reads a request as it stands in a challenge. Unknown fields are ignored.
 * @throws what `malformed` makes, with the reason.
 */
export function decodeSessionRequest(encoded: string, malformed: Malformed): SessionRequest {
  const text = decodeBase64urlText(encoded);
  if (text === undefined) throw malformed("request is not base64url of a text");
  const fields = fieldsOf(parseJson(text), "request", malformed);
  const details = fields.object("methodDetails");
  const chainId = details.integer("chainId");
  if (chainId === 0) throw malformed("request.methodDetails.chainId is 0");
  return {
    amount: fields.amount("amount"),
    ...fields.optional("unitType", fields.text),
    ...fields.optional("suggestedDeposit", fields.amount),
    currency: fields.address("currency"),
    recipient: fields.address("recipient"),
    ...fields.optional("description", fields.text),
    ...fields.optional("externalId", fields.text),
    methodDetails: {
      chainId,
      escrowContract: details.address("escrowContract"),
      ...details.optional("channelId", (name) => details.hex(name, 32)),
      ...details.optional("minVoucherDelta", details.amount),
      ...details.optional("feePayer", details.boolean),
      ...details.optional("credentialTypes", details.texts),
    },
  };
}

/** The escrow that a request names: what a client compares with the one it pins. */
export function requestedEscrow(request: SessionRequest): Escrow {
  return { address: request.methodDetails.escrowContract, chainId: request.methodDetails.chainId };
}
