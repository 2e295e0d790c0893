import { authorizationNonce } from "../authorization.ts";
import { type Channel, channelId } from "../channel.ts";
import { type Credential, MalformedCredentialError } from "./credential.ts";
import type { OpenByAuthorization, OpenByHash } from "./payload.ts";
import { requestedEscrow } from "./sessionRequest.ts";

/** A credential that opens a channel. */
export type OpenCredential = Credential & { readonly payload: OpenByHash | OpenByAuthorization };

/**
 * The channel that an `open` credential names, put together from its challenge, its payload and its payer.
 * @throws {@link MalformedCredentialError} when its id, escrow or EIP-3009 nonce is not that channel's, which the escrow would
 * refuse after the gas was paid.
 */
export function openedChannel(credential: OpenCredential): Channel {
  const { challenge, payload } = credential;
  const escrow = requestedEscrow(challenge.request);
  const payer = payload.type === "authorization" ? payload.authorization.from : credential.source?.address;
  if (!payer) throw new MalformedCredentialError("source is missing");
  const channel: Channel = {
    payer,
    payee: challenge.request.recipient,
    token: challenge.request.currency,
    salt: payload.salt,
    authorizedSigner: payload.authorizedSigner,
  };
  if (channelId(channel, escrow) !== payload.channelId) {
    throw new MalformedCredentialError("payload.channelId is not the id of the channel that it describes");
  }
  if (payload.type === "authorization") {
    if (payload.authorization.to !== escrow.address) {
      throw new MalformedCredentialError("payload.authorization.to is not the escrow of the challenge");
    }
    if (payload.authorization.nonce !== authorizationNonce(channel)) {
      throw new MalformedCredentialError("payload.authorization.nonce does not bind the channel");
    }
  }
  return channel;
}
