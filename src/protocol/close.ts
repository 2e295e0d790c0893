import type { Hex } from "viem";
import type { Escrow } from "./channel.ts";
import type { Signer } from "./signer.ts";
import { messageDigest, signMessage, word } from "./typedData.ts";

/** A payer's, or its signer's, wish to leave a channel that holds exactly `deposit`: a top-up voids it. */
export type CloseRequestMessage = {
  channelId: Hex;
  /** Base units. */
  deposit: bigint;
};

/** A payee's consent to close at `cumulativeAmount`. */
export type CloseAuthorizationMessage = {
  channelId: Hex;
  /** Base units. */
  cumulativeAmount: bigint;
  /** Unix seconds of block time, inclusive. */
  deadline: bigint;
};

/** The digest of a `CloseRequest`. Equal to viem's `hashTypedData`. */
export function closeRequestDigest(request: CloseRequestMessage, escrow: Escrow): Hex {
  return messageDigest("CloseRequest", [request.channelId, word(request.deposit)], escrow);
}

/** The digest of a `CloseAuthorization`. Equal to viem's `hashTypedData`. */
export function closeAuthorizationDigest(authorization: CloseAuthorizationMessage, escrow: Escrow): Hex {
  const { channelId, cumulativeAmount, deadline } = authorization;
  return messageDigest("CloseAuthorization", [channelId, word(cumulativeAmount), word(deadline)], escrow);
}

/** Signs a wish to leave: anyone may submit it for a payer without gas. 65 bytes. */
export function signCloseRequest(signer: Signer, request: CloseRequestMessage, escrow: Escrow): Promise<Hex> {
  const { channelId, deposit } = request;
  const digest = closeRequestDigest(request, escrow);
  return signMessage(signer, "CloseRequest", { channelId, deposit }, digest, escrow);
}

/** Signs a payee's consent to close. The payee must accept nothing more on the channel. 65 bytes. */
export function signCloseAuthorization(
  signer: Signer,
  authorization: CloseAuthorizationMessage,
  escrow: Escrow,
): Promise<Hex> {
  const { channelId, cumulativeAmount, deadline } = authorization;
  const digest = closeAuthorizationDigest(authorization, escrow);
  return signMessage(signer, "CloseAuthorization", { channelId, cumulativeAmount, deadline }, digest, escrow);
}
