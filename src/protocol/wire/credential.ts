import { FarthingError } from "../errors.ts";
import { decodeBase64urlText, encodeBase64url } from "./base64url.ts";
import { type Challenge, MalformedChallengeError, readChallenge } from "./challenge.ts";
import { type Fields, fieldsOf } from "./fields.ts";
import { canonicalJson, maxHeaderLength, parseJson } from "./json.ts";
import {
  type OpenByAuthorization,
  type Payload,
  readPayload,
  type TickPayload,
  type VoucherPayload,
  writePayload,
} from "./payload.ts";
import { formatSource, parseSource, type Source } from "./source.ts";

/**
 * What a client sends in `Authorization`: the challenge that it answers and the proof. Whoever only names a transaction's hash also
 * says who it is. Source: draft-evm-session-00, "Credential Schema".
 */
export type Credential =
  | {
      readonly challenge: Challenge;
      readonly source?: Source;
      readonly payload: OpenByAuthorization | VoucherPayload | TickPayload;
    }
  | { readonly challenge: Challenge; readonly source: Source; readonly payload: Extract<Payload, { type: "hash" }> };

/** The value of an `Authorization` header. It carries signatures, which are money: never log it. */
export function formatCredential(credential: Credential): string {
  const { challenge, source, payload } = credential;
  const { id, realm, method, intent, encodedRequest, expires, digest, opaque, description } = challenge;
  const text = canonicalJson({
    challenge: { id, realm, method, intent, request: encodedRequest, expires, digest, opaque, description },
    source: source === undefined ? undefined : formatSource(source),
    payload: writePayload(payload),
  });
  return `Payment ${encodeBase64url(text)}`;
}

/**
 * Reads an `Authorization` header. What it returns is well-formed and no more: whether the challenge is the server's own is for
 * `verifyChallenge`, whether the signature is the payer's for a `Verifier`.
 * @throws {@link MalformedCredentialError} for what is not of the draft's form, before decoding when it is above 16 KiB.
 * @throws {@link UnsupportedCredentialError} for relayed top-ups, Permit2 and merged deposits.
 */
export function parseCredential(header: string): Credential {
  if (typeof header !== "string") throw new MalformedCredentialError("the header is not a text");
  if (header.length > maxHeaderLength) {
    throw new MalformedCredentialError(`the header is longer than ${maxHeaderLength} characters`);
  }
  const match = /^payment +([A-Za-z0-9_-]+)$/i.exec(header);
  if (!match) throw new MalformedCredentialError("the header is not one Payment credential");
  const text = decodeBase64urlText(match[1] ?? "");
  if (text === undefined) throw new MalformedCredentialError("the header is not base64url of a text");
  const malformed = (reason: string) => new MalformedCredentialError(reason);
  const fields = fieldsOf(parseJson(text), "credential", malformed);
  const echo = fields.object("challenge");
  const challenge = echoedChallenge(echo);
  const payload = readPayload(fields.object("payload"));
  const source = fields.has("source") ? parseSource(fields.text("source")) : undefined;
  if (source && source.chainId !== challenge.request.methodDetails.chainId) {
    throw new MalformedCredentialError("source is on another chain than the challenge");
  }
  if ("type" in payload && payload.type === "hash") {
    if (!source)
      throw new MalformedCredentialError("source is missing or not of the form did:pkh:eip155:CHAIN:ADDRESS");
    return { challenge, source, payload };
  }
  return { challenge, ...(source ? { source } : {}), payload };
}

function echoedChallenge(echo: Fields): Challenge {
  try {
    return readChallenge((name) => (echo.has(name) ? echo.text(name) : undefined));
  } catch (error) {
    if (!(error instanceof MalformedChallengeError)) throw error;
    throw new MalformedCredentialError("the challenge that it echoes is malformed", { cause: error });
  }
}

/** Whether an `Authorization` value is of our scheme, whatever else is right or wrong with it. */
export function isPaymentCredential(header: string): boolean {
  return /^payment(?: |$)/i.test(header);
}

/** A credential is not what the draft defines. */
export class MalformedCredentialError extends FarthingError {
  override readonly name = "MalformedCredentialError";
  constructor(reason: string, options?: ErrorOptions) {
    super("malformed-credential", `The payment credential was refused: ${reason}. Answer a fresh challenge.`, options);
  }
}
